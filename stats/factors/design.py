"""Which models differ in which design choice alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.tables import clean_names
from ..common.textfile import read_cells
from ..results import Floats


def read_design(path: str | PathLike[str]) -> pd.DataFrame:
    """Read a table of factors: CSV (or TSV by its ending), first column ``model``, then one column per factor.

    Raises
    ------
    InputError
        If the file cannot be read, or its first column is not headed ``model``.
    """
    path = Path(path)
    table = read_cells(path, what="design factors")
    heading = str(table.columns[0])
    if heading.strip().lower() != "model":
        raise InputError(
            f"{path}: the first column is headed {heading!r}; expected 'model', then one column per factor"
        )
    return table.rename(columns={heading: "model"}).map(lambda v: v.strip() if isinstance(v, str) else v)


@dataclass(frozen=True, eq=False)
class Contrast:
    """A weighted sum of models that measures one thing.

    Attributes
    ----------
    kind : str
        ``main``: a over b, averaged over the contexts that have both. ``simple``: a over b in one context.
        ``interaction``: what a gains over b in one level of another factor more than in another.
    factor : str
        The factor; of an interaction ``first x second``.
    a, b : str
        The levels compared; of an interaction ``level of first & level of second`` against the rest.
    at : str
        What is held equal, in words.
    contexts : int
        How many contexts are averaged.
    weights : ndarray, shape (n_models,)
        Positive weights sum to 1 (2 for an interaction), negative ones to as much.
    """

    kind: str
    factor: str
    a: str
    b: str
    at: str
    contexts: int
    weights: Floats


@dataclass(frozen=True)
class NotEstimable:
    """A contrast that these models cannot answer, and why."""

    kind: str
    factor: str
    a: str
    b: str
    reason: str


@dataclass(frozen=True, eq=False)
class Design:
    """Models as combinations of factor levels.

    Attributes
    ----------
    models : tuple of str
    levels : mapping
        Factor -> its levels, in order of appearance; only factors with two levels or more.
    cells : tuple of tuple of str
        The combination of each model.
    constant : mapping
        Factors that all models agree in, and their level.
    """

    models: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    cells: tuple[tuple[str, ...], ...]
    constant: Mapping[str, str]

    @classmethod
    def parse(cls, design: pd.DataFrame, models: list[str]) -> "Design":
        """Read a table of factors.

        Parameters
        ----------
        design : DataFrame
            Indexed by model, or with a column ``model``; every other column is a factor.
        models : list of str
            The models that there are scores of.

        Raises
        ------
        InputError
            If a model has no scores or is given twice, a level is missing, or no factor varies.
        """
        if not isinstance(design, pd.DataFrame):
            raise InputError(
                f"design is {type(design).__name__}: expected a DataFrame with one row a model and one column a factor"
            )
        table = design.set_index("model") if "model" in design else design
        table = table.set_axis(clean_names(table.columns, "factor", "the design"), axis=1)
        table = table.set_axis(clean_names(table.index, "model", "the design", unique=False), axis=0)
        if table.index.has_duplicates:
            twice = table.index[table.index.duplicated()][0]
            raise InputError(f"the design has model {twice!r} twice: expected one row a model")
        unknown = [m for m in table.index if m not in models]
        if unknown:
            raise InputError(
                f"the design names {unknown[0]!r}, of which there are no complete scores: expected some of {', '.join(models[:5])}"
                + (" ..." if len(models) > 5 else "")
            )
        if table.shape[1] == 0 or len(table) < 2:
            raise InputError(
                f"the design has {len(table)} model(s) and {table.shape[1]} factor(s): expected two models and a factor"
            )
        gaps = table.isna() | table.map(lambda v: isinstance(v, str) and not v.strip())
        if gaps.to_numpy().any():
            row, column = (int(x[0]) for x in np.nonzero(gaps.to_numpy()))
            raise InputError(
                f"the design has no {table.columns[column]!r} for model {table.index[row]!r}: give every model a level"
            )
        text = table.map(lambda v: str(v).strip())
        found = {str(f): tuple(dict.fromkeys(text[f])) for f in text}
        levels = {f: ls for f, ls in found.items() if len(ls) > 1}
        if not levels:
            raise InputError("no factor of the design varies: all models have the same levels")
        cells = tuple(tuple(row) for row in text[list(levels)].to_numpy().tolist())
        return cls(tuple(text.index), levels, cells, {f: ls[0] for f, ls in found.items() if len(ls) == 1})

    @property
    def factors(self) -> list[str]:
        """The factors that vary."""
        return list(self.levels)

    def contrasts(self) -> tuple[list[Contrast], list[NotEstimable]]:
        """All main, simple and interaction contrasts of two levels, and those that no models can answer."""
        found: list[Contrast] = []
        missing: list[NotEstimable] = []
        for kind in (self._main_effects, self._interactions):
            for item in kind():
                if isinstance(item, Contrast):
                    found.append(item)
                else:
                    missing.append(item)
        return found, missing

    def _main_effects(self) -> Iterator[Contrast | NotEstimable]:
        for f, factor in enumerate(self.factors):
            others = [g for g in self.factors if g != factor]
            contexts = list(dict.fromkeys(_without(cell, f) for cell in self.cells))
            for b, a in combinations(self.levels[factor], 2):
                each = []
                for context in contexts:
                    both = [self._mean_of(_with(context, f, level)) for level in (a, b)]
                    if both[0] is not None and both[1] is not None:
                        each.append((context, both[0] - both[1]))
                if not each:
                    reason = f"no two models differ in {factor} alone ({a} or {b}) and agree in {_words(others)}"
                    yield NotEstimable("main", factor, a, b, reason)
                    continue
                at = f"equal {_words(others)}" if others else ""
                yield Contrast("main", factor, a, b, at, len(each), np.mean([w for _, w in each], axis=0))
                if len(contexts) > 1:
                    for context, weights in each:
                        here = ", ".join(f"{g} {level}" for g, level in zip(others, context, strict=True))
                        yield Contrast("simple", factor, a, b, here, 1, weights)

    def _interactions(self) -> Iterator[Contrast | NotEstimable]:
        for (f, first), (g, second) in combinations(enumerate(self.factors), 2):
            rest = [h for h in self.factors if h not in (first, second)]
            contexts = list(dict.fromkeys(_without(_without(cell, g), f) for cell in self.cells))
            for (b, a), (d, c) in product(combinations(self.levels[first], 2), combinations(self.levels[second], 2)):
                each = []
                for context in contexts:
                    four = [
                        self._mean_of(_with(_with(context, f, x), g, y)) for x, y in ((a, c), (b, c), (a, d), (b, d))
                    ]
                    if all(w is not None for w in four):
                        ac, bc, ad, bd = (w for w in four if w is not None)
                        each.append(ac - bc - ad + bd)
                name, left, right = f"{first} x {second}", f"{a} over {b} at {c}", f"{a} over {b} at {d}"
                if each:
                    at = f"equal {_words(rest)}" if rest else ""
                    yield Contrast("interaction", name, left, right, at, len(each), np.mean(each, axis=0))
                else:
                    absent = [f"{x} with {y}" for x, y in product((a, b), (c, d)) if not self._has(first, x, second, y)]
                    why = (
                        f"no model has {' or '.join(absent)}"
                        if absent
                        else f"no four models cross the two and agree in {_words(rest)}"
                    )
                    yield NotEstimable("interaction", name, left, right, why)

    def _has(self, first: str, x: str, second: str, y: str) -> bool:
        f, g = self.factors.index(first), self.factors.index(second)
        return any(cell[f] == x and cell[g] == y for cell in self.cells)

    def _mean_of(self, cell: tuple[str, ...]) -> Floats | None:
        """Weights that average the models of a combination, or None where there is none."""
        members = np.array([c == cell for c in self.cells])
        return members / members.sum() if members.any() else None


def _without(cell: tuple[str, ...], at: int) -> tuple[str, ...]:
    return cell[:at] + cell[at + 1 :]


def _with(context: tuple[str, ...], at: int, level: str) -> tuple[str, ...]:
    return (*context[:at], level, *context[at:])


def _words(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]
