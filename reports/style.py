"""Palettes and one set of sizes for every figure and page."""

from dataclasses import dataclass
from typing import Final

#: Okabe and Ito (2008), safe for the common colour-vision deficiencies; black is `INK`. Never the only carrier of a
#: meaning: shape, dash or words go with it.
PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d00", "#6a51a3")
#: Marker shapes that go with `PALETTE`, one for one.
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "h")
#: Dashes that go with `PALETTE`, one for one.
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))

INK: Final = "#1a1d21"
MUTED: Final = "#5c636b"
RULE: Final = "#c3c8ce"
BAND: Final = "#f2f4f6"
#: The ground that hollow marks are filled with; not pure white, so that a page can tell it from a colour and darken it.
PAPER: Final = "#fefefe"
ACCENT: Final = PALETTE[0]

#: Font sizes in points, at which figures go into a paper unscaled.
FONT: Final = 8.0
SMALL: Final = 7.0
#: Width of a paper's page, in inches.
PAGE: Final = 6.9


@dataclass(frozen=True)
class Palette:
    """Colours that go together.

    Attributes
    ----------
    name : str
    series : tuple of str
        For lines and points, told apart by markers and dashes too.
    accent : str
        For what is decided.
    diverging : tuple of str
        From worse over alike to better. Every step is darker than the one before, so that the two ends, and the order, stay apart in grey.
    sequential : tuple of str
        From the best (dark) to the worst.
    """

    name: str
    series: tuple[str, ...]
    accent: str
    diverging: tuple[str, ...]
    sequential: tuple[str, ...]

    def colour(self, index: int) -> str:
        """The colour of a running number, starting over at the end (the markers then differ)."""
        return self.series[index % len(self.series)]


_GREYS: Final = ("#f4f4f4", "#dcdcdc", "#bdbdbd", "#8a8a8a", "#4d4d4d", "#111111")
#: Palettes by name. The second is Paul Tol's bright scheme (2021, SRON/EPS/TN/09-002), the third for print without colour.
PALETTES: Final = {
    "okabe-ito": Palette(
        "okabe-ito", PALETTE, ACCENT,
        ("#fff0c2", "#fdcf7e", "#f3ae6a", "#c9a9a6", "#8d7fb5", "#5c4697", "#2d004b"),
        ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#f7fbff"),
    ),
    "tol": Palette(
        "tol", ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#66ccee", "#777777", "#332288"), "#4477aa",
        ("#fff3c4", "#f5d76e", "#d9b98f", "#a9a9b8", "#6f8fc0", "#3b62a5", "#12305f"),
        ("#12305f", "#3b62a5", "#7f9fcb", "#c4d2e7", "#f6f9fd"),
    ),
    "grey": Palette(
        "grey", ("#111111", "#666666", "#999999", "#333333", "#808080", "#4d4d4d", "#b3b3b3", "#222222"), "#111111",
        _GREYS, ("#1a1a1a", "#555555", "#969696", "#d0d0d0", "#fafafa"),
    ),
}  # fmt: skip
