"""Points and commas in numbers: which is the decimal mark, decided over a whole table."""

import re
from collections.abc import Iterable

from stats.common.errors import InputError

#: Thin and hard spaces, and apostrophes, between groups of three digits.
_GROUPING = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009'](?=\d{3}(?!\d))")
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d*|[+-]?\d{1,3}(,\d{3}){2,}")
_THOUSANDS_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d*|[+-]?\d{1,3}(\.\d{3}){2,}")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def decimal_mark(texts: Iterable[str], asked: str | None, source: str) -> str:
    """Return the decimal mark of a table's numbers.

    Parameters
    ----------
    texts : iterable of str
        Every number that has a comma or a point in it, bare.
    asked : {".", ","} or None
        What ``--decimal`` says.
    source : str
        How errors call the table.

    Raises
    ------
    InputError
        If some numbers have a decimal comma and others a decimal point, or nothing tells which it is.

    Examples
    --------
    >>> decimal_mark(["0,57"], None, "t"), decimal_mark(["5,702.0"], None, "t"), decimal_mark(["1.234,5"], None, "t")
    (',', '.', ',')
    """
    if asked is not None:
        if asked not in (".", ","):
            raise InputError(f"decimal={asked!r}: expected '.' or ','")
        return asked
    comma = point = either = None
    for text in texts:
        bare = _GROUPING.sub("", text)
        if _THOUSANDS_COMMA.fullmatch(bare):
            point = point or text
        elif _THOUSANDS_POINT.fullmatch(bare):
            comma = comma or text
        elif "," in bare:
            if _EITHER.fullmatch(bare):
                either = either or text
            else:
                comma = comma or text
        elif "." in bare:
            point = point or text
    if comma and point:
        raise InputError(
            f"{source}: {comma!r} has a decimal comma and {point!r} a decimal point: which is it? "
            "--decimal , or --decimal . decides (the other then separates thousands)"
        )
    if either and not comma and not point:
        raise InputError(
            f"{source}: {either!r} may have a decimal comma or a comma between thousands: --decimal , or --decimal . decides"
        )
    return "," if comma else "."


def to_float(text: str, mark: str) -> float:
    """Read a number with this decimal mark; the other one separates thousands.

    Raises
    ------
    ValueError
        If it is not a number in that way.

    Examples
    --------
    >>> to_float("1.234,5", ","), to_float("5,702.0", "."), to_float("5 702", ".")
    (1234.5, 5702.0, 5702.0)
    """
    other = "." if mark == "," else ","
    bare = _GROUPING.sub("", text.strip())
    if other in bare:
        if not re.fullmatch(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{mark}\d*)?([eE][+-]?\d+)?", bare):
            raise ValueError(text)
        bare = bare.replace(other, "")
    if "_" in bare or " " in bare:
        raise ValueError(text)
    return float(bare.replace(",", "."))
