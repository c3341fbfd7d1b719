"""A grid of prompts: every model asked with each of several instructions, what they leave alone encoded once."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from stats.common.errors import InputError

from .models import ModelSpec, distinct
from .prompts import Prompts

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXPECTED = (
    'expected a JSON object of two or more prompts by name, each a text, or texts by task, family or role, such as {"plain": "", '
    '"question": {"query": "Question: "}}'
)


@dataclass(frozen=True)
class NamedPrompt:
    """One prompt of the grid.

    Attributes
    ----------
    name : str
        What the model's name ends with.
    prompts : Prompts
        What stands before which text.

    Examples
    --------
    >>> NamedPrompt("plain", Prompts("none")).suffix
    '-prompt-plain'
    """

    name: str
    prompts: Prompts

    @property
    def suffix(self) -> str:
        """What the model's name ends with."""
        return f"-prompt-{self.name}"


def parse_prompts(given: str | PathLike[str] | Mapping[str, Any]) -> list[NamedPrompt]:
    """Read several prompts by name, from a JSON file or a mapping.

    A text stands before queries and before the texts of tasks without roles; documents get none, so that all prompts share their vectors. A table
    of texts is as `Prompts.table` says. ``null`` leaves it to the model.

    Raises
    ------
    InputError
        If it is nothing of the kind, there are fewer than two, a name cannot be part of a model's name, or two prompts are the same.

    Examples
    --------
    >>> [p.name for p in parse_prompts({"plain": "", "question": {"query": "Question: "}})]
    ['plain', 'question']
    """
    source = f"prompts {str(given)[:80]!r}"
    table = given if isinstance(given, Mapping) else _read(given, source)
    if not isinstance(table, Mapping) or len(table) < 2 or not all(map(_is_prompt, table.values())):
        raise InputError(f"{source}: {_EXPECTED}")
    found: dict[str, NamedPrompt] = {}
    for name, text in table.items():
        if not _NAME.fullmatch(str(name)):
            raise InputError(
                f"{source}: the prompt {str(name)[:40]!r} becomes part of a model's name: expected letters, digits, '.', '_' and '-' only"
            )
        prompts = _prompts(text)
        same = found.setdefault(prompts.identity, NamedPrompt(str(name), prompts))
        if same.name != name:
            raise InputError(f"{source}: {same.name!r} and {str(name)!r} are the same prompt: leave one out")
    return list(found.values())


def _read(path: str | PathLike[str], source: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: {_EXPECTED} ({' '.join(str(error).split())[:120]})") from error


def _is_prompt(value: object) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, Mapping) and len(value) > 0)


def _prompts(given: str | Mapping[str, str] | None) -> Prompts:
    if given is None:
        return Prompts("model")
    # An empty text is the same as none before any text, and shares its vectors with the documents of all others.
    return Prompts.parse({"document": "", "default": given} if isinstance(given, str) else given)


def with_prompts(specs: Sequence[ModelSpec], prompts: Sequence[NamedPrompt]) -> list[ModelSpec]:
    """Every model with every prompt.

    Raises
    ------
    InputError
        If a model with a prompt would have the name of another model.
    """
    return distinct(
        [replace(spec, name=spec.name + prompt.suffix, prompt=prompt) for spec in specs for prompt in prompts],
        "a model with a prompt",
    )
