"""The one formatter: numbers, p-values, intervals, counts, plurals and names, under sentences, tables, figures, pages and notebooks.

What a quantity looks like is decided here alone, so that it is the same text wherever it stands. The two styles differ in
signs only: `PLAIN` is ASCII, for terminals, logs and what other programs read; `TYPESET` has true minus signs and
dashes, for figures, pages and papers. The functions of this module are those of the plain style.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A style of writing; every method returns a text.

    Attributes
    ----------
    minus, dash : str
        Sign of a negative number; between the ends of a range of whole numbers.
    none : str
        What stands for an undefined number in a table or figure.
    infinity : str
    alpha : str
        Sign of the significance level.
    """

    minus: str = "-"
    dash: str = "-"
    none: str = "-"
    infinity: str = "inf"
    alpha: str = "alpha"

    # -- numbers -------------------------------------------------------------------------------------------------

    def fixed(self, value: float | None, places: int = 4, *, signed: bool = False) -> str:
        """Show a number with so many decimals, as scores, differences and effects are.

        Examples
        --------
        >>> PLAIN.fixed(-.00345), PLAIN.fixed(.012, 2, signed=True), PLAIN.fixed(-1e-9), TYPESET.fixed(-.5, 1)
        ('-0.0034', '+0.01', '0.0000', '−0.5')
        """
        if value is None or math.isnan(value):
            return self.none
        if math.isinf(value):
            return f"{self.minus if value < 0 else '+' if signed else ''}{self.infinity}"
        written = f"{value:{'+' if signed else ''},.{places}f}"
        if float(written.replace(",", "")) == 0:
            written = written.lstrip("+-")
        return written.replace("-", self.minus)

    def number(self, value: float, digits: int = 3) -> str:
        """Show a number with `digits` significant digits or all of its whole part, with thousands separated.

        Examples
        --------
        >>> PLAIN.number(.75979), PLAIN.number(10.39), PLAIN.number(5459.1)
        ('0.760', '10.4', '5,459')
        """
        if math.isnan(value):
            return "undefined"
        if math.isinf(value):
            return "infinity" if value > 0 else f"{self.minus}infinity"
        if value == 0:
            return "0"
        places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return f"{value:,.{min(places, 12)}f}".replace("-", self.minus)

    def statistic(self, value: float) -> str:
        """Show a test's statistic: a whole number as it is, others with 4 significant digits.

        Examples
        --------
        >>> PLAIN.statistic(12.), PLAIN.statistic(75.4231), PLAIN.statistic(-1.5)
        ('12', '75.42', '-1.500')
        """
        if math.isfinite(value) and value == round(value):
            return f"{value:,.0f}".replace("-", self.minus)
        return self.number(value, 4)

    def pvalue(self, p: float, *, symbol: str = "p") -> str:
        """Show a p-value with three decimals, never as zero, and as one only where it is; bare with an empty symbol.

        Examples
        --------
        >>> PLAIN.pvalue(.0041), PLAIN.pvalue(.00002), PLAIN.pvalue(.0412, symbol=""), PLAIN.pvalue(.9999, symbol="")
        ('p = 0.004', 'p < 0.001', '0.041', '> 0.999')
        """
        if p is None or math.isnan(p):
            return f"{symbol} undefined" if symbol else self.none
        sign, shown = "=", f"{p:.3f}"
        if p < 0.001:
            sign, shown = "<", "0.001"
        elif 0.9995 <= p < 1:
            sign, shown = ">", "0.999"
        if symbol:
            return f"{symbol} {sign} {shown}"
        return shown if sign == "=" else f"{sign} {shown}"

    def chance(self, p: float, *, symbol: str = "") -> str:
        """Show a posterior probability with three decimals, never as certain.

        Examples
        --------
        >>> PLAIN.chance(.9531, symbol="P(a)"), PLAIN.chance(1.), PLAIN.chance(0.)
        ('P(a) = 0.953', '> 0.999', '< 0.001')
        """
        return self.pvalue(math.nextafter(1, 0) if p == 1 else p, symbol=symbol)

    def bound(self, p: float) -> str:
        """Show a bound on p-values, of which the size matters however small: two significant digits.

        Examples
        --------
        >>> PLAIN.bound(2 / 2**6), PLAIN.bound(9.0949e-13)
        ('0.031', '9.1e-13')
        """
        if math.isnan(p):
            return self.none
        return (f"{p:.1e}" if 0 < p < 0.001 else f"{p:.3f}").replace("-", self.minus)

    def interval(self, low: float, high: float, places: int = 4, *, signed: bool = False) -> str:
        """Show an interval; one without ends is unbounded, one that is undefined is none.

        Of a difference (signed), an end that is written as 0 and leaves 0 out has a round bracket: beside an interval that holds 0 it
        would look the same, and one pair is decided and the other is not.

        Examples
        --------
        >>> PLAIN.interval(.00345, .02201, signed=True), PLAIN.interval(-math.inf, math.inf), TYPESET.interval(0, math.inf, 1)
        ('[+0.0034, +0.0220]', 'unbounded', '[0.0, ∞]')
        >>> PLAIN.interval(1e-12, .03, signed=True), PLAIN.interval(0, .03, signed=True)
        ('(0.0000, +0.0300]', '[0.0000, +0.0300]')
        """
        if math.isnan(low) or math.isnan(high):
            return self.none
        if math.isinf(low) and math.isinf(high):
            return "unbounded"
        ends = [self.fixed(end, places, signed=signed) for end in (low, high)]
        zero = self.fixed(0.0, places)
        left = "(" if signed and low > 0 and ends[0] == zero else "["
        right = ")" if signed and high < 0 and ends[1] == zero else "]"
        return f"{left}{ends[0]}, {ends[1]}{right}"

    def named_interval(self, low: float, high: float, named: str, places: int = 4) -> str:
        """Show the interval of a difference behind its name.

        Examples
        --------
        >>> PLAIN.named_interval(.01, .02, "95 % CI"), PLAIN.named_interval(-math.inf, math.inf, "95 % CI")
        ('95 % CI [+0.0100, +0.0200]', '95 % CI unbounded')
        """
        return f"{named} {self.interval(low, high, places, signed=True)}"

    def integers(self, low: float, high: float) -> str:
        """Show a range of whole numbers, such as a set of ranks: ``3`` or ``1-4``.

        Examples
        --------
        >>> PLAIN.integers(3, 3), TYPESET.integers(1, 4)
        ('3', '1–4')
        """
        if not (math.isfinite(low) and math.isfinite(high)):
            return self.none
        return f"{low:.0f}" if low == high else f"{low:.0f}{self.dash}{high:.0f}"

    def ranks(self, ranks: Iterable[float], *, most: int = 4) -> list[str]:
        """Show mean ranks with as many decimals (2 to `most`) as tell different ranks apart.

        Examples
        --------
        >>> PLAIN.ranks([10.43, 10.431, 2.0])
        ['10.430', '10.431', '2.000']
        """
        values = [float(r) for r in ranks]
        different = len({round(v, 9) for v in values if math.isfinite(v)})
        texts: list[str] = []
        for places in range(2, most + 1):
            texts = [self.fixed(v, places) for v in values]
            if len({t for t in texts if t != self.none}) >= different:
                break
        return texts

    # -- words ---------------------------------------------------------------------------------------------------

    def listing(self, names: Sequence[str], most: int = 5) -> str:
        """Names as a sentence says them, at most `most` of them.

        Examples
        --------
        >>> PLAIN.listing(["a", "b", "c"]), PLAIN.listing(["a", "b", "c"], 2)
        ('a, b and c', 'a, b and 1 more')
        """
        names = [name(n) for n in names]
        if len(names) > most:
            return f"{', '.join(names[:most])} and {len(names) - most:,} more"
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "none"


