"""How many numbers a model's vectors have by its folder, before it is loaded."""

import json
from pathlib import Path
from typing import Any


def declared_width(folder: Path) -> int | None:
    """The width that the last module of a sentence-transformers folder declares; None where its files do not say.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    int or None
        Of a dense layer its ``out_features``, of a pooling of one kind the width of a token's vector.

    Examples
    --------
    >>> declared_width(Path("no such folder")) is None
    True
    """
    modules = _read(folder / "modules.json")
    for module in reversed(modules if isinstance(modules, list) else []):
        try:
            kind, place = str(module["type"]).rpartition(".")[2], folder / str(module["path"])
        except (KeyError, TypeError):
            return None
        if kind == "Normalize":  # leaves the width as it is
            continue
        config = _read(place / "config.json")
        if not isinstance(config, dict):
            return None
        width = config.get("out_features") if kind == "Dense" else _pooled(config) if kind == "Pooling" else None
        return width if isinstance(width, int) else None
    return None


def _pooled(config: dict[str, Any]) -> Any:
    """Several kinds of pooling at once are put side by side: then the width is another."""
    kinds = [k for k, on in config.items() if k.startswith("pooling_mode_") and on is True]
    mode = config.get("pooling_mode", "")
    if len(kinds) > 1 or not isinstance(mode, str) or "+" in mode:
        return None
    return config.get("embedding_dimension", config.get("word_embedding_dimension"))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
