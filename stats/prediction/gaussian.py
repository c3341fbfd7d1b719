"""The scores of one model on all tasks as a draw of a multivariate normal: what some of them say of the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..results import Floats

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class GaussianTasks:
    """Means, standard deviations and correlations of tasks over models.

    Attributes
    ----------
    mean, sd : ndarray, shape (n_tasks,)
    correlation : ndarray, shape (n_tasks, n_tasks)
        Shrunk towards none (Ledoit and Wolf 2004): with some two hundred models of forty tasks that move together, the plain estimate
        gives conditional spreads that are half of what they should be.
    """

    mean: Floats
    sd: Floats
    correlation: Floats

    @classmethod
    def fit(cls, rows: Floats) -> "GaussianTasks":
        """Estimate from complete models, shape (n_models, n_tasks)."""
        from sklearn.covariance import LedoitWolf

        mean, sd = rows.mean(axis=0), rows.std(axis=0)
        sd = np.where(sd > 0, sd, 1.0)
        shrunk = LedoitWolf(assume_centered=True).fit((rows - mean) / sd)
        return cls(mean, sd, np.asarray(shrunk.covariance_, dtype=np.float64))

    def conditional(self, rows: Floats, missing: Flags) -> tuple[Floats, Floats]:
        """Means and covariance of what is missing, given the rest.

        Parameters
        ----------
        rows : ndarray, shape (m, n_tasks)
            Scores of models of one missing pattern; what stands at the missing tasks is not looked at.
        missing : ndarray of bool, shape (n_tasks,)

        Returns
        -------
        mean : ndarray, shape (m, n_missing)
        covariance : ndarray, shape (n_missing, n_missing)
            The same for every row.
        """
        there = ~missing
        across = self.correlation[np.ix_(there, missing)]
        weights = np.linalg.solve(self.correlation[np.ix_(there, there)], across)
        z = (rows[:, there] - self.mean[there]) / self.sd[there]
        mean = self.mean[missing] + (z @ weights) * self.sd[missing]
        left = self.correlation[np.ix_(missing, missing)] - across.T @ weights
        return mean, left * np.outer(self.sd[missing], self.sd[missing])
