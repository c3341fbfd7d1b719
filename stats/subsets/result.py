"""A choice of tasks, and what it is worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import InputError
from ..common.jsonable import plain, records
from ..scores import Scores, as_scores


@dataclass(frozen=True, eq=False, repr=False)
class Subset:
    """Tasks that say most of the mean over all, for their cost; made by `choose_subset`.

    Attributes
    ----------
    tasks : DataFrame
        Every task, the chosen first and among them those that weigh most: ``task``, ``cost`` (share of all), ``chosen``, ``weight`` (in the prediction of the full mean).
    intercept : float
        Of that prediction.
    budget, cost : float
        As asked, and as used: shares of the cost of all tasks.
    half_widths : tuple of float
        The prediction of a model of a maker that is not among these is off by less with probability `level`: where it is predicted below `border`, and above.
    border : float
        Two thirds of the models are predicted below it.
    pair_half_width : float
        Likewise the difference of two predictions.
    level : float
    validation : DataFrame
        How well the whole procedure did on models of makers that it had not seen, for ``all`` models and the ``top 30``: ``models``, ``n``, ``rmse``, ``rho`` (Spearman, with
        the full ranking), ``coverage`` (of the intervals), ``half_width``, ``decided`` (pairs whose predicted difference exceeds its half width), ``wrong`` (pairs decided the
        other way than by all tasks), ``paired_error`` (median standard error over tasks of a pair's mean difference: what all tasks leave open).
    top10 : float
        Share of the ten best models that are among the ten predicted best.
    least_spread, spread : float
        Standard deviation that the chosen tasks leave to the full mean by the fitted normal, and that no choice within the budget can be below.

    Examples
    --------
    Two of three tasks are always the same, so one of them and the third say all, for half of the cost:

    >>> from embsig import choose_subset
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.uniform(0.3, 0.8, (2, 60))
    >>> frame = pd.DataFrame([a, a, b], ["x", "y", "z"], [f"maker{i}/m" for i in range(60)])
    >>> choose_subset(frame, {"x": 1.0, "y": 2.0, "z": 1.0}, budget=0.5).cost
    0.5
    """

    tasks: pd.DataFrame
    intercept: float
    budget: float
    cost: float
    half_widths: tuple[float, float]
    border: float
    pair_half_width: float
    level: float
    validation: pd.DataFrame
    top10: float
    spread: float
    least_spread: float

    @property
    def chosen(self) -> list[str]:
        """The tasks to evaluate."""
        return [str(t) for t in self.tasks.loc[self.tasks["chosen"], "task"]]

    def predict(self, scores: Scores | pd.DataFrame) -> pd.DataFrame:
        """Predict the mean over all tasks of models that have been evaluated on the chosen ones.

        Parameters
        ----------
        scores : Scores or DataFrame
            Rows tasks, columns models; other tasks are not looked at.

        Returns
        -------
        DataFrame
            One row a model, the best first: ``model, predicted, low, high``.

        Raises
        ------
        InputError
            If a model lacks a chosen task, or the scores are on another scale.
        """
        table = as_scores(scores).table
        lacks = [t for t in self.chosen if t not in table.index]
        if lacks:
            raise InputError(
                f"{text.count(len(lacks), 'task')} of the subset {'is' if len(lacks) == 1 else 'are'} not there ({text.listing(lacks, 3)}): expected a score on each"
            )
        values = table.loc[self.chosen]
        holes = values.isna()
        if holes.any(axis=None):
            model = str(holes.any().idxmax())
            raise InputError(
                f"{model!r} lacks {text.listing(holes.index[holes[model]].tolist(), 3)}: expected a score on each task of the subset"
            )
        if float(np.abs(values.to_numpy()).max()) > 1.5 * max(1.0, self._largest):
            raise InputError(
                f"scores up to {float(np.abs(values.to_numpy()).max()):.4g}, where those that the subset was chosen by are at most {self._largest:.4g}: on another scale"
            )
        weights = self.tasks.set_index("task")["weight"].loc[self.chosen].to_numpy()
        mean = self.intercept + values.to_numpy().T @ weights
        half = np.where(mean < self.border, *self.half_widths)
        found = pd.DataFrame(
            {"model": list(values.columns), "predicted": mean, "low": mean - half, "high": mean + half}
        )
        return found.sort_values("predicted", ascending=False, kind="stable", ignore_index=True)

    _largest: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        names = (
            "budget",
            "cost",
            "intercept",
            "half_widths",
            "border",
            "pair_half_width",
            "level",
            "top10",
            "spread",
            "least_spread",
        )
        found = {name: getattr(self, name) for name in names}
        return {
            **plain(found),
            "chosen": self.chosen,
            "tasks": records(self.tasks),
            "validation": records(self.validation),
        }

    def __str__(self) -> str:
        n = len(self.chosen)
        level = text.percent(self.level)
        lines = [
            f"{n} of {len(self.tasks)} tasks, {text.percent(round(self.cost, 4))} of the cost: the mean over all is predicted to within {max(self.half_widths):.4f} ({level} of "
            "models of other makers)"
        ]
        lines += [
            f"  {row.models} ({row.n}): RMSE {row.rmse:.4f} (all tasks leave open {row.paired_error:.4f} between two), Spearman's rho {row.rho:.3f}, intervals hold for "
            f"{_percent(row.coverage)}; {_percent(row.decided)} of pairs decided, {_percent(row.wrong)} wrongly"
            for row in self.validation.itertuples(index=False)
        ]
        lines.append(
            f"  a difference of two predictions is decided beyond {self.pair_half_width:.4f}; these tasks leave a spread of {self.spread:.4f} to the mean, no choice within the "
            f"budget leaves less than {self.least_spread:.4f}"
        )
        lines.append(f"  {text.percent(round(self.top10, 2))} of the ten best are among the ten predicted best")
        lines += ["", "\n".join(self.chosen)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Subset({len(self.chosen)} of {len(self.tasks)} tasks, {text.percent(round(self.cost, 3))} of the cost)"

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(str(self).splitlines()[:1], self.validation)


def _percent(share: Any) -> str:
    return text.percent(round(float(share), 4))
