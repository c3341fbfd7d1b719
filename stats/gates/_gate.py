"""gate: whether a candidate may take the place of a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import InputError, said_in_result, unknown
from ..different_data import lacking, refuse
from ..levels import POPULATIONS
from ..pairs import check_level
from ..sample_checks import unproven_samples
from ..samples import Samples
from ..scores import Scores, as_scores
from ..stopped import refuse_stopped
from .checks import fitting_margin, margin_given, refuse_lacking_queries, same_samples, same_tasks
from .claims import Asked, as_claim, over_both, over_samples, over_tasks, skewed
from .flips import flips
from .result import Gate, Verdict

Source = Scores | Samples | pd.DataFrame
#: What the claim over everything is called.
EVERYTHING = "all tasks"
_METHODS = {
    "tasks": "studentized mean over tasks, joint sign flips about the margin",
    "samples": "stratified t over the samples of these tasks, variance no smaller than at the margin, Bonferroni over claims",
    "both": "t over tasks, training seeds and prompts, variances added (Banerjee), Bonferroni over claims",
}


@said_in_result
def gate(
    scores: Source | Mapping[str, Source],
    *,
    baseline: str,
    candidate: str,
    margin: float | None = None,
    level: str = "tasks",
    families: bool | Sequence[str] = False,
    margins: Mapping[str, float] | None = None,
    alpha: float = 0.05,
    groups: bool = True,
    n_resamples: int = 10_000,
    allow_different_data: bool = False,
    rng: int | np.random.Generator | None = 0,
) -> Gate:
    """Decide whether a candidate is not worse than a baseline by a margin: accept, reject, or say what would decide.

    Parameters
    ----------
    scores : Scores, Samples, DataFrame, or mapping of them
        Of both models. A mapping of metrics' names to scores: every metric is claimed.
    baseline, candidate : str
        Names of models.
    margin : float
        The loss of mean score that does not matter, in the scores' units (.005 is half a point on scores of 0 to 1). 0: the candidate must
        be better.
    level : {"tasks", "samples", "both"}
        What the verdict speaks about: other tasks like these; other samples of these same tasks (needs samples); other tasks with other
        training seeds and prompts. Samples of a single task are always compared by samples.
    families : bool or sequence of str
        Claim it within these task families too, or within every one (True).
    margins : mapping, optional
        Margins of single families or metrics, by their names.
    alpha : float
        All intervals hold together with probability 1 - alpha, so that at most alpha of gates give a wrong verdict.
    groups : bool
        Take tasks cut from one source as one unit (over tasks).
    n_resamples : int
        Random sign vectors where there are more than 14 units.
    allow_different_data : bool
        Pair what was scored on different data, too.
    rng : int, Generator or None
        Seed.

    Returns
    -------
    Gate

    Raises
    ------
    InputError
        If a model is not there, a margin is missing or on another scale than the scores, or one side has tasks or samples that the other
        lacks.

    Notes
    -----
    ACCEPT needs the simultaneous interval of candidate less baseline above -margin, for every claim; REJECT one interval below it. A gate
    is about mean scores, which is what is reported. Over tasks the test flips the signs of the units' differences from the margin, exact
    where these are symmetric about it; over samples it is a t test whose variance is no smaller than what the margin
    would bring from rare losses (Tango 1998).

    References
    ----------
    Tango, T. (1998). Equivalence test and confidence interval for the difference in proportions for the paired-sample design.
    Statistics in Medicine 17, 891-908. Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, section 2.3.

    Examples
    --------
    Eight tasks, better by .01 on each: of the 2^8 sign vectors only that of the differences and its opposite lie so far from the margin, p = 2 / 256.

    >>> frame = pd.DataFrame({"old": [.1, .2, .3, .4, .5, .6, .7, .8]}, index=list("stuvwxyz"))
    >>> print(gate(frame.assign(new=frame["old"] + .01), baseline="old", candidate="new", margin=.005))
    ACCEPT: new is better than old: +0.0100 [+0.0100, +0.0100] (95 % CI, 8 tasks)
    """
    if level not in POPULATIONS:
        raise unknown("level", level, POPULATIONS)
    whole = margin_given(margin)
    own = {name: margin_given(value) for name, value in (margins or {}).items()}
    alpha = check_level(alpha, "alpha")
    by_metric = dict(scores) if isinstance(scores, Mapping) else {"": scores}
    if not by_metric:
        raise InputError("no metric: expected scores, or a mapping of metrics' names to scores")
    asked: list[Asked] = []
    notes: list[str] = []
    for metric, given in by_metric.items():
        first, level, said = _two(given, baseline, candidate, level, allow=allow_different_data)
        notes += said
        asked += _claims(metric, first, families, whole, own)
    _refuse_unused(own, asked, by_metric)
    for a in asked:
        fitting_margin(a.margin, a.scores.values.ravel().tolist(), a.scope)
        if a.scores.n_tasks < 2 and level != "samples":
            raise InputError(
                f"{a.scope}: one task says nothing of others; take --level samples (level='samples'), or more tasks"
            )
    together = groups and len(np.unique(asked[0].scores.groups)) < asked[0].scores.n_tasks
    if level == "tasks":
        found = over_tasks(asked, alpha=alpha, groups=together, n_resamples=n_resamples, rng=rng)
    elif level == "both":
        found = over_both(asked, alpha=alpha, groups=together)
    else:
        found = over_samples(asked, alpha=alpha, rng=rng)
    claims = tuple(as_claim(a, f, level, alpha / len(asked)) for a, f in zip(asked, found, strict=True))
    verdicts = {c.verdict for c in claims}
    verdict: Verdict = "REJECT" if "REJECT" in verdicts else "ACCEPT" if verdicts == {"ACCEPT"} else "UNDECIDED"
    notes += filter(None, map(skewed, asked, found))
    changed, silent = pd.DataFrame(), list[str]()
    if level == "samples" and asked[0].samples is not None:
        changed, silent = flips(
            asked[0].samples, baseline, candidate, higher_is_better=asked[0].scores.higher_is_better
        )
    sizes = asked[0].scores.provenance.get("bytes_per_vector", {})
    return Gate(
        baseline,
        candidate,
        verdict,
        claims,
        alpha,
        _METHODS[level],
        changed,
        tuple(dict.fromkeys([*notes, *silent])),
        {m: sizes[m] for m in (baseline, candidate)} if {baseline, candidate} <= set(sizes) else {},
    )


def _two(given: Source, baseline: str, candidate: str, level: str, *, allow: bool) -> tuple[Asked, str, list[str]]:
    """The two models' scores, and samples where they are asked, with the level that these allow and what is to be said of them."""
    samples = given if isinstance(given, Samples) else None
    if samples is None:
        table = as_scores(given)
        if table.unit != "task":  # a table whose rows are samples themselves
            samples = _as_samples(table)
    if samples is not None and len(samples.tasks) == 1 and level == "tasks":
        level = "samples"
    if level == "samples":
        if samples is None:
            raise InputError(
                f"level='samples': these are scores of tasks, without samples of the candidate {candidate!r}; give the folder that "
                "`embsig run` wrote, or another tool's scores of every query or item"
            )
        if allow:
            samples = replace(samples, allow_different_data=True)
        samples = same_samples(samples, baseline, candidate)
    two = same_tasks(as_scores(given) if samples is None else samples.scores(), baseline, candidate)
    if two.two_directions:
        raise InputError(
            f"lower is better on {text.listing(two.two_directions, 3)} and higher on others: a mean over both says nothing; choose tasks "
            f"of one direction (--task '!{two.two_directions[0]}')"
        )
    refuse_stopped(two.provenance, two.models)
    refuse_lacking_queries(two.provenance, baseline, candidate)
    notes = [*refuse(two, allow=allow), *lacking(two), *unproven_samples(samples)]
    return Asked(EVERYTHING, 0.0, two, samples if level == "samples" else None), level, notes


