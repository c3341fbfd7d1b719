"""From the numbers of an analysis to a Comparison."""

from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd
import scipy

from ..auditing._audit import audit
from ..common.units import in_units
from ..coverage import Coverage
from ..different_data import clause
from ..levels import POPULATIONS
from ..scores import Scores
from .analysis import Analysis, analyse
from .comparison import Comparison
from .deciding import Decided
from .finding import GROUPS, Findings
from .method import Method, facts_of
from .omnibus import omnibus_tests
from .options import Options
from .selection import only_shown
from .sentences.conclusions import conclude
from .sentences.limits import is_binary, remark


def assemble(
    scores: Scores,
    options: Options,
    missing: str,
    decided: Decided,
    families: dict[str, Comparison] | None = None,
    notes: list[str] | None = None,
    further: Findings | None = None,
    *,
    shown: list[str] | None = None,
    audited: bool = False,
    coverage: Coverage | None = None,
) -> Comparison:
    """Put the decisions about all tasks or a family together with ranks, omnibus tests, groups, sentences and warnings.

    Parameters
    ----------
    scores : Scores
        The pool that was analysed, models in rank order.
    decided : Decided
        Of these scores.
    shown : list of str, optional
        The models that are shown; ranks, sets and decisions are those of the pool all the same.
    coverage : Coverage, optional
        Of all tasks together.
    """
    numbers = analyse(scores, options, decided)
    omnibus, n_complete = omnibus_tests(scores)
    decisions = decided.decisions
    names = scores.models if shown is None else [m for m in scores.models if m in set(shown)]
    view, ranks, pairs = only_shown(scores, numbers, names)
    best = set(decisions.top_set())
    found = Comparison(
        method=_method(numbers, options, missing, scores.unit),
        scores=view,
        excluded=view.excluded,
        omnibus=omnibus,
        nemenyi_critical_difference=numbers.critical["nemenyi"],
        ranks=ranks,
        pairs=pairs,
        cliques=decisions.cliques(names),
        uncovered_pairs=decisions.uncovered_pairs(names),
        conclusions=[],
        warnings=[],
        smallest_pvalue=numbers.smallest_pvalue,
        control=options.control,
        families=families or {},
        audit=audit(scores) if audited else None,
        further=further or {group: {} for group in GROUPS},
        provenance={**scores.provenance, "scores_sha256": scores.sha256, "software": _software()},
        n_pool=scores.n_models,
        top_set=[m for m in scores.models if m in best],
        powerless=decisions.powerless,
        coverage=coverage,
    )
    warnings = [*remark(found, options, n_complete), *numbers.notes, *(notes or [])]
    concluded = conclude(found)
    if options.test in ("wilcoxon", "sign") and is_binary(scores) and not options.groups:
        concluded.append("Every score is 0 or 1: between two models this is McNemar's exact test.")
    if different := clause(scores):
        concluded = [f"{sentence} {different}" for sentence in concluded]
    said = [[in_units(text, scores.unit, scores.models) for text in texts] for texts in (concluded, warnings)]
    return replace(found, conclusions=said[0], warnings=said[1])


def _method(numbers: Analysis, options: Options, missing: str, unit: str) -> Method:
    facts = facts_of(options.test)
    return Method(
        test=options.test,
        correction=numbers.correction,
        alpha=options.alpha,
        confidence_level=options.confidence_level,
        level=options.level,
        population=in_units(POPULATIONS[options.level], unit),
        resamples=options.n_resamples,
        seed=options.seed,
        test_name=numbers.test_name,
        zero_method=options.zero_method if options.test == "wilcoxon" else None,
        rope=None if facts.has_pvalues else options.rope,
        alternative=options.alternative,
        interval=numbers.interval,
        effect_size="matched-pairs rank-biserial correlation",
        rank_set=numbers.rank_set,
        statistic=options.statistic,
        groups=bool(options.groups),
        missing=missing,
        smallest_adjusted_pvalue=numbers.smallest_adjusted_pvalue,
        bonferroni_dunn_critical_difference=numbers.critical.get("bonferroni_dunn"),
        estimand=facts.estimand,
        units=numbers.units,
        n_units=numbers.n_units,
        families=options.families,
        margin=options.margin,
    )


def _software() -> dict[str, str]:
    """What computes: of the numerical packages what is loaded, which says it at once."""
    return {"embsig": _version(), "numpy": np.__version__, "scipy": scipy.__version__, "pandas": pd.__version__}


@cache
def _version() -> str:
    """What is installed; looked up once, not for every family of every comparison."""
    try:
        return version("embsig")
    except PackageNotFoundError:  # run from a tree that is not installed
        return "unknown"
