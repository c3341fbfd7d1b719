"""What a model's folder claims about itself, looked at before a library builds what it claims."""

import json
from pathlib import Path
from typing import Any

from stats.common.errors import InputError

#: What configurations call the number of layers.
_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers")
#: The deepest transformers that anybody has trained have a thousand.
_DEEPEST = 1000
#: Characters of an instruction: more than the longest context of any embedding model takes.
_LONGEST = 100_000


def modules_of(folder: Path) -> list[dict[str, Any]]:
    """The modules that ``modules.json`` names; none where there is no such file.

    Raises
    ------
    InputError
        If it is not a list of objects with a type, a path and keyword names as sentence-transformers writes them.
    """
    place = folder / "modules.json"
    if not place.is_file():
        return []
    try:
        listed: Any = json.loads(place.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{str(place)!r} is not valid JSON; the folder is damaged") from error
    entries = listed if isinstance(listed, list) else []
    wrong = [entry for entry in entries if not _is_module(entry)]
    if wrong or not entries:
        got = json.dumps(wrong[0] if wrong else listed)
        raise InputError(
            f"{str(place)!r} holds {got[:80]}{'...' if len(got) > 80 else ''}: expected a list of modules, each with the texts path and "
            "type, as sentence-transformers writes it; copy the folder anew"
        )
    return entries


def _is_module(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    names = entry.get("kwargs", [])
    texts = all(isinstance(entry.get(key), str) for key in ("type", "path"))
    return texts and isinstance(names, list) and all(isinstance(name, str) for name in names)


def refuse_too_deep(folder: Path) -> None:
    """Raise InputError where a configuration asks for more layers than its weights can be of: building them may take hours."""
    for place in sorted(folder.glob("config.json")) + sorted(folder.glob("*/config.json")):
        try:
            said: Any = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue  # loading says what is wrong with it
        parts = [said, *said.values()] if isinstance(said, dict) else []
        claims = [part.get(key) for part in parts if isinstance(part, dict) for key in _LAYERS]
        deepest = max((n for n in claims if isinstance(n, int)), default=0)
        if deepest > _DEEPEST and deepest > (held := _n_tensors(place.parent)):
            weights = f", and its weights are {held:,} tensors" if held else ""
            raise InputError(
                f"{place} asks for {deepest:,} layers{weights}: expected at most {_DEEPEST:,}; copy the folder anew"
            )


def _n_tensors(folder: Path) -> int:
    """How many tensors the safetensors of a folder hold, by their headers; 0 where there are none that can be read."""
    from safetensors import SafetensorError, safe_open

    n = 0
    for path in folder.glob("*.safetensors"):
        try:
            with safe_open(path, framework="numpy") as file:
                n += len(file.keys())
        except (OSError, SafetensorError):
            continue
    return n


def refuse_long_prompt(name: str, prompt: str) -> None:
    """Raise InputError where an instruction is so long that no text has room behind it; every text would be read with it anew.

    Examples
    --------
    >>> refuse_long_prompt("query", "Represent the query: ")
    """
    if len(prompt) > _LONGEST:
        raise InputError(
            f"the prompt {name!r} has {len(prompt):,} characters: expected at most {_LONGEST:,}; correct it"
        )
