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
WARM: Final = PALETTE[1]

#: Font sizes in points, at which figures go into a paper unscaled.
FONT: Final = 8.0
SMALL: Final = 7.0
#: Widths of a paper's column and page, in inches.
COLUMN: Final = 3.4
PAGE: Final = 6.9
#: A diverging and a sequential colour map that keep their order in grey.
DIVERGING: Final = "PuOr"
SEQUENTIAL: Final = "cividis"


def colour(index: int) -> str:
    """The palette's colour of a running number, starting over at the end (the markers then differ)."""
    return PALETTE[index % len(PALETTE)]


def marker(index: int) -> str:
    """Return the marker of a running number; 8 colours and shifted markers give 64 different signs."""
    return MARKERS[(index + index // len(PALETTE)) % len(MARKERS)]
