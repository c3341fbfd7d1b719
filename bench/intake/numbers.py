"""The cells of a table as numbers, with the errors that some carry; what is not a number is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np
import numpy.typing as npt

from stats.common.errors import InputError
from stats.common.text import listing
from stats.ties import rank_rows

from . import cells
from .account import Account
from .decimals import decimal_mark, to_float

Floats = npt.NDArray[np.float64]
#: What programs write where there is no score.
_SIGNS = (-1.0, -9.0, -99.0, -100.0, -999.0, -9999.0)
_TRUTH = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class Numbers:
    """Values of shape (rows, columns), and the standard errors beside them, if any cell has one."""

    values: Floats
    errors: Floats | None


def read_numbers(
    rows: Sequence[Sequence[object]], where: Callable[[int, int], str], decimal: str | None, account: Account
) -> Numbers:
    """Read a block of cells.

    Parameters
    ----------
    rows : sequence of sequences
        Text, numbers, True and False, None.
    where : callable
        Row and column -> how an error names the cell.
    decimal : {".", ","} or None
        The decimal mark, if it was asked for.
    account : Account

    Raises
    ------
    InputError
        If a cell is neither a score nor empty, or can be read in two ways.
    """
    shape = (len(rows), len(rows[0]) if rows else 0)
    values = np.full(shape, np.nan)
    odd: list[tuple[int, int, str]] = []
    for i, row in enumerate(rows):
        if (plain := _plain_row(row)) is not None:  # nearly all rows
            values[i] = plain
            continue
        for j, cell in enumerate(row):
            if type(cell) is str:
                try:
                    if "_" in cell:
                        raise ValueError
                    values[i, j] = float(cell)
                except ValueError:
                    if not cells.is_nothing(cell):
                        odd.append((i, j, cell))
            else:
                values[i, j] = _typed(cell, i, j, where, account)
    if decimal == ",":  # what Python takes for a number may be thousands then
        odd += [(i, j, str(c)) for i, r in enumerate(rows) for j, c in enumerate(r) if isinstance(c, str) and "." in c]
        odd = list(dict.fromkeys(odd))
    errors = _odd(odd, rows, values, where, decimal, account) if odd else None
    if np.isinf(values).any():
        i, j = np.argwhere(np.isinf(values))[0]
        raise InputError(
            f"{account.source}: {where(i, j)} is infinite; expected a finite score, or an empty cell where there is none"
        )
    _note_signs(values, account)
    return Numbers(values, errors)


def _note_signs(values: Floats, account: Account) -> None:
    """Say so where a few scores are the number that programs write for "none": the analyst knows, the table does not tell."""
    here = values[np.isfinite(values)]
    low = here[here < 0]
    if len(low) and len(low) * 5 < len(here) and (low == low[0]).all() and low[0] in _SIGNS:
        account.note(
            f"{len(low)} of {len(here):,} scores {'is' if len(low) == 1 else 'are'} {low[0]:g} and no other is below 0: taken as "
            "scores; empty the cells if they mean that there is none"
        )


def _plain_row(row: Sequence[object]) -> list[float] | None:
    """The numbers of a row of text in which every cell is one as Python writes it; else None."""
    try:
        text = "".join(row)  # type: ignore[arg-type]  # what is not text raises
        return None if "_" in text else list(map(float, row))  # type: ignore[arg-type]  # all of it is text
    except (TypeError, ValueError):
        return None


def _typed(cell: object, i: int, j: int, where: Callable[[int, int], str], account: Account) -> float:
    if cell is None or cell != cell or type(cell).__name__ in ("NAType", "NaTType"):
        return float("nan")
    if isinstance(cell, bool | np.bool_ | Real | Decimal):
        return float(cell)
    raise InputError(f"{account.source}: {where(i, j)} holds {str(cell)[:40]!r}, which is not a number")


def _odd(
    odd: list[tuple[int, int, str]],
    rows: Sequence[Sequence[object]],
    values: Floats,
    where: Callable[[int, int], str],
    decimal: str | None,
    account: Account,
) -> Floats | None:
    """Read the cells that are more than a number; the table's other cells help to tell how."""
    written: dict[tuple[int, int], cells.Written] = {}
    _refuse_truths_among_numbers(odd, rows, values, where, account)
    failed: dict[str, int] = {}
    for i, j, text in odd:
        truth = _TRUTH.get(text.strip().lower())
        found = None if truth is not None else cells.score(text)
        if truth is not None:
            values[i, j] = truth
        elif found is None and cells.is_failure(text):
            values[i, j] = np.nan
            failed[text.strip()] = failed.get(text.strip(), 0) + 1
        elif found is None:
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise InputError(
                f"{account.source}: {where(i, j)} holds {shown!r}, which is not a number; expected a score, or an empty cell "
                "where there is none"
            )
        else:
            written[i, j] = found
    if failed:
        account.note(
            f"{listing([f'{word!r} ({n})' if n > 1 else repr(word) for word, n in failed.items()], 4)} read as missing"
        )
    texts = [w.value for w in written.values()] + [w.error for w in written.values() if w.error]
    if any("," in t for t in texts):
        texts += [
            str(c)
            for r in rows
            for c in r
            if isinstance(c, str) and "." in c and (c.replace(".", "").strip().isdigit())
        ]
    mark = decimal_mark(texts, decimal, account.source)
    for (i, j), found in written.items():
        try:
            values[i, j] = to_float(found.value, mark)
        except ValueError:
            raise InputError(
                f"{account.source}: {where(i, j)} holds {found.value[:40]!r}, which is not a number with the decimal mark {mark!r}"
            ) from None
    if mark == ",":
        account.note("decimal commas")
    if any(w.interval for w in written.values()):
        account.note("intervals in brackets are not used")
    _percents(written, values, where, account)
    return _errors(written, values, where, mark, account)


