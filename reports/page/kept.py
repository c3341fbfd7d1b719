"""Drawings that are kept between two makings of a page: where what they show is the same, they are not drawn again."""

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from stats.common.writing import write_whole

from .drawings import Drawing, drawings

if TYPE_CHECKING:
    from stats import Comparison

#: Packages whose versions a drawing may depend on.
_DRAWN_WITH = ("matplotlib", "numpy", "scipy", "pandas")


def kept_drawings(comparison: "Comparison", where: Path, code: str) -> dict[str, Drawing]:
    """Return the drawings of a page from a file where they are those of this comparison, else draw and keep them.

    Parameters
    ----------
    comparison : Comparison
        Without factors of a design.
    where : Path
        A file of this function's; of another comparison, or damaged, it is written anew.
    code : str
        A hash of the code that computes and draws.
    """
    key = _key(comparison, code)
    if (found := _read(where, key)) is not None:
        return found
    made = drawings(comparison)
    write_whole(where, json.dumps({"key": key, "drawings": [asdict(drawing) for drawing in made.values()]}))
    return made


def _read(where: Path, key: str) -> dict[str, Drawing] | None:
    try:
        held = json.loads(where.read_text(encoding="utf-8"))
        if held["key"] != key:
            return None
        return {d["name"]: Drawing(**{**d, "svg": Markup(d["svg"])}) for d in held["drawings"]}  # noqa: S704  # drawn by this program
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _key(comparison: "Comparison", code: str) -> str:
    """A hash of all that a drawing shows: who was left out of the comparison, and what was read, is not among it."""
    digest = hashlib.sha256(code.encode())
    digest.update(repr([version(package) for package in _DRAWN_WITH]).encode())
    for part in (comparison, *comparison.families.values()):
        scores = part.scores
        about = [part.method.to_dict(), part.n_pool, part.top_set, part.control, part.cliques, scores.higher_is_better]
        about += [scores.unit, scores.models, sorted(comparison.families), part.powerless]
        digest.update(repr(about).encode())
        frames = [part.ranks, part.pairs, scores.table, scores.tasks]
        frames += [finding.frame for finding in part.further.get("cost", {}).values()]
        for frame in frames:
            digest.update(_content(frame))
    return digest.hexdigest()


def _content(frame: pd.DataFrame) -> bytes:
    """The cells of a frame, exactly: numbers by their bytes, other values as they are written."""
    held: list[bytes] = [repr([str(c) for c in frame.columns]).encode(), repr(frame.index.tolist()).encode()]
    for i in range(frame.shape[1]):
        values = frame.iloc[:, i]
        if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf":
            held += [values.dtype.str.encode(), values.to_numpy().tobytes()]
        else:
            held.append(repr(values.tolist()).encode())
    return b"\0".join(held)
