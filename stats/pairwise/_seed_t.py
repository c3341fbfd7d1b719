"""Welch's t test over training seeds: whether other training runs would say the same on these tasks."""

import numpy as np
from scipy.special import stdtr, stdtrit

from ..common.errors import InputError, UndefinedWarning, warn
from ..pairs import Pairs, check_level
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import RELATIVE, differences


def seed_t(scores: Scores, *, confidence_level: float = 0.95, control: str | None = None) -> PairwiseResult:
    """Compare the mean scores of every pair of models over training seeds, the tasks as they are.

    A test over tasks takes the trained models as given. This one takes the tasks as given and asks whether the
    training runs of two models differ by more than runs of one model do.

    Parameters
    ----------
    scores : Scores
        With ``seed_scores`` in ``cells``, as a long table with a ``seed`` column gives: the scores of each seed, in
        the same order of seeds on every task.
    confidence_level : float
    control : str, optional
        Compare only with this model, which is then b of every pair.

    Returns
    -------
    PairwiseResult
        ``difference`` is that of the means over tasks and seeds. The extra columns are ``seeds_a``, ``seeds_b`` and
        Welch's ``df``. A pair in which a model has one seed only, or that shares no task, has NaN.

    Raises
    ------
    InputError
        If the scores have no training seeds, or there are fewer than two models.

    Warns
    -----
    UndefinedWarning
        Where a pair has NaN.

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different population variances are
    involved. Biometrika 34, 28-35. Bouthillier, X. et al. (2021). Accounting for variance in machine learning
    benchmarks. MLSys 3.

    Examples
    --------
    Two seeds each, on one task .7 .8 and .4 .5: difference .3, variances .005, so t = .3 / sqrt(.005) and df = 2.

    >>> long = pd.DataFrame(
    ...     {"model": list("aabb"), "task": "x", "seed": [1, 2, 1, 2], "score": [.7, .8, .4, .5]}
    ... )
    >>> seed_t(Scores.from_frame(long)).to_frame()[["difference", "statistic", "df"]].to_numpy().round(4).tolist()
    [[0.3, 4.2426, 2.0]]
    """
    level = check_level(confidence_level, "confidence_level")
    scores = as_scores(scores)
    cells = scores.cells
    if cells is None or "seed_scores" not in cells:
        raise InputError("these scores have no training seeds: expected a long table with a 'seed' column")
    runs = {
        (str(t), str(m)): np.asarray(r, dtype=np.float64)
        for t, m, r in zip(cells["task"], cells["model"], cells["seed_scores"], strict=True)
    }
    pairs = Pairs.of(scores, control)
    found = np.full((len(pairs), 6), np.nan)
    n = np.zeros(len(pairs), dtype=np.int64)
    for i, (a, b) in enumerate(zip(pairs.first, pairs.second, strict=True)):
        x, y = pairs.models[a], pairs.models[b]
        shared = [t for t in scores.task_names if (t, x) in runs and (t, y) in runs]
        n[i] = len(shared)
        if shared:
            found[i] = _welch(_means([runs[t, x] for t in shared]), _means([runs[t, y] for t in shared]))
    difference, error, df, seeds_a, seeds_b, t = found.T
    if np.isnan(t).any():
        warn(
            f"{int(np.isnan(t).sum()):,} pair(s) lack a second seed of a model or a shared task: undefined",
            UndefinedWarning,
        )
    margin = stdtrit(df, (1 + level) / 2) * error
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "Welch t test over training seeds of the mean over tasks",
        low=difference - margin,
        high=difference + margin,
        statistic=t,
        pvalue=np.where(t == 0, 1.0, np.minimum(1.0, 2 * stdtr(df, -np.abs(t)))),
        confidence_level=level,
        extra={"seeds_a": seeds_a, "seeds_b": seeds_b, "df": df},
    )


def _means(of_tasks: list[Floats]) -> Floats:
    """Mean over tasks of every seed that all of them have, shape (n_seeds,)."""
    seeds = min(len(r) for r in of_tasks)
    return np.asarray(np.mean([r[:seeds] for r in of_tasks], axis=0))


def _welch(x: Floats, y: Floats) -> tuple[float, float, float, int, int, float]:
    """Difference, standard error, degrees of freedom, seeds of either, t."""
    difference = float(differences(x.mean(keepdims=True), y.mean(keepdims=True))[0])
    if min(len(x), len(y)) < 2:
        return difference, np.nan, np.nan, len(x), len(y), np.nan
    rounding = (RELATIVE * max(np.abs(x).max(), np.abs(y).max())) ** 2
    parts = [float(v.var(ddof=1)) / len(v) for v in (x, y)]
    parts = [0.0 if part <= rounding else part for part in parts]
    variance = sum(parts)
    if variance == 0:
        t = 0.0 if difference == 0 else float(np.copysign(np.inf, difference))
        return difference, 0.0, float(len(x) + len(y) - 2), len(x), len(y), t
    df = variance**2 / sum(part**2 / (len(v) - 1) for part, v in zip(parts, (x, y), strict=True))
    return difference, float(np.sqrt(variance)), df, len(x), len(y), difference / float(np.sqrt(variance))
