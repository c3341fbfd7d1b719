"""The mixed model: additive effects of the factors, tasks as random blocks that may respond differently."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import special

from ..results import Floats
from .design import Design
from .linear import estimable, independent, level_code, main_terms


@dataclass(frozen=True, eq=False)
class MixedModel:
    """A fitted mixed model.

    Attributes
    ----------
    contrasts : DataFrame
        ``factor, a, b, difference, low, high, statistic, pvalue``: a over b, other factors equal, if effects add up;
        t statistics with (tasks - 1) degrees of freedom.
    variance : DataFrame
        ``component, variance``: task, task x factor for each factor, and residual, in squared score units.
    notes : list of str
        What could not be fitted, if anything.
    """

    contrasts: pd.DataFrame
    variance: pd.DataFrame
    notes: list[str]


_COLUMNS = ["factor", "a", "b", "difference", "low", "high", "statistic", "pvalue"]


def mixed_model(values: Floats, design: Design, *, confidence_level: float = 0.95) -> MixedModel:
    """Fit score = additive fixed effects of the factors + random task + random task x factor + residual, by REML.

    Because effects are taken to add up, levels that no pair of models isolates can still be compared through chains of
    others; the matched contrasts do without that. The random task x factor terms let an effect differ between
    tasks, so its uncertainty is that of drawing tasks.

    Parameters
    ----------
    values : ndarray, shape (n_tasks, n_models)
        Scores, models in the order of the design.
    design : Design
    confidence_level : float

    Returns
    -------
    MixedModel
        Without contrasts, and with a note, where there are fewer than three tasks or the scores leave no residual.

    Notes
    -----
    All tasks have the same models, so their scores are independent draws from one multivariate normal distribution with
    covariance s^2 (I + sum_c theta_c^2 Z_c Z_c'). The restricted likelihood is profiled over the fixed effects and
    s^2 and needs only the means and the cross products of the models' scores; it is maximised over the theta from
    several starts, because at a variance of zero, the edge of what is possible, a single start often stops too soon.
    A component that cannot be told from the others is left out.

    References
    ----------
    Laird, N. M. and Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics 38, 963-974. Bates, D.,
    Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear mixed-effects models using lme4. J. Stat. Softw. 67(1),
    equations 40-42.
    """
    n_tasks, k = values.shape
    nothing = pd.DataFrame(columns=_COLUMNS), pd.DataFrame(columns=["component", "variance"])
    if n_tasks < 3:
        return MixedModel(*nothing, [f"mixed model: {n_tasks} task(s), at least 3 are needed"])
    terms = main_terms(design)
    rows = np.column_stack([np.ones(k), *(t.columns for t in terms)])
    kept = independent(rows, np.empty((k, 0)))
    components = _components(design)
    fit = _Likelihood(values, kept, list(components.values()))
    if fit.spread <= 1e-20 * float((values**2).sum()):
        return MixedModel(*nothing, ["mixed model: the scores leave no residual"])
    theta = fit.maximise()
    beta, covariance, residual = fit.solve(theta)
    quantile = float(special.stdtrit(n_tasks - 1, (1 + confidence_level) / 2))
    found = []
    start = 1
    for term in terms:
        for b, a in combinations(design.levels[term.name], 2):
            contrast = np.zeros(rows.shape[1])
            stop = start + term.columns.shape[1]
            contrast[start:stop] = level_code(design, term.name, a) - level_code(design, term.name, b)
            if not estimable(contrast, rows):
                continue
            # An estimable function of all coefficients is a weighted sum of rows, and so one of the columns kept.
            weights = np.linalg.lstsq(rows.T, contrast, rcond=None)[0] @ kept
            difference = float(weights @ beta)
            se = float(np.sqrt(weights @ covariance @ weights))
            t = difference / se
            p = float(2 * special.stdtr(n_tasks - 1, -abs(t)))
            found.append((term.name, a, b, difference, difference - quantile * se, difference + quantile * se, t, p))
        start += term.columns.shape[1]
    parts = {name: float(v) for name, v in zip(components, residual * theta**2, strict=True)} | {"residual": residual}
    variance = pd.DataFrame({"component": list(parts), "variance": list(parts.values())})
    return MixedModel(pd.DataFrame(found, columns=_COLUMNS), variance, [])


class _Likelihood:
    """Restricted likelihood of tasks that are independent draws of one multivariate normal distribution."""

    def __init__(self, values: Floats, fixed: Floats, components: list[Floats]) -> None:
        self.n, self.k = values.shape
        self.fixed, self.components = fixed, components
        self.mean = values.mean(axis=0)
        centred = values - self.mean
        self.cross = centred.T @ centred
        # What neither tasks nor fixed effects explain: without it there is nothing to estimate.
        within = values - values.mean(axis=1, keepdims=True)
        self.spread = float((within**2).sum() - self.n * (within.mean(axis=0) ** 2).sum())

    def solve(self, theta: Floats) -> tuple[Floats, Floats, float]:
        """Fixed effects, their covariance and the residual variance at given relative standard deviations."""
        inverse, _ = self._inverse(theta)
        information = self.n * self.fixed.T @ inverse @ self.fixed
        beta = np.linalg.solve(information, self.n * self.fixed.T @ inverse @ self.mean)
        left = self.mean - self.fixed @ beta
        squares = float(np.trace(inverse @ self.cross) + self.n * left @ inverse @ left)
        residual = squares / (self.n * self.k - self.fixed.shape[1])
        return beta, np.asarray(residual * np.linalg.inv(information)), residual

    def criterion(self, theta: Floats) -> float:
        """-2 log restricted likelihood."""
        inverse, log_determinant = self._inverse(theta)
        _, _, residual = self.solve(theta)
        information = float(np.linalg.slogdet(self.n * self.fixed.T @ inverse @ self.fixed)[1])
        free = self.n * self.k - self.fixed.shape[1]
        return float(self.n * log_determinant + information + free * (1 + np.log(2 * np.pi * residual)))

    def _folded(self, theta: Floats) -> float:
        return self.criterion(np.abs(theta))

    def maximise(self) -> Floats:
        """The best of several starts."""
        from scipy.optimize import fmin, minimize  # late: importing `stats` shall be quick

        fits: list[tuple[float, Floats]] = []
        free = self.n * (self.k - 1) - self.fixed.shape[1] + 1
        between = float(self.cross.sum()) / self.k**2 / (self.n - 1)
        task = np.sqrt(between / (self.spread / max(free, 1)))
        others = len(self.components) - 1
        for start in product((0.3, 2.0), repeat=min(others, 3)):
            first = np.append(task, np.resize(start, others))
            found = minimize(self.criterion, first, method="L-BFGS-B", bounds=[(0, None)] * len(first))
            # The gradient is numerical and the scales differ: a simplex finishes what it left.
            polished = np.abs(fmin(self._folded, found.x, xtol=1e-7, ftol=1e-9, disp=False))
            fits.append((self.criterion(polished), polished))
        least, theta = min(fits, key=lambda fit: fit[0])
        # A deviation that the likelihood cannot tell from zero is zero.
        for at in range(len(theta)):
            without = theta.copy()
            without[at] = 0.0
            if self.criterion(without) <= least + 1e-7:
                theta = without
        return theta

    def _inverse(self, theta: Floats) -> tuple[Floats, float]:
        covariance = np.eye(self.k)
        for value, component in zip(theta, self.components, strict=True):
            covariance += value**2 * component
        return np.asarray(np.linalg.inv(covariance)), float(np.linalg.slogdet(covariance)[1])


def _components(design: Design) -> dict[str, Floats]:
    """Z Z' of every random term that the residual and the terms before it cannot stand for."""
    k = len(design.models)
    found = {"task": np.ones((k, k))}
    for at, factor in enumerate(design.factors):
        same = np.array([[float(x[at] == y[at]) for y in design.cells] for x in design.cells])
        flat = np.column_stack([np.eye(k).ravel(), *(c.ravel() for c in found.values())])
        if independent(same.reshape(-1, 1), flat).shape[1]:
            found[f"task x {factor}"] = same
    return found
