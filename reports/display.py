"""Display strings: how a p-value, a rank, a score or a name is written. Every figure, table and page asks here."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from stats.common.tables import visible

#: What stands for an undefined number.
NONE = "–"
_MINUS = "\N{MINUS SIGN}"


def name(model: object) -> str:
    """One line of a name: line breaks, tabs and other control characters become blanks.

    Examples
    --------
    >>> name("a\\nb")
    'a b'
    """
    return visible(str(model)) or "(no name)"


def number(value: float, digits: int = 4, *, signed: bool = False, minus: str = _MINUS) -> str:
    """Return a number with so many decimals and a true minus sign; an undefined one is a dash."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", minus)


def pvalue(p: float, *, equals: bool = False) -> str:
    """Return ``0.032``, ``< 0.001``, or with `equals` ``p = 0.032``, ``p < 0.001``; never ``0.000``.

    Examples
    --------
    >>> pvalue(0.0004), pvalue(0.0315, equals=True), pvalue(0.9999)
    ('< 0.001', 'p = 0.032', '> 0.999')
    """
    if p is None or not math.isfinite(p):
        return f"p {NONE}" if equals else NONE
    if p < 0.001:
        text = "< 0.001"
    elif 0.9995 <= p < 1:
        text = "> 0.999"
    else:
        text = f"{p:.3f}"
        if equals:
            text = f"= {text}"
    return f"p {text}" if equals else text


def chance(p: float) -> str:
    """Return a posterior probability as ``0.953``, ``< 0.001`` or ``> 0.999``; never as certain.

    Examples
    --------
    >>> chance(0.9531), chance(1.0)
    ('0.953', '> 0.999')
    """
    return "> 0.999" if p >= 0.9995 else pvalue(p)


def rank_strings(ranks: Iterable[float], *, most: int = 4) -> list[str]:
    """Mean ranks with as many decimals (2 to `most`) as tell different ranks apart.

    Examples
    --------
    >>> rank_strings([10.43, 10.431, 2.0])
    ['10.430', '10.431', '2.000']
    """
    values = [float(r) for r in ranks]
    different = len({round(v, 9) for v in values if math.isfinite(v)})
    for digits in range(2, most + 1):
        texts = [number(v, digits) for v in values]
        if len({t for t in texts if t != NONE}) >= different:
            break
    return texts if values else []


def integer_range(low: float, high: float) -> str:
    """Return a set of ranks: ``3`` or ``1–4``."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return NONE
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"


def interval(low: float, high: float, digits: int = 4, *, signed: bool = False) -> str:
    """Return a confidence interval: ``[−0.0120, 0.0310]``."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return NONE
    return f"[{number(low, digits, signed=signed)}, {number(high, digits, signed=signed)}]"


def score_digits(values: Iterable[float]) -> int:
    """Decimals that suit scores of this size: 4 for fractions, 2 for points (0 to 100), fewer beyond.

    Examples
    --------
    >>> score_digits([.61, .73]), score_digits([61.2, 73])
    (4, 2)
    """
    finite = np.abs(np.asarray([v for v in values if v is not None and math.isfinite(v)], dtype=float))
    largest = float(finite.max()) if finite.size else 1.0
    return 4 if largest <= 2 else 2 if largest <= 1000 else 0


def count(n: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 task``, ``41 tasks``, ``1,204 pairs``."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listing(names: Sequence[str], most: int = 4) -> str:
    """Return ``a, b and c``, or ``a, b, c and 9 more``."""
    names = [name(n) for n in names]
    if len(names) <= 1:
        return names[0] if names else NONE
    if len(names) <= most:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more"


def letters(index: int) -> str:
    """Return the name of a group by its running number: a to z, then aa, ab, ...

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('a', 'z', 'aa', 'zz', 'aaa')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(97 + rest) + text
    return text
