"""What a gate is asked, from a TOML file and from options, which go before it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from ..common.errors import InputError, unknown

#: What a file may say, and of which kind it is.
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "baseline": (str, "a name"), "candidate": (str, "a name"), "margin": ((int, float), "a number"), "level": (str, "a name"),
    "family": ((list, str), "a list of names"), "by": ((list, str), "a list of names"), "alpha": ((int, float), "a number"),
    "margins": (dict, "a table of numbers"),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What a gate is asked: words as in `gate`."""

    baseline: str
    candidate: str
    margin: float | None
    level: str
    family: Sequence[str]
    by: Sequence[str]
    alpha: float
    margins: Mapping[str, float]


def settings(path: str | PathLike[str] | None, **given: Any) -> Settings:
    """What a gate is asked.

    Parameters
    ----------
    path : path-like, optional
        A TOML file with ``baseline, candidate, margin, level, family, by, alpha`` and the table ``margins`` (family or metric = margin).
    **given
        What options say, None where they say nothing.

    Raises
    ------
    InputError
        If the file cannot be read, has a word that is not known or a value of another kind, or a model is not named.
    """
    said = {} if path is None else _read(Path(path))
    said |= {name: value for name, value in given.items() if value is not None}
    for role in ("baseline", "candidate"):
        if role not in said:
            raise InputError(
                f'a gate needs a {role}: name the model with --{role} NAME, or {role} = "NAME" in --config FILE'
            )
    return Settings(
        said["baseline"], said["candidate"], said.get("margin"), said.get("level", "tasks"), _names(said.get("family")),
        _names(said.get("by")), said.get("alpha", 0.05), said.get("margins", {}),
    )  # fmt: skip


def _names(said: str | Sequence[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else [str(s) for s in said or ()]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); expected a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from None
    for name, value in content.items():
        if name not in _KINDS:
            raise unknown(f"setting of {path}", name, _KINDS)
        kind, called = _KINDS[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"{path}: {name} = {value!r}: expected {called}")
    return content
