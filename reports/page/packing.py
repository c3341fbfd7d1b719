"""Numbers as compact binary columns, which a page carries as text and its script reads back as typed arrays."""

import base64
import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

#: Bits of a single-precision mantissa that are kept where six digits are enough: the lowest byte is then empty, and costs nothing.
_SIX_DIGITS = 17
#: Bounds of a fraction in two bytes, and what stands for an undefined one.
_LARGEST, _NONE = 32767, -32768
#: So near the middle of two places the product decides nothing: the number itself is asked.
_HALFWAY = 1e-6


def packed(columns: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """Return columns of equal length as one text.

    Parameters
    ----------
    columns : mapping
        Name -> (type, values). The type is ``u1``, ``u2``, ``f4`` or ``f8``, little-endian; ``f4~`` is single precision to six digits, and ``i2.4`` a
        decimal fraction of four places in two bytes (undefined: the least number), or ``f4~`` where it does not fit.

    Returns
    -------
    dict
        ``rows``; ``columns``, a list of [name, type]; ``data``, base64 of gzip of all columns one after the other. Within a column the
        first bytes of all numbers come first, then their second bytes, and so on: neighbours are then alike, and compress.

    Examples
    --------
    >>> made = packed({"rank": ("u2", [1, 2, 300])})
    >>> made["rows"], made["columns"]
    (3, [['rank', 'u2']])
    >>> list(gzip.decompress(base64.b64decode(made["data"])))
    [1, 2, 44, 0, 0, 1]
    """
    lengths = {len(values) for _, values in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of different lengths: {sorted(lengths)}")
    kinds = {name: _fitting(kind, values) for name, (kind, values) in columns.items()}
    body = b"".join(_bytes(kinds[name], values) for name, (_, values) in columns.items())
    return {
        "rows": lengths.pop() if lengths else 0,
        "columns": [[name, kind.rstrip("~")] for name, kind in kinds.items()],
        "data": base64.b64encode(gzip.compress(body, compresslevel=6, mtime=0)).decode(),
    }


def _fitting(kind: str, values: Any) -> str:
    """The kind itself, or six digits where a fraction is too large for two bytes."""
    if not kind.startswith("i2."):
        return kind
    numbers = np.abs(np.asarray(values, dtype=float))
    largest = numbers[~np.isnan(numbers)].max(initial=0.0)
    return kind if largest * 10 ** int(kind[3:]) <= _LARGEST else "f4~"


def _bytes(kind: str, values: Any) -> bytes:
    if kind.startswith("i2."):
        numbers = _in_places(np.asarray(values, dtype=float), int(kind[3:]))
        values, kind = np.where(np.isnan(numbers), _NONE, np.nan_to_num(numbers)), "i2"
    return _planes(kind, values)


def _in_places(numbers: npt.NDArray[np.float64], places: int) -> npt.NDArray[np.float64]:
    """Whole numbers of the last place, rounded as text is: 0.00725 halfway between two is rounded by what the number is exactly."""
    scaled = numbers * 10**places
    rounded: npt.NDArray[np.float64] = np.rint(scaled)
    for i in np.flatnonzero(np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < _HALFWAY):
        rounded[i] = round(float(f"{numbers[i]:.{places}f}") * 10**places)
    return rounded


def _planes(kind: str, values: Any) -> bytes:
    numbers: npt.NDArray[Any] = np.ascontiguousarray(values, dtype=f"<{kind.rstrip('~')}")
    if kind.endswith("~"):
        numbers = _rounded(numbers)
    width = numbers.dtype.itemsize
    return numbers.view(np.uint8).reshape(len(numbers), width).T.tobytes()


def _rounded(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Round the mantissa; infinities and undefined numbers stay."""
    step = np.uint32(1 << (23 - _SIX_DIGITS))
    bits = numbers.view(np.uint32)
    rounded = ((bits + step // 2) & ~(step - np.uint32(1))).view(np.float32)
    return np.where(np.isfinite(numbers), rounded, numbers).astype("<f4")
