"""How many bytes a vector takes, of the models of ``embsig run --dims --precision``."""

import json
from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any

#: Bits that a dimension takes.
PRECISIONS = {"float32": 32, "float16": 16, "int8": 8, "binary": 1}


def bytes_per_vector(folder: Path, manifest: Mapping[str, Any]) -> dict[str, float]:
    """Bytes of a vector by model, of a run that has cells of dimensions and precisions; empty of any other.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        What its ``manifest.json`` says.

    Returns
    -------
    dict
        A model whose vectors are left as they are has four bytes a dimension.

    Examples
    --------
    Sixty-four dimensions of a byte each, or of a bit:

    >>> listed = [{"name": "a-dim64-int8", "cell": [64, "int8"]}, {"name": "a-dim64-binary", "cell": [64, "binary"]}]
    >>> bytes_per_vector(Path("run"), {"models": listed})
    {'a-dim64-int8': 64.0, 'a-dim64-binary': 8.0}
    """
    cells: dict[str, tuple[int | None, str]] = {}
    models: dict[str, dict[str, Any]] = {}
    for entry in (e for key in ("models", "jobs") for e in _entries(manifest.get(key))):
        name = entry.get("name", entry.get("model"))
        if isinstance(name, str):
            models.setdefault(name, entry)
            if cell := _cell(entry.get("cell")):
                cells[name] = cell
    found: dict[str, float] = {}
    for name, entry in models.items() if cells else ():
        dims, precision = cells.get(name, (None, "float32"))
        if width := dims or _width(folder, name, str(entry.get("revision"))):
            asked = entry.get("prompt", entry.get("asked"))  # prompts are read as levels of the model without one
            called = asked.get("of", name) if isinstance(asked, dict) else name
            found |= dict.fromkeys((name, str(called)), float(-(-width * PRECISIONS[precision] // 8)))
    return found


def _entries(listed: Any) -> list[dict[str, Any]]:
    return [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []


def _cell(said: Any) -> tuple[int | None, str] | None:
    """Dimensions and precision as a manifest has them; None of anything else."""
    if not isinstance(said, list) or len(said) != 2:
        return None
    dims, precision = said
    fits = (dims is None or (isinstance(dims, int) and dims > 0)) and isinstance(precision, str)
    return (dims, precision) if fits and precision in PRECISIONS else None


def _width(folder: Path, model: str, revision: str) -> int | None:
    """Dimensions of a model's vectors, as its run wrote them beside the results."""
    for place in (folder, folder / "run"):
        for path in (place / "results").glob(f"*/{escape(revision)}/model_meta.json"):
            try:
                card = json.loads(path.read_text(encoding="utf-8"))
                if card["name"] == model:
                    return int(card["embed_dim"])
            except (OSError, ValueError, RecursionError, KeyError, TypeError):
                continue
    return None
