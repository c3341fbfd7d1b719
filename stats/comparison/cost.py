"""Quality against cost: the frontier with its uncertainty, and the smallest model that is not surely worse than the best."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.jsonable import records
from ..common.text import count
from .comparison import Comparison


@dataclass(frozen=True, eq=False)
class Frontier:
    """Models by cost and quality.

    Attributes
    ----------
    models : DataFrame
        One row per model whose cost is known, cheapest first: ``model, cost, mean, in_top_set, on_frontier, surely_dominated_by``.
        ``on_frontier``: no model that costs as little or less has a higher mean. ``surely_dominated_by`` names the cheapest model that costs
        as little or less and is surely better by the comparison's decisions; None where there is none, so that the model may be on the frontier.
    cost : str
        What the cost is, such as ``n_parameters``.
    smallest : str or None
        The cheapest model of the top set; None where no cost of the top set is known.
    unknown : tuple of str
        Models whose cost is not known.
    n_top : int
        Models of the top set, of unknown cost too.

    Examples
    --------
    a is surely better than c and smaller; b is the smallest.

    >>> from embsig import frontier
    >>> from embsig import compare
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"a": .7 + .01 * rng.random(20), "b": .5 + .01 * rng.random(20), "c": .6 + .01 * rng.random(20)})
    >>> found = frontier(compare(frame, families=False, rng=0), pd.Series({"a": 2e8, "b": 1e8, "c": 3e8}, name="n_parameters"))
    >>> found.models["model"].tolist(), found.models["on_frontier"].tolist(), found.models["surely_dominated_by"].iloc[2]
    (['b', 'a', 'c'], [True, True, False], 'a')
    """

    models: pd.DataFrame
    cost: str
    smallest: str | None
    unknown: tuple[str, ...]
    n_top: int

    def to_frame(self) -> pd.DataFrame:
        """The table of models."""
        return self.models

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "cost": self.cost,
            "smallest": self.smallest,
            "unknown": list(self.unknown),
            "models": records(self.models),
        }

    def sentences(self) -> list[str]:
        """The answer for who chooses a model."""
        said = []
        if self.smallest is not None:
            known = " of known size" if int(self.models["in_top_set"].sum()) < self.n_top else ""
            cost = float(self.models.loc[self.models["model"] == self.smallest, "cost"].iloc[0])
            said.append(
                f"Of {count(self.n_top, 'model')} that may be the best, the smallest{known} is {self.smallest} ({amount(cost, self.cost)}): nothing shows "
                "that it is worse than the best."
                if self.n_top > 1
                else f"{self.smallest} alone may be the best ({amount(cost, self.cost)})."
            )
        possible = int(self.models["surely_dominated_by"].isna().sum())
        line = int(self.models["on_frontier"].sum())
        said.append(
            f"{count(line, 'model')} {'is' if line == 1 else 'are'} on the frontier of mean score against {COST_WORDS.get(self.cost, self.cost)}; "
            f"{possible:,} of {len(self.models):,} may be on it, since no model as small is surely better."
        )
        if self.unknown:
            said.append(f"The size of {count(len(self.unknown), 'model')} is not known.")
        return said

    def __str__(self) -> str:
        return " ".join(self.sentences())

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(self.sentences(), self.models)


#: Costs in words.
COST_WORDS = {
    "n_parameters": "the number of parameters",
    "n_active_parameters": "the number of active parameters",
    "bytes_per_vector": "the bytes of a vector",
}


def amount(value: float, name: str) -> str:
    """A cost as one reads it.

    Examples
    --------
    >>> amount(595_776_512, "n_parameters"), amount(7_567_295_488, "n_parameters"), amount(22_713_216, "n_parameters"), amount(1200, "memory_mb")
    ('0.6 B parameters', '7.6 B parameters', '23 M parameters', '1,200 memory_mb')
    >>> amount(0, "n_active_parameters"), amount(250_000, "n_parameters")
    ('no active parameters', '0.25 M parameters')
    >>> amount(1536, "bytes_per_vector")
    '1,536 bytes a vector'
    """
    if name == "bytes_per_vector":
        return f"{value:,.0f} bytes a vector"
    if not name.endswith("parameters"):
        return f"{value:,.4g} {name}" if value < 1000 else f"{value:,.0f} {name}"
    what = "active parameters" if "active" in name else "parameters"
    if value < 1e6:
        return f"{value / 1e6:,.2f} M {what}" if value else f"no {what}"
    return f"{value / 1e9:,.1f} B {what}" if value >= 1e8 else f"{value / 1e6:,.0f} M {what}"


def frontier(comparison: Comparison, cost: "pd.Series[Any]") -> Frontier:
    """Set the models' mean scores against what they cost, by the decisions of a comparison.

    Parameters
    ----------
    comparison : Comparison
        Of all pairs, without a control.
    cost : Series
        Indexed by model; smaller is better, NaN is unknown. Its name says what it is (`embsig.model_cards` has ``n_parameters`` and others).

    Returns
    -------
    Frontier

    Raises
    ------
    InputError
        If the comparison has a control, or no cost is known.

    Examples
    --------
    a is surely better than c and smaller; b is the smallest.

    >>> from embsig import compare
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"a": .7 + .01 * rng.random(20), "b": .5 + .01 * rng.random(20), "c": .6 + .01 * rng.random(20)})
    >>> found = frontier(compare(frame, families=False, rng=0), pd.Series({"a": 2e8, "b": 1e8, "c": 3e8}, name="n_parameters"))
    >>> found.models["model"].tolist(), found.models["on_frontier"].tolist(), found.models["surely_dominated_by"].iloc[2]
    (['b', 'a', 'c'], [True, True, False], 'a')
    """
    if comparison.control is not None:
        raise InputError("frontier needs all pairs: compare without a control")
    means = comparison.ranks.set_index("model")["mean"]
    top = [str(m) for m in comparison.ranks.loc[comparison.ranks["in_top_set"], "model"]]
    return frontier_of(
        means, cost, top, _surely_better(comparison), higher_is_better=comparison.scores.higher_is_better
    )


def frontier_of(
    means: "pd.Series[float]",
    cost: "pd.Series[Any]",
    top_set: list[str],
    better: set[tuple[str, str]],
    *,
    higher_is_better: bool,
) -> Frontier:
    """The frontier from mean scores by model, their costs, the top set, and ordered pairs of which the first is surely better."""
    costs = cost.reindex(means.index).astype(float)
    if not costs.notna().any():
        raise InputError(f"no model's {cost.name or 'cost'} is known: give a Series indexed by the models' names")
    table = pd.DataFrame(
        {"model": means.index.astype(str), "cost": costs.to_numpy(), "mean": means.to_numpy(dtype=float)}
    )
    table["quality"] = table["mean"] if higher_is_better else -table["mean"]
    known = table[table["cost"].notna()].sort_values(
        ["cost", "quality", "model"], ascending=[True, False, True], kind="stable"
    )
    names, paid, quality = known["model"].tolist(), known["cost"].to_numpy(), known["quality"].to_numpy()
    models = pd.DataFrame(
        {
            "model": names,
            "cost": paid,
            "mean": known["mean"].to_numpy(),
            "in_top_set": known["model"].isin(top_set).to_numpy(),
            "on_frontier": [not (quality[paid <= paid[i]] > quality[i]).any() for i in range(len(names))],
            "surely_dominated_by": pd.array(
                [
                    next((names[at] for at in np.flatnonzero(paid <= paid[i]) if (names[at], name) in better), None)
                    for i, name in enumerate(names)
                ],
                dtype=object,
            ),
        }
    )
    top = models.loc[models["in_top_set"], "model"]
    return Frontier(
        models=models,
        cost=str(cost.name or "cost"),
        smallest=None if top.empty else str(top.iloc[0]),
        unknown=tuple(table.loc[table["cost"].isna(), "model"]),
        n_top=len(top_set),
    )


def _surely_better(comparison: Comparison) -> set[tuple[str, str]]:
    """Ordered pairs of models of which the first is surely better."""
    pairs = comparison.pairs[comparison.pairs["significant"]]
    up = (pairs["difference"] > 0) == comparison.scores.higher_is_better
    return {
        (str(a), str(b)) if a_better else (str(b), str(a))
        for a, b, a_better in zip(pairs["model_a"], pairs["model_b"], up, strict=True)
    }
