"""Tables of shares as heat maps: every cell keeps its number, and takes a shade by what its heading says is good."""

import re

#: Shades from none (0) to the strongest.
_SHADES = 5
_HEADING = re.compile(r"<h[23]>(.*?)<a |<table.*?</table>", re.DOTALL)
_CELL = re.compile(r"<td( class=\"[^\"]*)?\"?>((?:<p>)?(?:<strong>)?)(\d+(?:\.\d)?)((?:</strong>)?(?:</p>)?)</td>")


def shade(heading: str, value: float) -> tuple[str, int]:
    """Return what a cell is shaded as and how strongly, 0 to 5.

    Examples
    --------
    An error of 5 % is what it should be, one of 15 % is amiss; a coverage of 85 % is as bad; power is as strong as it is high.

    >>> shade("family-wise error", 5.0), shade("family-wise error", 15.0), shade("joint coverage", 85.0), shade("power", 80.0)
    (('heat', 0), ('heat', 3), ('heat', 3), ('gain', 4))
    """
    if "power" in heading.lower() and "planning" not in heading.lower():
        return "gain", round(value / 100 * _SHADES)
    if "coverage" in heading.lower():
        amiss = 95.0 - value
    elif re.search("error|false|level at|omnibus|Selection", heading):
        amiss = value - 5.0
    else:
        return "heat", 0
    # The simulations' own error is about 1.5 points; 25 points are as bad as it gets.
    return "heat", 0 if amiss <= 1.5 else min(_SHADES, 1 + round(amiss / 25 * _SHADES))


def shaded(page: str) -> str:
    """Return a page's HTML with the cells of its tables shaded; nothing else of it changes."""
    heading = ""

    def part(found: "re.Match[str]") -> str:
        nonlocal heading
        if found[1] is not None:
            heading = re.sub("<[^>]*>", "", found[1])
            return found[0]
        return _CELL.sub(cell, found[0])

    def cell(found: "re.Match[str]") -> str:
        kind, strength = shade(heading, float(found[3]))
        if not strength:
            return found[0]
        before = f"{found[1]} " if found[1] else ' class="'
        return f'<td{before}{kind}-{strength}">{found[2]}{found[3]}{found[4]}</td>'

    return _HEADING.sub(part, page)