PLAIN = Text()
TYPESET = Text(minus="\N{MINUS SIGN}", dash="–", none="–", infinity="∞", alpha="α")

fixed, number, statistic, pvalue, chance = PLAIN.fixed, PLAIN.number, PLAIN.statistic, PLAIN.pvalue, PLAIN.chance
bound, interval, named_interval, integers = PLAIN.bound, PLAIN.interval, PLAIN.named_interval, PLAIN.integers
ranks, listing = PLAIN.ranks, PLAIN.listing


def places(values: Iterable[float]) -> int:
    """Decimals that suit scores of this size: 4 for fractions, 2 for points (0 to 100), fewer beyond.

    Examples
    --------
    >>> places([.61, .73]), places([61.2, 73])
    (4, 2)
    """
    largest = max((abs(v) for v in values if v is not None and math.isfinite(v)), default=1.0)
    return 4 if largest <= 2 else 2 if largest <= 1000 else 0


def percent(share: float) -> str:
    """Show a share of 1 as ``95 %``.

    Examples
    --------
    >>> percent(.95), percent(.999)
    ('95 %', '99.9 %')
    """
    return f"{100 * share:g} %"


#: Nouns with a plural of their own.
_PLURALS = {"analysis": "analyses", "hypothesis": "hypotheses", "index": "indices", "matrix": "matrices"}


