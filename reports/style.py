"""One palette and one set of sizes for every figure and page."""

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
#: A diverging colour map that keeps its order in grey.
DIVERGING: Final = "PuOr"


def colour(index: int) -> str:
    """The palette's colour of a running number, starting over at the end (the markers then differ)."""
    return PALETTE[index % len(PALETTE)]
