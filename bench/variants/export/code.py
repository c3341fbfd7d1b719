"""The code that an exported model carries: embsig's own modules in one file, imports and all, without embsig."""

import ast
from importlib import import_module
from importlib.metadata import version

#: In this order one after another, so that what is named is defined before.
_PARTS = (
    "attentions",
    "inputs",
    "compression",
    "pooling.shape",
    "pooling.reductions",
    "pooling.heads",
    "pooling.taps",
    "context",
    "export.modules",
)
#: The file's name, and the module that modules.json names by it.
FILE, MODULE = "modeling_embsig.py", "modeling_embsig"

_HEAD = '''"""The modules of this model, written by embsig {version}: its own source in one file."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any, cast

import torch
import torch.nn.functional as F
from sentence_transformers.base.modules import Module, Transformer
from torch import Tensor, nn


class InputError(ValueError):
    """What was given cannot be used."""


def unknown(kind, name, known):
    """Say that there is none of this name."""
    return InputError(f"unknown {{kind}} {{name!r}}: expected one of {{', '.join(known)}}")
'''


def modelling_code() -> str:
    """Return the file's text; the same for every model."""
    parts = [_HEAD.format(version=version("embsig"))]
    for part in _PARTS:
        module = import_module(f"bench.variants.{part}")
        with open(str(module.__file__), encoding="utf-8") as file:
            parts.append(_without_imports(file.read()))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _without_imports(source: str) -> str:
    """A module's text without its docstring, its imports, and what is for type checkers alone."""
    lines = source.splitlines()
    for place, node in enumerate(ast.parse(source).body):
        docstring = place == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        if docstring or types or isinstance(node, ast.Import | ast.ImportFrom):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(lines)