def _as_samples(table: Scores) -> Samples:
    wide = table.table.rename_axis(index="sample").reset_index()
    rows = wide.melt("sample", var_name="model", value_name="score")
    return Samples.from_frame(rows, unit=table.unit, higher_is_better=table.higher_is_better)


def _claims(
    metric: str, everything: Asked, families: bool | Sequence[str], margin: float, margins: Mapping[str, float]
) -> list[Asked]:
    """The claim over everything, and one within every family that is asked for."""
    scores = everything.scores
    if families is True:
        counted = scores.tasks["family"].value_counts()
        names = [f for f in scores.families if counted[f] > 1 or everything.samples is not None]
    else:
        names = list(families or ())
    scopes: dict[str, Scores] = {EVERYTHING if scores.n_tasks > 1 else scores.task_names[0]: scores}
    scopes |= {name: scores.family(name) for name in names}
    if len(names) == 1 and scopes[names[0]].n_tasks == scores.n_tasks:
        scopes = {names[0]: scores}  # the family is everything: one claim
    return [
        Asked(
            f"{scope}, {metric}" if metric else scope,
            margins.get(scope, margins.get(metric, margin)),
            part,
            None if everything.samples is None else everything.samples.select(tasks=part.task_names),
        )
        for scope, part in scopes.items()
    ]


def _refuse_unused(margins: Mapping[str, float], asked: Sequence[Asked], metrics: Mapping[str, object]) -> None:
    known = [*dict.fromkeys([*(a.scope.partition(", ")[0] for a in asked), *filter(None, metrics)])]
    for name in margins:
        if name not in known:
            raise unknown("family or metric of a margin", name, known)
