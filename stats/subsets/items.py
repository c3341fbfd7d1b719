"""A choice of items within tasks, and what it says of models that were evaluated on them alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ..common import text
from ..common.errors import InputError
from ..common.jsonable import plain, records
from ..levels.combined import welch
from ..metrics.means import MEANS
from ..results import Floats
from ..samples import Samples
from .drawing import Draw, estimate


@dataclass(frozen=True, eq=False)
class Block:
    """Scores of models on the items of one split of a task.

    Attributes
    ----------
    task, split, subset : str
    n_blocks : int
        How many such the task is the mean of.
    values : DataFrame, shape (n_items, n_models)
    """

    task: str
    split: str
    subset: str
    n_blocks: int
    values: pd.DataFrame

    def named(self, drawn: Draw) -> pd.DataFrame:
        """The chosen items: ``task, split, subset, sample, stratum, weight``."""
        return pd.DataFrame(
            {
                "task": self.task,
                "split": self.split,
                "subset": self.subset,
                "sample": self.values.index[drawn.chosen].astype(str),
                "stratum": drawn.stratum[drawn.chosen],
                "weight": drawn.weights,
            }
        )


def blocks_of(samples: Samples, task: str, models: list[str]) -> Iterator[Block]:
    """Scores of models on the items of every split and subset of a task, the mean of their experiments."""
    held = samples.task(task, models)
    column = MEANS[held.metric]
    keys = list(held.parts[models[0]])
    for split, subset in keys:
        sums, counts = (np.zeros((held.n_samples, len(models))) for _ in range(2))
        for j, model in enumerate(models):
            for cell in held.parts[model][split, subset]:
                np.add.at(sums[:, j], cell.unit, np.asarray(cell.columns[column], dtype=float))
                np.add.at(counts[:, j], cell.unit, 1.0)
        here = (counts > 0).all(axis=1)
        names = held.units["sample"].to_numpy()[here]
        values = pd.DataFrame(sums[here] / counts[here], index=names, columns=models)
        yield Block(task, split, subset, len(keys), values)


def predicted(
    blocks: Sequence[Block], draws: Sequence[Draw], taken: Sequence[Floats], level: float
) -> tuple[Floats, Floats]:
    """Means over tasks of every column of what was taken of the chosen items, and half the width of their intervals."""
    n_tasks = len({b.task for b in blocks})
    means, variances, freedom = [], [], []
    for block, drawn, values in zip(blocks, draws, taken, strict=True):
        mean, variance, df = estimate(drawn, values)
        share = 1 / block.n_blocks / n_tasks
        means.append(share * mean)
        variances.append(share**2 * variance)
        freedom.append(df)
    variance, df = welch(np.stack(variances, axis=1), np.stack(freedom, axis=1))
    half = np.asarray(stdtrit(df, (1 + level) / 2) * np.sqrt(variance), dtype=np.float64)
    return np.asarray(np.sum(means, axis=0), dtype=np.float64), half


@dataclass(frozen=True, eq=False, repr=False)
class ItemSubset:
    """Samples of every task that say the means over all of them to within an interval; made by `choose_items`.

    Attributes
    ----------
    items : DataFrame
        The chosen: ``task, split, subset, sample, stratum, weight`` (in the mean over the split).
    draws, blocks : tuple
        What they were drawn from.
    budget, level : float
    validation : DataFrame
        How it did on models of makers that the strata did not know, ``all`` and, where there are more, the ``top 30``: ``n``; of the models' means ``rmse``, ``coverage`` (of
        the intervals), ``half_width``; of pairs' differences ``pair_rmse``, ``pair_coverage``, ``pair_half_width``; ``decided`` (pairs whose interval excludes 0) and ``wrong``
        (decided the other way than by all items).
    left_out : tuple of str
        Tasks whose score is not a mean over samples, or that not all models have: to be evaluated in full.

    Examples
    --------
    >>> from embsig import choose_items
    >>> rows = [(f"maker{m}/x", f"q{i}", float(i < 8 * (m + 1))) for m in range(4) for i in range(40)]
    >>> found = choose_items(Samples.from_frame(pd.DataFrame(rows, columns=["model", "sample", "score"])), budget=.5)
    >>> found
    ItemSubset(20 of 40 samples of 1 task)
    """

    items: pd.DataFrame
    draws: tuple[Draw, ...]
    blocks: tuple[Block, ...]
    budget: float
    level: float
    validation: pd.DataFrame
    left_out: tuple[str, ...] = ()

    @property
    def n_all(self) -> int:
        """How many samples there are."""
        return sum(len(b.values) for b in self.blocks)

    def predict(self, samples: Samples) -> pd.DataFrame:
        """The mean over all samples and tasks of models that were evaluated on the chosen ones.

        Parameters
        ----------
        samples : Samples
            Of the chosen items at least; others are not looked at.

        Returns
        -------
        DataFrame
            One row a model, the best first: ``model, predicted, low, high``.

        Raises
        ------
        InputError
            If a model lacks a chosen item.
        """
        models = samples.models
        mean, half = predicted(self.blocks, self.draws, self._taken(samples, models), self.level)
        found = pd.DataFrame({"model": models, "predicted": mean, "low": mean - half, "high": mean + half})
        return found.sort_values("predicted", ascending=False, kind="stable", ignore_index=True)

    def difference(self, samples: Samples, model_a: str, model_b: str) -> tuple[float, float, float]:
        """The difference a - b of two models' means over all samples: estimate, and the ends of its interval."""
        taken = [t[:, :1] - t[:, 1:] for t in self._taken(samples, [model_a, model_b])]
        mean, half = predicted(self.blocks, self.draws, taken, self.level)
        return float(mean[0]), float(mean[0] - half[0]), float(mean[0] + half[0])

    def _taken(self, samples: Samples, models: list[str]) -> list[Floats]:
        found: list[Floats] = []
        of_task: dict[str, dict[tuple[str, str], pd.DataFrame]] = {}
        for block, drawn in zip(self.blocks, self.draws, strict=True):
            if block.task not in of_task:
                if block.task not in samples.files:
                    raise InputError(f"no samples of {block.task!r}: expected those of the chosen items")
                of_task[block.task] = {(b.split, b.subset): b.values for b in blocks_of(samples, block.task, models)}
            wanted = block.values.index[drawn.chosen]
            there = of_task[block.task].get((block.split, block.subset), pd.DataFrame(columns=models))
            absent = wanted.difference(there.index)
            if len(absent):
                raise InputError(
                    f"{text.count(len(absent), 'chosen sample')} of {block.task!r} {'is' if len(absent) == 1 else 'are'} not there ({text.listing(list(map(str, absent)), 3)}): "
                    "expected every model on each"
                )
            found.append(there.loc[wanted, models].to_numpy())
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        found = {"budget": self.budget, "level": self.level, "n": len(self.items), "n_all": self.n_all}
        return {
            **plain(found), "left_out": list(self.left_out), "items": records(self.items), "validation": records(self.validation),
        }  # fmt: skip

    def __str__(self) -> str:
        level = text.percent(self.level)
        lines = [
            f"{len(self.items):,} of {self.n_all:,} samples, drawn from strata of like difficulty: mean over all to within an interval at {level}, measured on models of other makers"
        ]
        lines += [
            f"  {row.models} ({row.n}): RMSE {row.rmse:.4f}, intervals of +-{row.half_width:.4f} hold for {row.coverage:.1%}; differences of two +-{row.pair_half_width:.4f}, "
            f"{row.pair_coverage:.1%}; {row.decided:.0%} of pairs decided, {row.wrong:.2%} wrongly"
            for row in self.validation.itertuples(index=False)
        ]
        if self.left_out:
            lines.append(
                f"  in full: {text.listing(list(self.left_out), 4)} (not a mean over samples, or not of all models)"
            )
        counts = self.items.groupby("task", sort=False).size()
        sizes: dict[str, int] = {}
        for b in self.blocks:
            sizes[b.task] = sizes.get(b.task, 0) + len(b.values)
        return "\n".join([*lines, "", *(f"{task}: {n:,} of {sizes[str(task)]:,}" for task, n in counts.items())])

    def __repr__(self) -> str:
        n = len({b.task for b in self.blocks})
        return f"ItemSubset({len(self.items):,} of {self.n_all:,} samples of {text.count(n, 'task')})"

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(str(self).splitlines()[:1], self.validation)
