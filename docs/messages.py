"""Collect the messages of embsig's input errors from the code: ``python docs/messages.py [WORD]`` prints them."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def messages() -> dict[str, str]:
    """Message, with … for what is filled in -> file, of every InputError that is made with a text of its own."""
    found = {}
    for path in sorted(p for place in ("stats", "bench", "reports", "embsig") for p in (ROOT / place).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InputError" and node.args:
                text = re.sub(r"\s+", " ", "".join(_parts(node.args[0])))
                found[text] = path.relative_to(ROOT).as_posix()
    return found


def _parts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _parts(part)
    elif isinstance(node, ast.BinOp):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield "…"


if __name__ == "__main__":
    for message, place in messages().items():
        if len(sys.argv) < 2 or sys.argv[1].lower() in message.lower():
            print(f"{place}: {message}")
