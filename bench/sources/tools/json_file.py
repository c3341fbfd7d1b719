"""A JSON file, whole; what is damaged is an InputError that names the file."""

from pathlib import Path
from typing import Any

from stats.common.errors import InputError

from ..mteb_json import NotAResult, loads
from .long import read_text


def load_json(path: Path) -> Any:
    """Content of a JSON file.

    Raises
    ------
    InputError
        If it is cut off or no JSON.
    """
    try:
        return loads(read_text(path).encode())
    except NotAResult as error:
        raise InputError(f"{path}: {error}; is the file cut off?") from None


def load_lines(path: Path) -> list[Any]:
    """Content of a JSONL file, a value a line.

    Raises
    ------
    InputError
        If a line is not JSON; it is named.
    """
    found = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(loads(line.encode()))
        except NotAResult as error:
            raise InputError(f"{path}, line {number}: {error}; is the file cut off?") from None
    return found
