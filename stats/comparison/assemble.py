"""From the numbers of an analysis to a Comparison."""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..auditing._audit import audit
from ..common.units import in_units
from ..levels import POPULATIONS
from ..ranking import cliques, uncovered_pairs
from ..scores import Scores
from .analysis import Analysis, analyse
from .comparison import Comparison
from .finding import GROUPS, Findings
from .method import Method, facts_of
from .omnibus import omnibus_tests
from .options import Options
from .selection import in_rank_order
from .sentences.conclusions import conclude
from .sentences.limits import is_binary, remark


def assemble(
    scores: Scores,
    options: Options,
    missing: str,
    families: dict[str, Comparison] | None = None,
    notes: list[str] | None = None,
    further: Findings | None = None,
    *,
    audited: bool = False,
) -> Comparison:
    """Analyse all tasks or a family, with the omnibus tests, groups, sentences and warnings."""
    scores = in_rank_order(scores)
    numbers = analyse(scores, options)
    omnibus, n_complete = omnibus_tests(scores)
    apart = _apart(scores.models, numbers.pairs)
    all_pairs = options.control is None
    found = Comparison(
        method=_method(numbers, options, missing, scores.unit),
        scores=scores,
        excluded=scores.excluded,
        omnibus=omnibus,
        nemenyi_critical_difference=numbers.critical["nemenyi"],
        ranks=numbers.ranks,
        pairs=numbers.pairs,
        cliques=cliques(scores.models, apart) if all_pairs else [],
        uncovered_pairs=uncovered_pairs(scores.models, apart) if all_pairs else [],
        conclusions=[],
        warnings=[],
        smallest_pvalue=numbers.smallest_pvalue,
        control=options.control,
        families=families or {},
        audit=audit(scores) if audited else None,
        further=further or {group: {} for group in GROUPS},
        provenance={**scores.provenance, "scores_sha256": scores.sha256, "software": _software()},
    )
    warnings = [*remark(found, options, n_complete), *numbers.notes, *(notes or [])]
    concluded = conclude(found)
    if options.test in ("wilcoxon", "sign") and is_binary(scores):
        concluded.append("Every score is 0 or 1: between two models this is McNemar's exact test.")
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
    )


def _apart(models: list[str], pairs: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which pairs of models differ significantly, shape (k, k)."""
    place = {m: i for i, m in enumerate(models)}
    first, second = (pairs[column].map(place).to_numpy(dtype=np.intp) for column in ("model_a", "model_b"))
    matrix = np.zeros((len(models), len(models)), dtype=bool)
    matrix[first, second] = matrix[second, first] = pairs["significant"].to_numpy(dtype=bool)
    return matrix


def _software() -> dict[str, str]:
    found = {}
    for package in ("embsig", "numpy", "scipy", "pandas"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a tree that is not installed
            found[package] = "unknown"
    return found
