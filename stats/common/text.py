"""Numbers as words: the one place that says how a p-value or a score is shown."""

import math


def pvalue(p: float, *, symbol: str = "p") -> str:
    """Show a p-value with two significant digits, never as zero.

    Examples
    --------
    >>> pvalue(.0412), pvalue(.00002), pvalue(1.)
    ('p = 0.041', 'p < 0.001', 'p = 1')
    """
    if math.isnan(p):
        return f"{symbol} undefined"
    if p < 0.001:
        return f"{symbol} < 0.001"
    if p > 0.9995:
        return f"{symbol} = 1"
    return f"{symbol} = {p:.4f}" if p < 0.01 else f"{symbol} = {p:.3f}" if p < 0.1 else f"{symbol} = {p:.2f}"


def chance(p: float, *, symbol: str) -> str:
    """Show a posterior probability with three decimals, never as certain.

    Examples
    --------
    >>> chance(.9531, symbol="P(a)"), chance(.99999, symbol="P(a)"), chance(0., symbol="P(a)")
    ('P(a) = 0.953', 'P(a) > 0.999', 'P(a) < 0.001')
    """
    return pvalue(p, symbol=symbol) if p < 0.001 else f"{symbol} > 0.999" if p >= 0.9995 else f"{symbol} = {p:.3f}"


def number(value: float, digits: int = 3) -> str:
    """Show a number with `digits` significant digits or all of its whole part, with thousands separated.

    Examples
    --------
    >>> number(.75979), number(10.39), number(5459.1)
    ('0.760', '10.4', '5,459')
    """
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 12)}f}"


def interval(low: float, high: float, *, signed: bool = False) -> str:
    """Show an interval with as many digits as its width calls for.

    Examples
    --------
    >>> interval(.00345, .02201, signed=True)
    '[+0.0034, +0.0220]'
    """
    width = high - low
    places = 4 if not math.isfinite(width) or width <= 0 else min(max(0, 2 - math.floor(math.log10(width))), 10)
    sign = "+" if signed else ""
    return f"[{low:{sign},.{places}f}, {high:{sign},.{places}f}]"


def named_interval(low: float, high: float, name: str) -> str:
    """Show the interval of a difference behind its name, or say that there is none.

    Examples
    --------
    >>> named_interval(.01, .02, "95 % CI"), named_interval(-math.inf, math.inf, "95 % CI")
    ('95 % CI [+0.0100, +0.0200]', 'no finite 95 % CI')
    """
    if math.isinf(low) and math.isinf(high):
        return f"no finite {name}"
    return f"{name} {interval(low, high, signed=True)}"


def listing(names: list[str], most: int = 5) -> str:
    """Names as a sentence says them, at most `most` of them.

    Examples
    --------
    >>> listing(["a", "b", "c"]), listing(["a", "b", "c"], 2)
    ('a, b and c', 'a, b and 1 more')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


def count(n: int, word: str) -> str:
    """Show ``1 task``, ``2 tasks``, ``3 families``."""
    plural = word[:-1] + "ies" if word.endswith("y") else word + "s"
    return f"{n:,} {word if n == 1 else plural}"
