"""What a gate refuses: names that are not there, a margin on another scale, items that only one side has."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..common import text
from ..common.errors import InputError, did_you_mean
from ..decisions.table import check_margin
from ..samples import Samples
from ..scores import Scores

#: No margin of fractions is this large, and none of points (0-100) this small: it would be the other scale's.
LARGEST_OF_FRACTIONS, SMALLEST_OF_POINTS = 0.2, 0.02
#: Above this scores are not fractions.
_ABOVE = 1.5


def margin_given(margin: float | None) -> float:
    """Return the margin, which has no default: what does not matter is the user's to say.

    Raises
    ------
    InputError
        If there is none, or it is not a finite number that is not negative.
    """
    if margin is None:
        raise InputError(
            "a gate needs a margin, the loss that does not matter, in the scores' units: --margin 0.005 on scores of 0 to 1 (margin=0.005), "
            "0.5 on scores of 0 to 100"
        )
    return check_margin(margin)


def fitting_margin(margin: float, scores: Iterable[float], scope: str) -> None:
    """Raise InputError where the margin is on another scale than the scores.

    Parameters
    ----------
    margin : float
    scores : iterable of float
        Of both models.
    scope : str
        Of what.

    Examples
    --------
    >>> fitting_margin(.5, [.61, .73], "all tasks")
    Traceback (most recent call last):
    ...
    stats.common.errors.InputError: margin=0.5 on scores of 0 to 1 (all tasks, largest 0.73): on another scale; half a point is 0.005
    """
    largest = max((abs(s) for s in scores if math.isfinite(s)), default=0.0)
    if largest <= 1 and margin >= LARGEST_OF_FRACTIONS:
        raise InputError(
            f"margin={margin:g} on scores of 0 to 1 ({scope}, largest {largest:.4g}): on another scale; "
            + (
                "half a point is 0.005"
                if margin == 0.5
                else f"expected less than {LARGEST_OF_FRACTIONS:g}, such as {margin / 100:g}"
            )
        )
    if largest > _ABOVE and 0 < margin < SMALLEST_OF_POINTS:
        raise InputError(
            f"margin={margin:g} on scores that are no fractions ({scope}, largest {largest:.4g}): on another scale; expected "
            f"{SMALLEST_OF_POINTS:g} or more, such as {100 * margin:g}"
        )


def both_there(names: Sequence[str], baseline: str, candidate: str, what: str = "scores") -> None:
    """Raise InputError unless the two models are there, and are two."""
    if baseline == candidate:
        raise InputError(
            f"baseline and candidate are both {baseline!r}: expected two models; to compare runs of one, name them apart"
        )
    for role, name in (("baseline", baseline), ("candidate", candidate)):
        if name not in names:
            there = text.listing(list(names), 6)
            are = "is only" if len(names) == 1 else "are"
            raise InputError(f"no {what} of the {role} {name!r}: there {are} {there}{did_you_mean(name, names)}")


def same_tasks(scores: Scores, baseline: str, candidate: str) -> Scores:
    """The two models' scores on the tasks that both have.

    Raises
    ------
    InputError
        If one has a task that the other lacks: what is left out could be what got worse.
    """
    both_there(scores.models, baseline, candidate)
    two = scores.select(models=[candidate, baseline])
    two = replace(two, table=two.table[[candidate, baseline]])  # in this order, whatever the table's
    has = two.table.notna()
    two = two.select(tasks=[t for t, some in zip(two.task_names, has.any(axis=1), strict=True) if some])
    for lacks, other in ((candidate, baseline), (baseline, candidate)):
        absent = [t for t, here in zip(two.task_names, two.table[lacks].notna(), strict=True) if not here]
        if absent:
            _differ(absent, lacks, other, two.unit, two.n_tasks)
    return two


def same_samples(samples: Samples, baseline: str, candidate: str) -> Samples:
    """The two models' samples on the tasks that both have.

    Raises
    ------
    InputError
        If one has no samples, or a task that the other lacks.
    """
    both_there(samples.models, baseline, candidate, "samples")
    two = samples.select(models=[candidate, baseline])
    for lacks, other in ((candidate, baseline), (baseline, candidate)):
        absent = [t for t, of in two.files.items() if lacks not in of]
        if absent:
            _differ(absent, lacks, other, "task", len(two.tasks))
    return two


def refuse_lacking_queries(provenance: Mapping[str, Any], baseline: str, candidate: str) -> None:
    """Raise InputError where one of two TREC runs lacks judged queries that the other has, and nobody said what they count.

    Parameters
    ----------
    provenance : mapping
        ``lacking_queries``: the queries that a run lacks, by model.
    baseline, candidate : str
    """
    lacking = provenance.get("lacking_queries") or {}
    one, other = (set(lacking.get(name, ())) for name in (baseline, candidate))
    if one != other:
        name, absent = (candidate, other - one) if other - one else (baseline, one - other)
        than = baseline if name == candidate else candidate
        raise InputError(
            f"{name!r} lacks {text.count(len(absent), 'judged query')} that {than!r} has ({text.listing(sorted(absent), 3)}): expected the same on both "
            "sides; search for them too, leave them out (--missing-queries drop), or count them 0 (--missing-queries zero)"
        )


def _differ(absent: list[str], lacks: str, other: str, unit: str, n: int) -> None:
    raise InputError(
        f"{lacks!r} lacks {text.count(len(absent), unit)} of the {n:,} that {other!r} has ({text.listing(absent, 3)}): expected the same "
        f"on both sides; evaluate it on them, or leave them out (--task '!{absent[0]}')"
    )
