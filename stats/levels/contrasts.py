"""One contrast of models over families of tasks, with other tasks of these families and other training seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..common.errors import InputError
from ..pairs import check_level
from ..results import Floats
from ..scores import Scores
from .combined import half_width, pvalues, welch


@dataclass(frozen=True)
class ContrastTest:
    """What is known of a contrast.

    Attributes
    ----------
    estimate, low, high, pvalue : float
    seed_share : float
        Of the variance, what training seeds make up.
    n_tasks : int
    by_family : dict
        Family -> mean of the models' contrast over its tasks.
    """

    estimate: float
    low: float
    high: float
    pvalue: float
    seed_share: float
    n_tasks: int
    by_family: dict[str, float]


def contrast_test(
    scores: Scores,
    models: Mapping[str, float],
    families: Mapping[str, float],
    *,
    confidence_level: float = 0.95,
    null: float = 0.0,
) -> ContrastTest:
    """Estimate a weighted sum of models' scores, averaged over each family's tasks and summed with the families' weights.

    With weights of models that sum to 0, families of weight 1 / F give the models' difference in these families, and families whose
    weights sum to 0 give how much larger it is in those of positive weight: an interaction.

    Parameters
    ----------
    scores : Scores
        Complete for these models and families; ``cells["seed_scores"]`` where models have several training seeds.
    models : mapping
        Model -> weight.
    families : mapping
        Family -> weight.
    confidence_level : float
    null : float
        The value of the contrast that the p-value is of: 0, or a margin that it is to be told apart from.

    Returns
    -------
    ContrastTest

    Raises
    ------
    InputError
        If a model or family is unknown, a family has a single task, or a score is missing.

    Notes
    -----
    Families are fixed, their tasks and the models' training seeds random. The tasks' part of the variance is the sum over families of
    w^2 s^2 / n, its degrees of freedom Welch's; the seeds' part the sum over models of the variance of their seeds' own weighted means,
    likewise. Both are added and the interval is Banerjee's, as in `crossed`, which this is for two models and one family.

    References
    ----------
    Banerjee, S. (1960). Sankhya 22, 357-358. Welch, B. L. (1947). Biometrika 34, 28-35.

    Examples
    --------
    Differences .1, .2, .3: t = .2 / (.1 / sqrt 3) = 3.4641 with 2 degrees of freedom, p = .0742.

    >>> tasks = pd.DataFrame({"family": ["STS"] * 3}, index=list("xyz"))
    >>> frame = pd.DataFrame({"a": [.5, .7, .6], "b": [.4, .5, .3]}, index=list("xyz"))
    >>> found = contrast_test(Scores(frame, tasks), {"a": 1, "b": -1}, {"STS": 1})
    >>> round(found.estimate, 4), round(found.pvalue, 4)
    (0.2, 0.0742)

    That it is .1: t = (.2 - .1) / (.1 / sqrt 3) = 1.7321, p = 1 - 1.7321 / sqrt(2 + 3) = .2254.

    >>> round(contrast_test(Scores(frame, tasks), {"a": 1, "b": -1}, {"STS": 1}, null=.1).pvalue, 4)
    0.2254
    """
    level = check_level(confidence_level, "confidence_level")
    unknown = [m for m in models if m not in scores.models] + [f for f in families if f not in scores.families]
    if unknown:
        raise InputError(f"{', '.join(unknown)}: no such model or family among the scores; expected names of theirs")
    labels = scores.tasks["family"].to_numpy()
    table = scores.table[list(models)].to_numpy()
    weights = np.array([float(w) for w in models.values()])
    of_task = np.zeros(len(labels))
    variances, freedom, means = [], [], {}
    for family, weight in families.items():
        here = labels == family
        n = int(here.sum())
        if n < 2:
            raise InputError(f"family {family} has {n} task: expected two or more, to see how its tasks vary")
        values = table[here] @ weights
        if np.isnan(values).any():
            raise InputError(f"a score of {', '.join(models)} is missing in family {family}: expected all of them")
        means[family] = float(values.mean())
        of_task[here] = weight / n
        variances.append(weight**2 * float(values.var(ddof=1)) / n)
        freedom.append(n - 1.0)
    estimate = float(of_task @ table @ weights)
    tasks, df_tasks = welch(np.array([variances]), np.array([freedom]))
    seeds, df_seeds = _of_seeds(scores, models, of_task)
    parts = np.array([[tasks[0], seeds]])
    df = np.array([[df_tasks[0], df_seeds]])
    half = float(half_width(parts, df, 1 - level)[0])
    pvalue = float(pvalues(np.array([estimate - null]), parts, df)[0])
    total = float(parts.sum())
    return ContrastTest(
        estimate, estimate - half, estimate + half, pvalue, seeds / total if total > 0 else 0.0, int((of_task != 0).sum()), means,
    )  # fmt: skip


def _of_seeds(scores: Scores, models: Mapping[str, float], of_task: Floats) -> tuple[float, float]:
    """Variance of the contrast by the models' own training seeds, and its degrees of freedom; 0 where no model has several."""
    cells = scores.cells
    if cells is None or "seed_scores" not in cells:
        return 0.0, 1.0
    place = {task: i for i, task in enumerate(scores.task_names)}
    variances, freedom, single = [], [], []
    for model, weight in models.items():
        rows = cells[cells["model"] == model]
        runs = [r for r in rows["seed_scores"] if isinstance(r, list | tuple | np.ndarray)]
        n = min((len(r) for r in runs), default=0)
        if n < 2:
            single.append(model)
            continue
        at = of_task[[place[task] for task in rows["task"]]]
        by_seed = at @ np.array([tuple(r)[:n] for r in runs], dtype=np.float64)
        variances.append(weight**2 * float(by_seed.var(ddof=1)) / n)
        freedom.append(n - 1.0)
    if single and variances:
        raise InputError(
            f"{', '.join(single)}: one training seed beside models of several, so that its share of chance is not known; expected two or more"
        )
    if not variances:
        return 0.0, 1.0
    total, df = welch(np.array([variances]), np.array([freedom]))
    return float(total[0]), float(df[0])
