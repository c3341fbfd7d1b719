"""Compare the folders of two runs byte by byte, times aside."""

import json
from pathlib import Path
from typing import Any

#: Keys of mteb's result files that say when and how long.
_TIMES = ("date", "evaluation_time", "evaluation_phases")
_ASIDE = {"runs.jsonl", ".lock"}


def content(folder: Path) -> dict[str, Any]:
    """Every file of a run: its bytes; of mteb's results, everything but times."""
    found: dict[str, Any] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in _ASIDE):
        name = path.relative_to(folder).as_posix()
        if name.startswith("results/") and path.suffix == ".json" and path.name != "model_meta.json":
            found[name] = {k: v for k, v in json.loads(path.read_text()).items() if k not in _TIMES}
        else:
            found[name] = path.read_bytes()
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Names of files that differ or that only one run has."""
    a, b = content(one), content(other)
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
