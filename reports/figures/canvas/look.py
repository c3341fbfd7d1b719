"""What every figure can be asked for: a title, how names are written, a size, colours, the size of the type."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from reports.given import check_comparison
from reports.style import FONT, PALETTES, Palette
from stats.common import text
from stats.common.errors import InputError, unknown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: Type is never smaller than this, in points: nobody could read it.
LEAST_FONT = 3.0


@dataclass(frozen=True)
class Look:
    """How a figure is to look.

    Attributes
    ----------
    title : str
        Words above it; empty: none.
    names : mapping
        How to write a model's name, where not by the name itself.
    width, height : float or None
        Of a new figure in points; None: as its content asks for.
    palette : Palette
    size : float
        Of the type, in points.
    """

    title: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    width: float | None = None
    height: float | None = None
    palette: Palette = PALETTES["okabe-ito"]
    size: float = FONT

    def name(self, model: object) -> str:
        """A model's name as it is to be written."""
        return text.name(self.names.get(str(model), model))


class NoRoom(Exception):
    """A figure does not fit the size asked for with type of this size."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(f"{width / 72:.1f} x {height / 72:.1f} inches are needed")
        self.needed = width, height


_SHARED = """names : mapping, optional
        How to write a model's name, where not by the name itself.
    title : str, optional
        Words above the figure.
    width, height : float, optional
        Of a new figure in inches; without them as its content asks for. Type shrinks where it has to, down to 3 points.
    palette : str, optional
        ``"okabe-ito"`` (the default), ``"tol"`` or ``"grey"``, or colours with commas between them.
    font_size : float
        In points.
"""


def adjustable(draw: "Callable[..., Axes]") -> "Callable[..., Axes]":
    """Give a figure the options that all figures share; `draw` takes them as one `Look`.

    A figure that raises `NoRoom` is drawn again with smaller type until it fits.
    """

    @wraps(draw)
    def figure(
        comparison: "Comparison",
        ax: "Axes | None" = None,
        *,
        names: Mapping[str, str] | None = None,
        title: str | None = None,
        width: float | None = None,
        height: float | None = None,
        palette: str | None = None,
        font_size: float = FONT,
        **options: Any,
    ) -> "Axes":
        check_comparison(comparison, draw.__name__)
        if ax is not None and (width is not None or height is not None):
            raise InputError("ax= is as large as it is: give it that size, or leave it out to have width and height")
        look = Look(
            title or "", _known(names, comparison), _points("width", width), _points("height", height),
            chosen_palette(palette), font_size,
        )  # fmt: skip
        while True:
            try:
                return draw(comparison, ax, look=look, **options)
            except NoRoom as no:
                smaller = replace(look, size=look.size * 0.94)
                if smaller.size < LEAST_FONT:
                    asked = " x ".join(f"{v:g}" for v in (width, height) if v is not None)
                    raise InputError(
                        f"{asked} inches are too small for this figure's words, even at {LEAST_FONT:g} points: about {no}"
                    ) from None
                look = smaller

    own = [p for p in inspect.signature(draw).parameters.values() if p.name != "look"]
    shared = [
        p for p in inspect.signature(figure, follow_wrapped=False).parameters.values() if p.kind is p.KEYWORD_ONLY
    ]
    figure.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]  # a function has one when it is given
    figure.__doc__ = (draw.__doc__ or "").replace("{shared}\n", _SHARED)
    return figure


def _points(what: str, inches: float | None) -> float | None:
    if inches is None:
        return None
    if not 0 < inches < 200:
        raise InputError(f"{what}={inches!r}: expected inches, more than 0 and less than 200")
    return inches * 72


def _known(names: Mapping[str, str] | None, comparison: "Comparison") -> Mapping[str, str]:
    """The names given, at least one of which must be a model's."""
    models = set(map(str, comparison.scores.models))
    if names and not models & set(names):
        raise InputError(
            f"names: none of the {len(names)} given, {next(iter(names))!r} the first, is a model compared; expected names such as "
            f"{min(models)!r}"
        )
    return names or {}


def chosen_palette(name: str | None) -> Palette:
    """Return the palette of this name, or one of the colours given with commas between them.

    Raises
    ------
    InputError
        If it is neither.
    """
    from matplotlib.colors import is_color_like, to_hex

    if name is None or name in PALETTES:
        return PALETTES[name or "okabe-ito"]
    colours = [part.strip() for part in name.split(",")]
    if len(colours) == 1:
        raise unknown("palette", name, PALETTES)
    if wrong := [c for c in colours if not is_color_like(c)]:
        raise InputError(f"palette: {wrong[0]!r} is no colour; expected such as #0072b2 or navy")
    return replace(PALETTES["okabe-ito"], name="own", series=tuple(map(to_hex, colours)), accent=to_hex(colours[0]))