def _refuse_truths_among_numbers(
    odd: list[tuple[int, int, str]],
    rows: Sequence[Sequence[object]],
    values: Floats,
    where: Callable[[int, int], str],
    account: Account,
) -> None:
    truths = [(i, j) for i, j, text in odd if text.strip().lower() in _TRUTH]
    if truths:
        others = np.isfinite(values) & ~np.isin(values, (0.0, 1.0))
        if others.any() or len(truths) < len(odd):
            i, j = truths[0]
            raise InputError(
                f"{account.source}: {where(i, j)} holds {rows[i][j]!r} among other numbers; expected a number"
            )


def _percents(
    written: dict[tuple[int, int], cells.Written], values: Floats, where: Callable[[int, int], str], account: Account
) -> None:
    """Percent are hundredths; of a row and a column with and without the sign nobody knows."""
    percent = np.zeros(values.shape, dtype=bool)
    for place, found in written.items():
        percent[place] = found.percent
    if not percent.any():
        return
    bare = ~percent & np.isfinite(values)
    if (percent.any(axis=0) & bare.any(axis=0)).any() and (percent.any(axis=1) & bare.any(axis=1)).any():
        (a, b), (c, d) = np.argwhere(percent)[0], np.argwhere(bare)[0]
        raise InputError(
            f"{account.source}: {where(a, b)} is in percent and {where(c, d)}, {values[c, d]:g}, is not; expected the sign on all or none"
        )
    for i, j in np.argwhere(percent):  # by text, which rounds once
        digits = repr(float(values[i, j]))
        values[i, j] = float(digits + "e-2") if "e" not in digits else values[i, j] / 100
    account.note("percent read as hundredths")


def _errors(
    written: dict[tuple[int, int], cells.Written],
    values: Floats,
    where: Callable[[int, int], str],
    mark: str,
    account: Account,
) -> Floats | None:
    inside = np.full(values.shape, np.nan)
    errors = np.full(values.shape, np.nan)
    whole, signed = True, False
    for place, found in written.items():
        factor = 0.01 if found.percent else 1.0
        if found.error is not None:
            errors[place] = factor * to_float(found.error.strip().lstrip("±"), mark)
        elif found.within is not None:
            text = found.within.replace(" ", "").lstrip("±")
            signed = signed or text[0] in "+-"
            whole = whole and text.lstrip("+-").isdigit()
            inside[place] = to_float(text, mark) * (1.0 if text.isdigit() else factor)
    if np.isfinite(inside).any():
        if signed:
            account.note("differences in brackets are not used")
        elif whole and _are_ranks(values, inside):
            account.note("ranks in brackets are not used")
        elif whole:
            i, j = np.argwhere(np.isfinite(inside))[0]
            raise InputError(
                f"{account.source}: {where(i, j)} has ({inside[i, j]:g}) behind its score: an error, a rank or a count? "
                "expected an error as in '82.3 ± 0.4', or the score alone"
            )
        else:
            errors = np.where(np.isfinite(inside), inside, errors)
    if not np.isfinite(errors).any():
        return None
    account.note("± and brackets read as standard errors")
    return errors


def _are_ranks(values: Floats, inside: Floats) -> bool:
    """Whether the numbers in brackets rank the scores of each row, or of each column, best or worst first."""
    full = np.isfinite(values) & np.isfinite(inside)
    for a, b, here in ((values, inside, full), (values.T, inside.T, full.T)):
        kept = here.all(axis=1)
        if not kept.any() or a.shape[1] < 2 or not kept.all():
            continue
        for up in (True, False):
            ranks = rank_rows(a, higher_is_better=up)
            lowest = np.asarray([[(r[r < x]).size + 1 for x in r] for r in ranks])  # ties share the best of their ranks
            if np.allclose(ranks, b) or np.array_equal(lowest, b):
                return True
    return False
