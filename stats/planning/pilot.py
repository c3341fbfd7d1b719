"""What planning takes from scores that are there: which pairs, and how their differences vary."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..pairs import control_index
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import differences

Which = Literal["adjacent", "all"] | Sequence[tuple[str, str]]


def residuals_of(
    scores: Scores | pd.DataFrame, pairs: Which, control: str | None
) -> tuple[Scores, list[tuple[str, str]], Floats, list[Floats]]:
    """The complete scores, the pairs, the spread of each one's differences, and its residuals, scaled to that spread."""
    table = as_scores(scores).complete("tasks")
    if table.n_models < 2 or table.n_tasks < 3:
        raise InputError(
            f"got {table.n_models} model(s) and {table.n_tasks} task(s): expected at least two models and three tasks"
        )
    names = chosen_pairs(table, pairs, control)
    n = table.n_tasks
    d = [differences(table.table[a].to_numpy(), table.table[b].to_numpy()) for a, b in names]
    residuals = [(x - x.mean()) * np.sqrt(n / (n - 1)) for x in d]
    return table, names, np.array([x.std(ddof=1) for x in d]), residuals


def chosen_pairs(table: Scores, pairs: Which, control: str | None) -> list[tuple[str, str]]:
    """The pairs that are asked for, by name."""
    if control is not None:
        control_index(table.models, control)
        return [(m, control) for m in table.models if m != control]
    if pairs == "all":
        return [(a, b) for i, a in enumerate(table.models) for b in table.models[i + 1 :]]
    if pairs == "adjacent":
        ordered = [str(m) for m in table.table.mean().sort_values(ascending=False, kind="stable").index]
        return list(pairwise(ordered))
    if isinstance(pairs, str):
        raise InputError(f"pairs={pairs!r}: expected 'adjacent', 'all' or a list of (model, model)")
    for pair in pairs:
        for model in pair:
            control_index(table.models, model)
    return [(str(a), str(b)) for a, b in pairs]
