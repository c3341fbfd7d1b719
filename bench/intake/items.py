"""Tables with a row a query, item or document: they become Samples, and are compared as what their rows are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stats.common.errors import InputError
from stats.common.objects import as_frame
from stats.common.text import listing, plural
from stats.samples import Samples
from stats.scores import Scores

from ..sources.tools.long import Long, one_metric
from .account import Account
from .cells import name
from .formats import read_grid
from .frames import frame_grid
from .grid import Grid, Row, trim
from .headings import role
from .item_columns import is_scores, item_column, label, may_be_items
from .metric_directions import is_metric, metric_direction
from .numbers import read_numbers
from .options import Options
from .properties import is_property
from .truths import with_truths

#: Rows over all the others, as trec_eval and others write them.
_OVER_ALL = ("all", "mean", "average", "avg", "overall", "total")
_CARRIED = ("split", "subset")


def read_items(sources: Sequence[Any], options: Options) -> Samples | None:
    """Read tables of items; None if one of them is another table.

    Raises
    ------
    InputError
        If a table of items is damaged, or does not say which column is the score.
    """
    sources = [s if isinstance(s, Path | bytes | pd.DataFrame | Scores) else as_frame(s) for s in sources]
    if not sources or not all(may_be_items(source) for source in sources):
        return None
    parts, accounts = [], []
    for source in sources:
        account = Account(str(source) if isinstance(source, Path) else "the table", strict=options.strict)
        grid = (
            frame_grid(source, account.source)
            if isinstance(source, pd.DataFrame)
            else read_grid(source, separator=options.separator, sheet=options.sheet)
        )
        found = _table(trim(grid, account), options, account)
        if found is None:
            return None
        parts.append(found)
        accounts.append(account)
    unit = parts[0][1]
    frame = pd.concat([p for p, _ in parts], ignore_index=True)
    notes = list(dict.fromkeys(note for a in accounts for note in a.notes))
    if "metric" in frame:
        frame, chosen = one_metric(frame, options.metric, (), accounts[0].source)
        notes += chosen
    frame = _means_over_runs(frame, unit, notes)
    down = options.higher_is_better is False or any(
        metric_direction(str(m)) is False for m in (frame["metric"].dropna().unique() if "metric" in frame else ())
    )
    frame["higher_is_better"] = not down
    aside = {what: why for a in accounts for what, why in a.set_aside.items()}
    source = ", ".join(a.source for a in accounts)
    read = Long(frame, f"a table of {plural(unit)}", unit=unit, notes=tuple(notes), set_aside=aside).scores(source)
    return read if isinstance(read, Samples) else None


def _table(grid: Grid, options: Options, account: Account) -> tuple[pd.DataFrame, str] | None:
    """A long frame of one table, and what its rows are."""
    names, body = [name(c) for c in grid.rows[0]], grid.rows[1:]
    item, unit = item_column(names, body)
    if item is None:
        return None
    body = with_truths(names, body, account)
    models = [j for j, n in enumerate(names) if role(n) == "model" and j != item]
    tasks = [j for j, n in enumerate(names) if role(n) == "task" and j != item]
    frame = pd.DataFrame({"sample": [label(row[item]) for row in body]})
    frame["task"] = [name(row[tasks[0]]) for row in body] if tasks else "all"
    for kind in (*_CARRIED, "seed", "metric", "group"):
        found = [j for j, n in enumerate(names) if role(n) == kind]
        if found:
            frame[kind] = [label(row[found[0]]) for row in body]
    rest = [
        j
        for j, n in enumerate(names)
        if j != item and j not in models and j not in tasks and role(n) in (None, "score")
    ]
    numbers = [
        j
        for j in rest
        if (role(names[j]) == "score" or is_scores(body, j)) and not is_property(names, body, j, options)
    ]
    texts = [names[j] for j in rest if j not in numbers]
    if texts:
        account.note(f"not used: {listing(texts, 4)}")
        _propose_groups(texts, names, body, frame["sample"].nunique(), unit, account)
    if not numbers:
        raise InputError(f"{account.source} has no column of scores beside {listing([repr(n) for n in names], 6)}")
    values = read_numbers(
        [[row[j] for j in numbers] for row in body],
        lambda i, j: f"{unit} {frame['sample'].iloc[i]!r}, {names[numbers[j]]!r}",
        options.decimal,
        account,
    ).values
    if models:
        frame["model"] = [name(row[models[0]]) for row in body]
        long = _by_column(frame, [names[j] for j in numbers], values, "metric", options, account)
    elif all(role(names[j]) == "score" or is_metric(names[j]) for j in numbers):
        frame["model"] = grid.stem or "model"
        long = _by_column(frame, [names[j] for j in numbers], values, "metric", options, account)
    else:
        long = _by_column(frame, [names[j] for j in numbers], values, "model", options, account)
    return _without_means(long, unit, account), unit


def _propose_groups(
    texts: Sequence[str], names: Sequence[str], body: Sequence[Row], n: int, unit: str, account: Account
) -> None:
    """Say how items that belong together are told: a column in which they have one name, such as the passage that they are about."""
    for text in texts:
        levels = {label(row[names.index(text)]) for row in body}
        if 2 < len(levels) <= n / 2:
            account.note(
                f"if {plural(unit)} of one {text} belong together, head that column 'group': then they are one unit"
            )
            return


def _by_column(
    frame: pd.DataFrame, names: list[str], values: "np.ndarray[Any, Any]", what: str, options: Options, account: Account
) -> pd.DataFrame:
    """One block of rows a column of numbers; columns are models, or metrics of which one is chosen."""
    if what == "metric" and "metric" in frame:
        if len(names) > 1:
            raise InputError(f"{account.source}: {listing(names)} may each be the score; leave one")
        return frame.assign(score=values[:, 0])
    if what == "metric" and len(names) == 1:
        scored = frame.assign(score=values[:, 0])
        return scored.assign(metric=names[0]) if is_metric(names[0]) else scored
    blocks = []
    for j, of in enumerate(names):
        block = frame.assign(score=values[:, j])
        block[what] = of
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)


def _without_means(frame: pd.DataFrame, unit: str, account: Account) -> pd.DataFrame:
    """Without a row over all the others, told by its name and by arithmetic."""
    over = frame["sample"].str.lower().isin(_OVER_ALL)
    if not over.any() or over.all():
        return frame
    keys = [c for c in ("model", "task", "metric", "split", "subset") if c in frame]
    means = frame[~over].groupby(keys, dropna=False)["score"].mean()
    said = frame[over].set_index(keys)["score"]
    called = str(frame.loc[over, "sample"].iloc[0])
    if not np.allclose(said, means.reindex(said.index), atol=5e-3, equal_nan=True):
        raise InputError(f"{account.source}: is {called!r} a {unit}, or a row over all of them? rename or remove it")
    account.aside(f"row {called}", "the mean of the others", called, "row")
    return frame[~over].reset_index(drop=True)


def _means_over_runs(frame: pd.DataFrame, unit: str, notes: list[str]) -> pd.DataFrame:
    if "seed" not in frame:
        return frame
    keys = [c for c in ("model", "task", "metric", "split", "subset", "sample", "group") if c in frame]
    if frame.duplicated([*keys, "seed"]).any():
        return frame.drop(columns="seed")  # the doubled one is named when samples are made
    mean = frame.groupby(keys, sort=False, as_index=False, dropna=False).agg({"score": "mean"})
    if len(mean) < len(frame):
        notes.append(f"a {unit}'s score is its mean over {frame['seed'].nunique()} runs")
    return mean
