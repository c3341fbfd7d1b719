"""Cells of a grid of dimensions and precisions: each a model of its own, all from one encoding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.vector_sizes import PRECISIONS
from stats.common.errors import InputError, unknown

from .declared_width import declared_width
from .models import ModelSpec, distinct


@dataclass(frozen=True)
class Cell:
    """What becomes of a model's vectors before they are scored.

    Attributes
    ----------
    dims : int or None
        The first so many numbers are kept; None keeps all.
    precision : str
        One of `PRECISIONS`: how each number is stored.

    Examples
    --------
    >>> Cell(128, "int8").suffix, Cell(None, "float32").suffix
    ('-dim128-int8', '')
    """

    dims: int | None = None
    precision: str = "float32"

    @property
    def suffix(self) -> str:
        """What the model's name ends with; nothing where its vectors are left as they are."""
        dims = "" if self.dims is None else f"-dim{self.dims}"
        return dims + ("" if self.precision == "float32" else f"-{self.precision}")

    @property
    def identity(self) -> list[object]:
        """What a job's identity says of it; empty where the vectors are left as they are."""
        return [self.dims, self.precision] if self.suffix else []


def parse_cells(dims: object, precision: object) -> list[Cell]:
    """Read ``"64,128,full"`` and ``"float32,int8"`` (or lists of them): every combination, as given.

    Raises
    ------
    InputError
        If a number of dimensions is no whole number above 0, or a precision is unknown.

    Examples
    --------
    >>> [c.suffix for c in parse_cells("64,full", "float32,binary")]
    ['-dim64', '-dim64-binary', '', '-binary']
    """
    widths = [_dims(part) for part in _parts(dims)] or [None]
    precisions = _parts(precision) or ["float32"]
    for name in precisions:
        if name not in PRECISIONS:
            raise unknown("precision", name, PRECISIONS)
    return [Cell(d, p) for d in dict.fromkeys(widths) for p in dict.fromkeys(precisions)]


def too_wide(dims: int, model: str, width: int) -> InputError:
    """What is said of more dimensions than a model's vectors have."""
    return InputError(f"dims={dims}: {model} makes vectors of {width}; expected at most that, or full")


def _parts(given: object) -> list[str]:
    if given is None:
        return []
    many = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    return [part.strip() for one in many for part in str(one).split(",") if part.strip()]


def _dims(text: str) -> int | None:
    if text == "full":
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"dims={text!r}: expected whole numbers above 0, or full, such as 64,128,full")
    return int(text)


def in_cells(specs: Sequence[ModelSpec], cells: Sequence[Cell]) -> list[ModelSpec]:
    """Every model in every cell; a model whose vectors are left as they are keeps its name.

    Raises
    ------
    InputError
        If a cell would have the name of another model, or more dimensions than a model's folder says that its vectors have.
    """
    most = max((cell.dims or 0 for cell in cells), default=0)
    for spec in specs:
        width = declared_width(Path(spec.source)) if spec.kind == "folder" else None
        if width is not None and most > width:
            raise too_wide(most, spec.name, width)
    return distinct(
        [replace(spec, name=spec.name + cell.suffix, cell=cell) for spec in specs for cell in cells], "a cell"
    )