def plural(noun: str) -> str:
    """Return the plural of a noun, or of the last noun of a phrase.

    Examples
    --------
    >>> plural("task"), plural("family"), plural("further analysis"), plural("loss"), plural("day")
    ('tasks', 'families', 'further analyses', 'losses', 'days')
    """
    head, blank, last = noun.rpartition(" ")
    if last in _PLURALS:
        last = _PLURALS[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return head + blank + last


def count(n: int, noun: str) -> str:
    """Show ``1 task``, ``2 tasks``, ``3 families``, ``1,204 analyses``.

    Examples
    --------
    >>> count(1, "task"), count(3, "family"), count(1204, "analysis")
    ('1 task', '3 families', '1,204 analyses')
    """
    return f"{n:,} {noun if n == 1 else plural(noun)}"


def name(given: object) -> str:
    r"""Return a name on one line: what does not print is a blank.

    Examples
    --------
    >>> name("a\nb")
    'a b'
    """
    return visible(str(given)) or "(no name)"


def visible(name: str) -> str:
    """What can be seen of a name: without characters that do not print, such as a zero-width space.

    Examples
    --------
    >>> visible("a\\u200b\\nb")
    'a b'
    """
    printed = name if name.isprintable() else "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printed.split())


def harmless(text: str) -> str:
    r"""Return a text in which nothing moves the cursor or turns the order of the letters: what does not print is escaped.

    Examples
    --------
    >>> harmless("a\x1b[2Jb\u202ec\td")
    'a\\x1b[2Jb\\u202ec d'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else ascii(c)[1:-1] for c in text)


def cited(reference: str) -> str:
    """Return a reference as a text cites it: authors and year.

    Examples
    --------
    >>> cited("Holm, S. (1979). A simple ..."), cited("Romano, J. P. and Wolf, M. (2005). Stepwise ...")
    ('Holm 1979', 'Romano and Wolf 2005')
    >>> cited("Benavoli, A., Corani, G., Demšar, J. and Zaffalon, M. (2017). Time ...")
    'Benavoli et al. 2017'
    """
    authors, _, rest = reference.partition(" (")
    first, _, last = authors.rpartition(" and ")
    surnames = [first or last, *([last] if first else [])]
    many = first.count(",") > 1
    named = f"{surnames[0].split(',')[0]} et al." if many else " and ".join(s.split(",")[0] for s in surnames)
    return f"{named} {rest[:4]}" if rest[:4].isdigit() else named


def letters(index: int) -> str:
    """Return the name of a group by its running number: a to z, then aa, ab, ...

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('a', 'z', 'aa', 'zz', 'aaa')
    """
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(97 + rest) + found
    return found
