"""Write a figure: SVG with text as text and the same bytes every time, PDF, PNG; TikZ for the critical-difference diagram."""

import io
import os
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError
from stats.common.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: File endings that `save_figure` writes.
FORMATS = ("svg", "pdf", "png")


def build_date() -> datetime | None:
    """Return the moment that SOURCE_DATE_EPOCH names, or None where it is not set."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(seconds), UTC) if seconds and seconds.isdigit() else None


def figure_of(ax: "Axes") -> "Figure":
    """Return the figure that an Axes lies on."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise InputError("the Axes has been removed from its figure: draw it again")
    return figure


@contextmanager
def _reproducible(salt: str) -> "Iterator[None]":
    import matplotlib as mpl

    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": salt,
            "pdf.fonttype": 42,
            "pdf.compression": 6,
            "text.usetex": False,
            "text.hinting": "none",
        }
    ):
        yield


def save_figure(ax: "Axes", path: str | PathLike[str], *, dpi: float = 200, title: str | None = None) -> Path:
    """Write the figure that `ax` lies on.

    Parameters
    ----------
    ax : Axes
    path : path-like
        Ends in svg, pdf or png.
    dpi : float
        Resolution of a PNG, in dots per inch.
    title : str, optional
        The title in the file's own metadata.

    Returns
    -------
    Path
        The file, complete: it is written beside and moved.

    Raises
    ------
    InputError
        If the ending is another.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp(), "forest.svg")
    >>> embsig.save_figure(embsig.forest(comparison), path).name
    'forest.svg'
    """
    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise InputError(f"cannot write {path.name!r}: expected a file that ends in {', '.join(FORMATS)}")
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Title": title} if title else {}
    date = build_date()
    if kind == "svg":
        metadata["Date"] = date.isoformat() if date else None
    elif kind == "pdf":
        metadata["CreationDate"] = date
    with _reproducible(path.stem):
        figure_of(ax).savefig(buffer, format=kind, dpi=dpi, metadata=metadata, facecolor="white")
    content = buffer.getvalue()
    if kind == "svg":
        content = _stable_ids(content.decode(), path.stem).encode()
    write_whole(path, content)
    return path


def svg_text(ax: "Axes", salt: str = "embsig") -> str:
    """Return the figure that `ax` lies on as SVG, with text as text and the same bytes every time."""
    buffer = io.StringIO()
    with _reproducible(salt):
        figure_of(ax).savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    return _stable_ids(buffer.getvalue(), salt)


def _stable_ids(svg: str, salt: str) -> str:
    """Number the clip paths: matplotlib names them by where an object lies in memory, which differs from run to run."""
    prefix = "clip-" + re.sub(r"[^A-Za-z0-9]+", "-", salt)
    for n, name in enumerate(dict.fromkeys(re.findall(r'<clipPath id="([^"]+)"', svg))):
        svg = svg.replace(f'id="{name}"', f'id="{prefix}-{n}"').replace(f"url(#{name})", f"url(#{prefix}-{n})")
    return svg


def close(ax: "Axes") -> None:
    """Forget the figure that `ax` lies on."""
    import matplotlib.pyplot as plt

    plt.close(figure_of(ax))
