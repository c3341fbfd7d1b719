"""What a leaderboard's reader asks beside who is first: the incomplete, a new task, other rules, clean tasks, the smallest that is not worse."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import InputError
from ..coverage import Coverage, clean_comparison
from ..decisions import Decisions
from ..prediction import predict_missing, predict_new_task
from ..robustness import rank_robustness
from ..scores import Scores
from .comparison import Comparison
from .cost import COST_WORDS, frontier_of
from .finding import Finding

#: Tasks that a rank on a further one is predicted from at least, at the level of `_NEW_TASK_LEVEL`.
_NEW_TASK_LEVEL = 0.8


#: Sizes of models, the one that is spoken of first: what must be kept in memory; then what a text passes through.
SIZES = ("n_parameters", "n_active_parameters")
#: Of a run that cut and rounded the vectors of its models, what the source says of them.
VECTORS = "bytes_per_vector"


#: Tasks that a new one is like, or some models' scores on it.
Like = Sequence[str] | Mapping[str, float] | None


def with_leaderboard(
    found: Comparison,
    given: Scores,
    coverage: Coverage,
    decisions: Decisions,
    *,
    details: bool,
    clean: bool,
    cards: pd.DataFrame | None,
    like: Like = None,
) -> Comparison:
    """Add what was asked for and what these scores allow; what they do not allow is left out, and said where it was asked for by name.

    Everything is read from the whole pool that was analysed, of which the comparison may show a part.
    """
    if given.unit != "task":
        return found
    added: dict[str, dict[str, Finding]] = {}
    notes = []
    for group, name, make, asked in _wanted(
        found, given, coverage, decisions, details=details, clean=clean, cards=cards, like=like
    ):
        try:
            added.setdefault(group, {})[name] = make()
        except InputError as error:
            if asked:
                notes.append(f"{name.replace('_', ' ').capitalize()} is left out: {error}.")
    if not added and not notes:
        return found
    further = {group: {**named, **added.get(group, {})} for group, named in found.further.items()}
    said = [f.text for group in ("cost", "clean") for f in list(added.get(group, {}).values())[:1] if f.text]
    return replace(found, further=further, conclusions=[*found.conclusions, *said], warnings=[*found.warnings, *notes])


_Job = tuple[str, str, Callable[[], Finding], bool]


def _wanted(
    found: Comparison,
    given: Scores,
    coverage: Coverage,
    decisions: Decisions,
    *,
    details: bool,
    clean: bool,
    cards: pd.DataFrame | None,
    like: Like = None,
) -> Iterator[_Job]:
    """Group, name, maker, and whether it was asked for by name."""
    if (sizes := coverage.scores.provenance.get(VECTORS)) and found.control is None:
        yield "cost", VECTORS, partial(_frontier, coverage.scores, decisions, pd.Series(sizes, name=VECTORS)), False
    if cards is not None and found.control is None:
        for column in SIZES:
            if column in cards and cards[column].reindex(coverage.scores.models).notna().any():
                yield "cost", column, partial(_frontier, coverage.scores, decisions, cards[column]), False
    if clean:
        yield "clean", "clean_tasks", partial(_clean, coverage.scores, found), True
    if details or like:
        yield "prediction", "new_task", partial(_new_task, coverage.scores, like), bool(like)
    if details:
        if coverage.models_used < coverage.models_seen:
            asked = given.select(tasks=coverage.scores.task_names)
            yield "prediction", "incomplete_models", partial(_incomplete, asked, found), False
        yield "robustness", "rules", partial(_rules, coverage.scores), False


def _frontier(pool: Scores, decisions: Decisions, cost: "pd.Series[float]") -> Finding:
    names = np.asarray(decisions.models)
    first, second = names[decisions.first], names[decisions.second]
    sure, ahead = decisions.decided, decisions.ahead
    better = {
        (str(a), str(b)) if up else (str(b), str(a))
        for a, b, up in zip(first[sure], second[sure], ahead[sure], strict=True)
    }
    result = frontier_of(
        pool.table.mean(axis=0), cost, decisions.top_set(), better, higher_is_better=pool.higher_is_better
    )
    return Finding(
        "Quality against active size"
        if "active" in result.cost
        else "Quality against the size of a vector"
        if result.cost == VECTORS
        else "Quality against size",
        f"frontier of mean score against {COST_WORDS.get(result.cost, result.cost)}; dominated only where a model as small is surely better",
        "dimensions and precisions of the run" if result.cost == VECTORS else "model cards of mteb's registry",
        pool.n_tasks,
        result.models,
        text=" ".join(result.sentences()),
    )


def _clean(scores: Scores, found: Comparison) -> Finding:
    result = clean_comparison(
        scores, alpha=found.method.alpha, n_resamples=found.method.resamples, rng=found.method.seed
    ).among([str(m) for m in found.ranks["model"]])
    return Finding(
        "Clean tasks",
        result.method,
        "training data as mteb's registry has them; Sainz et al. (2023) on why",
        result.n_tasks,
        result.pairs,
        text=" ".join(result.sentences()),
    )


def _incomplete(asked: Scores, found: Comparison) -> Finding:
    result = predict_missing(asked, confidence_level=found.method.confidence_level, rng=found.method.seed)
    counts = result.models["status"].value_counts()
    return Finding(
        "Incomplete models",
        result.method,
        "split conformal prediction (Lei et al. 2018); docs/coverage.md",
        asked.n_tasks,
        result.models,
        text=(
            f"{text.count(int(counts.get('provisional', 0)), 'model')} that {'lacks' if counts.get('provisional', 0) == 1 else 'lack'} up to half of the tasks "
            f"{'is' if counts.get('provisional', 0) == 1 else 'are'} ranked with predicted scores; {text.count(int(counts.get('unranked', 0)), 'model')} with fewer "
            f"{'is' if counts.get('unranked', 0) == 1 else 'are'} unranked."
        ),
        warnings=("A model's missing tasks may be those on which it does badly: worst_low is its lower end then.",),
    )


def _new_task(scores: Scores, like: Like) -> Finding:
    others: list[str] = []
    if isinstance(like, Mapping):  # scores of models that are not compared say nothing of those that are
        others = [m for m in like if m not in set(scores.models)]
        like = {m: v for m, v in like.items() if m not in others}
    try:
        result = predict_new_task(scores, like=like, confidence_level=_NEW_TASK_LEVEL)
    except InputError as error:
        raise InputError(f"{error}; {_not_compared(others)}" if others else str(error)) from error
    return Finding(
        "A new task",
        result.method,
        "prediction by order statistics (Vovk et al. 2005); docs/coverage.md",
        result.n_tasks,
        result.models,
        values={"confidence_level": result.confidence_level},
        text=str(result),
        warnings=(f"{_not_compared(others)}.",) if others else (),
    )


def _not_compared(models: list[str]) -> str:
    said = f"{text.listing(models, 3)} {'is' if len(models) == 1 else 'are'} not among the models compared"
    return f"{said}: what {'it' if len(models) == 1 else 'they'} scored on the new task is not used"


def _rules(scores: Scores) -> Finding:
    result = rank_robustness(scores)
    return Finding(
        "Rules of aggregation",
        "first place under every rule, and the exact least number of tasks whose removal changes it",
        "specification curve (Simonsohn et al. 2020); finite-sample robustness (Broderick et al. 2020)",
        result.n_tasks,
        result.rules,
        text=" ".join(result.sentences()),
    )
