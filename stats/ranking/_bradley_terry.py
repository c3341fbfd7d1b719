"""Bradley and Terry's model with Davidson's ties: abilities from who beats whom on how many tasks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import differences
from ._rank_confidence import RankConfidence

#: With fewer tasks the sandwich covariance is too small (docs/validity.md).
FEW_TASKS = 20


@dataclass(frozen=True, eq=False)
class BradleyTerryResult:
    """Bradley-Terry abilities; arrays have shape (n_models,), in the order of `models`.

    Attributes
    ----------
    models : tuple of str
    ability : ndarray
        Log abilities, with mean 0.
    low, high : ndarray
        Interval of each ability by itself.
    tie : float
        Davidson's nu: two equal models tie with probability nu / (2 + nu).
    covariance : ndarray, shape (n_models, n_models)
        Of the abilities, tasks being the independent units.
    ranks : RankConfidence
        Simultaneous confidence sets for the ranks by ability.
    confidence_level : float
    n_tasks : int
    method : str
    warnings : tuple of str
        Known limits of the method on so few tasks.
    """

    models: tuple[str, ...]
    ability: Floats
    low: Floats
    high: Floats
    tie: float
    covariance: Floats
    ranks: RankConfidence
    confidence_level: float
    n_tasks: int
    method: str
    warnings: tuple[str, ...] = ()

    def probability(self, model_a: str, model_b: str) -> tuple[float, float, float]:
        """How probable it is that a wins, ties, loses on a task."""
        a, b = (self.ability[self.models.index(m)] for m in (model_a, model_b))
        parts = np.array([np.exp((a - b) / 2), self.tie, np.exp((b - a) / 2)])
        win, tie, loss = parts / parts.sum()
        return float(win), float(tie), float(loss)

    def to_frame(self) -> pd.DataFrame:
        """One row per model, best first: ``model, ability, low, high, rank, rank_low, rank_high, in_top_set``."""
        own = pd.DataFrame({"model": self.models, "ability": self.ability, "low": self.low, "high": self.high})
        return (
            self.ranks.to_frame()
            .drop(columns="estimate")
            .merge(own, on="model")[["model", "ability", "low", "high", "rank", "rank_low", "rank_high", "in_top_set"]]
        )

    def confidence_interval(self) -> pd.DataFrame:
        """``model, low, high``, best first."""
        return self.to_frame()[["model", "low", "high"]]

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([f"{self.method}, {self.n_tasks:,} tasks."], self.to_frame(), warnings=self.warnings)


@same_bits_on_any_cores
def bradley_terry(
    scores: Scores | pd.DataFrame,
    *,
    prior: float = 0.0,
    confidence_level: float = 0.95,
    n_resamples: int = 10_000,
    rng: int | np.random.Generator | None = None,
) -> BradleyTerryResult:
    """Abilities of models from wins, ties and losses on tasks, by maximum likelihood.

    On a task, a beats b with probability p_a / (p_a + p_b + nu sqrt(p_a p_b)), where log p is a model's ability, and
    ties with it with probability nu sqrt(p_a p_b) / (the same). All pairs of models on a task are counted, so
    pairs are not independent; standard errors take the task as the unit.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN is a missing score, and its pairs are not counted.
    prior : float
        So many wins each way are added to every pair of models. 0 is maximum likelihood; a small number
        such as 0.1 keeps abilities finite where a model wins or loses everything.
    confidence_level : float
    n_resamples : int
        Draws of the multiplier bootstrap behind the rank sets.
    rng : int, Generator or None

    Returns
    -------
    BradleyTerryResult

    Raises
    ------
    InputError
        With fewer than two models or two tasks, if all tie everywhere, or if the models fall into two groups of which one always wins (or
        that never meet), so that abilities are infinite.

    Notes
    -----
    The covariance is the sandwich H^-1 (sum_t u_t u_t') H^-1 T / (T - 1) with u_t the score vector of a task. The
    joint distribution of all differences comes from multiplying the u_t by normal draws; a model's rank set runs from
    1 + the number of models surely better to k - the number surely worse (Mogstad et al. 2024). Both are for many
    tasks; below about 20 they are too narrow, and `rank_confidence` is the better answer.

    References
    ----------
    Bradley, R. A. and Terry, M. E. (1952). Biometrika 39, 324-345. Davidson, R. R. (1970). On extending the
    Bradley-Terry model to accommodate ties. JASA 65, 317-328, equation 2.2. Mogstad et al. (2024), Review of Economic
    Studies 91, 476-518.

    Examples
    --------
    Of two models, a wins 3 of 4 tasks: the abilities differ by log 3, so they are -+ .5493.

    >>> frame = pd.DataFrame({"a": [2., 2, 2, 1], "b": [1., 1, 1, 2]}, index=list("wxyz"))
    >>> bradley_terry(frame, rng=0).ability.round(4).tolist()
    [0.5493, -0.5493]
    """
    level = check_level(confidence_level, "confidence_level")
    scores = as_scores(scores)
    k, n_tasks = scores.n_models, scores.n_tasks
    if k < 2 or n_tasks < 2:
        raise InputError(f"got {k} model(s) and {n_tasks} task(s): expected at least two of both")
    if not (np.isfinite(prior) and prior >= 0):
        raise InputError(f"prior={prior!r}: expected a number of wins, 0 or more")
    results = _results(scores)
    wins, ties = results.wins.sum(axis=0) + prior * (1 - np.eye(k)), results.ties.sum(axis=0)
    if not wins.any():
        raise InputError(
            "no model beats another on any task, so the model of ties has no maximum: give a prior, such as prior=0.1"
        )
    _check_finite(scores.models, wins, ties)
    fit = _Davidson(wins, ties)
    gradients = np.stack([fit.gradient_of(w, t) for w, t in zip(results.wins, results.ties, strict=True)])
    # At the maximum the tasks' gradients sum to zero but for the prior, which is not a task.
    gradients -= gradients.mean(axis=0)
    influence = gradients @ fit.inverse * np.sqrt(n_tasks / (n_tasks - 1))
    covariance = (influence.T @ influence)[:k, :k]
    error = np.sqrt(np.diag(covariance))
    half = float(ndtri((1 + level) / 2)) * error
    noise = np.random.default_rng(rng).standard_normal((n_resamples, n_tasks)) @ influence[:, :k]
    ranks = _rank_sets(tuple(scores.models), fit.ability, covariance, noise, level)
    few = f"From {n_tasks} tasks intervals and rank sets are too narrow; rank_confidence holds its level."
    return BradleyTerryResult(
        tuple(scores.models),
        fit.ability,
        fit.ability - half,
        fit.ability + half,
        fit.tie,
        covariance,
        ranks,
        level,
        n_tasks,
        "Bradley-Terry with Davidson's ties, tasks as units" + (f", prior {prior:g}" if prior else ""),
        (few,) if n_tasks < FEW_TASKS else (),
    )


@dataclass(frozen=True, eq=False)
class _Results:
    """Who won (``wins[t, i, j]``: i over j) and who tied on every task."""

    wins: npt.NDArray[np.float64]
    ties: npt.NDArray[np.float64]


def _results(scores: Scores) -> _Results:
    values = scores.values if scores.higher_is_better else -scores.values
    k = scores.n_models
    d = np.stack(
        [differences(np.repeat(row[:, None], k, axis=1), np.repeat(row[None, :], k, axis=0)) for row in values]
    )
    ties = (d == 0).astype(np.float64) * (1 - np.eye(k))
    return _Results((d > 0).astype(np.float64), ties)


def _check_finite(models: list[str], wins: Floats, ties: Floats) -> None:
    from scipy.sparse.csgraph import connected_components  # late: importing `stats` shall be quick

    n, part = connected_components((wins + ties) > 0, directed=True, connection="strong")
    if n > 1:
        # A component that is beaten by no other, or that is met by none, has no finite place.
        some = [m for m, p in zip(models, part, strict=True) if p == part[0]]
        raise InputError(
            f"{', '.join(some[:3])} and the other models are not connected by wins both ways, so abilities are infinite: "
            "give a prior, such as prior=0.1"
        )


class _Davidson:
    """Maximum likelihood by Newton's method on log abilities and, where there are ties, log nu."""

    def __init__(self, wins: Floats, ties: Floats) -> None:
        self.k = len(wins)
        self.tied = bool(ties.any())
        self.parameters = np.zeros(self.k + 1)
        if not self.tied:
            self.parameters[-1] = -np.inf
        for _ in range(200):
            gradient, hessian = self.gradient_of(wins, ties), self._hessian(wins, ties)
            self.inverse = self._invert(hessian)
            step = self.inverse @ gradient
            # Far from the maximum a full Newton step may leave the region where it holds.
            step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
            self.parameters += step
            if np.abs(step).max() < 1e-12:
                break
        self.inverse = self._invert(self._hessian(wins, ties))
        self.ability = self.parameters[:-1] - self.parameters[:-1].mean()
        self.tie = float(np.exp(self.parameters[-1]))

    def gradient_of(self, wins: Floats, ties: Floats) -> Floats:
        """Of the log likelihood of some results; shape (k + 1,)."""
        win, tie = self._probabilities()
        met = wins + wins.T + ties
        of_model = (wins + ties / 2 - met * (win + tie / 2)).sum(axis=1)
        of_tie = (ties - met * tie).sum() / 2 if self.tied else 0.0
        return np.append(of_model, of_tie)

    def _probabilities(self) -> tuple[Floats, Floats]:
        """P(i beats j) and P(i ties with j)."""
        gap = (self.parameters[:-1, None] - self.parameters[None, :-1]) / 2
        up, down, tie = np.exp(gap), np.exp(-gap), np.exp(self.parameters[-1])
        total = up + down + tie
        return up / total, tie / total

    def _hessian(self, wins: Floats, ties: Floats) -> Floats:
        """Of minus the log likelihood: covariances of (points of i, ties) summed over pairs."""
        win, tie = self._probabilities()
        met = wins + wins.T + ties
        points = win + tie / 2
        variance = met * (win + tie / 4 - points**2)
        hessian = np.zeros((self.k + 1, self.k + 1))
        hessian[:-1, :-1] = -variance
        np.fill_diagonal(hessian[:-1, :-1], variance.sum(axis=1) - np.diag(variance))
        if self.tied:
            mixed = (met * (tie / 2 - points * tie)).sum(axis=1)
            hessian[:-1, -1] = hessian[-1, :-1] = mixed
            hessian[-1, -1] = (met * tie * (1 - tie)).sum() / 2
        return hessian

    def _invert(self, hessian: Floats) -> Floats:
        """Inverse under abilities that sum to zero."""
        fixed = hessian.copy()
        fixed[:-1, :-1] += 1.0 / self.k
        if not self.tied:
            fixed[-1, -1] = 1.0
        inverse = np.linalg.inv(fixed)
        inverse[:-1, :-1] -= 1.0 / self.k
        if not self.tied:
            inverse[-1, -1] = 0.0
        return np.asarray(inverse)


def _rank_sets(
    models: tuple[str, ...], ability: Floats, covariance: Floats, noise: Floats, level: float
) -> RankConfidence:
    k = len(models)
    variance = np.diag(covariance)
    error = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0.0))
    largest = np.zeros(len(noise))
    for i in range(k - 1):
        scale = error[i, i + 1 :]
        moving = scale > 1e-12
        if moving.any():
            t = np.abs(noise[:, [i]] - noise[:, i + 1 :][:, moving]) / scale[moving]
            np.maximum(largest, t.max(axis=1), out=largest)
    critical = float(np.quantile(largest, level))
    gap = ability[:, None] - ability[None, :]
    better = gap > np.maximum(critical * error, 1e-9)  # better[i, j]: i is surely better than j
    rank = 1 + (gap.T > 1e-9).sum(axis=1)
    return RankConfidence(
        models, ability, rank, 1 + better.sum(axis=0), k - better.sum(axis=1), level, True,
        "multiplier bootstrap max-t of all differences of abilities",
    )  # fmt: skip
