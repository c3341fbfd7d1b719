"""Model cards as a table: sizes, dimensions, licences and the rest, as mteb's registry has them."""

import re
from collections.abc import Iterable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import pandas as pd

from stats.common.errors import InputError, unknown

#: Column -> what it is.
COLUMNS: dict[str, str] = {
    "n_parameters": "parameters",
    "n_active_parameters": "parameters that a text passes through (without the embedding table, and of a mixture only the active experts)",
    "memory_mb": "memory of the weights, MB",
    "embed_dim": "dimensions of the vectors",
    "max_tokens": "longest text, tokens",
    "release_date": "day of release, ISO",
    "license": "licence of the weights",
    "open_weights": "whether the weights are available",
    "instructions": "whether texts are encoded with instructions",
}
_NUMBERS = ("n_parameters", "n_active_parameters", "memory_mb", "embed_dim", "max_tokens")
_OPERATORS = {"<=": le, ">=": ge, "==": eq, "!=": ne, "<": lt, ">": gt, "=": eq}
_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=|==|!=|<|>|=)\s*(.+?)\s*")
_SIZES = {"k": 1e3, "m": 1e6, "b": 1e9}


def model_cards(models: Iterable[str]) -> pd.DataFrame:
    """What mteb's registry says of these models.

    Parameters
    ----------
    models : iterable of str
        Names as in MTEB; a model with an experiment's settings behind its name, ``org/model (embed_dim=256)``, has the card of ``org/model``.

    Returns
    -------
    DataFrame
        Indexed by model, with the columns of `COLUMNS`; what is not known is missing.

    Examples
    --------
    >>> int(model_cards(["sentence-transformers/all-MiniLM-L6-v2"]).loc["sentence-transformers/all-MiniLM-L6-v2", "embed_dim"])
    384
    """
    from .sources.definitions import load

    cards = load().cards
    names = list(models)
    rows = [cards.get(name) or cards.get(name.split(" (")[0]) or {} for name in names]
    frame = pd.DataFrame(rows, index=pd.Index(names, name="model"), columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(_NUMBERS, "float64")).astype(
        {"open_weights": "boolean", "instructions": "boolean"}
    )


def where(cards: pd.DataFrame, conditions: str | Sequence[str]) -> list[str]:
    """The models whose cards meet every condition; a model whose card does not say is left out.

    Parameters
    ----------
    cards : DataFrame
        Of `model_cards`.
    conditions : str or sequence of str
        ``"n_parameters < 1e9"``, ``"open_weights == true"``, ``"license = mit"``, ``"release_date >= 2025-01-01"``; several in one are
        joined by ``and``. Sizes may be written ``600M`` or ``1.5B``.

    Raises
    ------
    InputError
        If a condition cannot be read or names no column.

    Examples
    --------
    >>> cards = model_cards(["sentence-transformers/all-MiniLM-L6-v2", "Qwen/Qwen3-Embedding-8B"])
    >>> where(cards, "n_parameters < 100M and open_weights == true")
    ['sentence-transformers/all-MiniLM-L6-v2']
    """
    given = [conditions] if isinstance(conditions, str) else list(conditions)
    kept = pd.Series(True, index=cards.index)
    for condition in (part for text in given for part in re.split(r"\s+and\s+", text)):
        found = _CONDITION.fullmatch(condition)
        if found is None:
            raise InputError(
                f"condition {condition!r}: expected COLUMN, an operator ({', '.join(_OPERATORS)}) and a value, such as 'n_parameters < 1e9'"
            )
        column, operator, text = found.groups()
        if column not in cards:
            raise unknown("column of the model cards", column, cards.columns)
        values = cards[column]
        meets = _OPERATORS[operator](values, _value(text, values, condition))
        kept &= meets.fillna(False).astype(bool) & values.notna()
    return [str(m) for m in cards.index[kept]]


def _value(text: str, column: "pd.Series[Any]", condition: str) -> float | bool | str:
    """The right-hand side as the column's kind."""
    text = text.strip("'\"")
    if column.dtype == "boolean":
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in known:
            raise InputError(f"condition {condition!r}: expected true or false")
        return known[text.lower()]
    if column.dtype != "float64":
        return text
    size = _SIZES.get(text[-1:].lower(), 1.0)
    try:
        return float(text.rstrip("kKmMbB").replace(",", "")) * size
    except ValueError:
        raise InputError(f"condition {condition!r}: {text!r} is not a number such as 1e9, 600M or 1.5B") from None
