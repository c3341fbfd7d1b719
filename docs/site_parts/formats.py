"""The reference of the JSON formats, written from the JSON Schema files that the tests hold real outputs against."""

import json
from pathlib import Path
from typing import Any

from .command_line import described


def kind(schema: dict[str, Any]) -> str:
    """Say what a value is, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(kind(part) for part in schema["anyOf"])
    types = schema.get("type", "any")
    words = types if isinstance(types, str) else " or ".join(types)
    if words == "array" and "items" in schema:
        return f"array of {kind(schema['items'])}"
    return str(words)


def rows(schema: dict[str, Any], path: str = "") -> list[tuple[str, str, str]]:
    """Key, kind and meaning of everything within an object, in the order of the file."""
    found = []
    for name, part in schema.get("properties", {}).items():
        where = f"{path}{name}"
        found.append((where, kind(part), part.get("description", "")))
        inner = part.get("items", {}) if part.get("type") == "array" else part
        found += rows(inner, f"{where}{'[]' if part.get('type') == 'array' else ''}.")
    return found


def page(path: Path) -> str:
    """Return the page of one schema."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    title = schema["title"]
    lines = [f".. _format-{path.name.split('.')[0]}:", "", title, "=" * len(title), "", described(schema["description"]), ""]  # fmt: skip
    lines += [f":download:`{path.name} <../schemas/{path.name}>` is the JSON Schema (draft 2020-12).", ""]
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: 30 25 45", "", "   * - key", "     - kind", "     - meaning"]  # fmt: skip
    for key, what, meaning in rows(schema):
        lines += [f"   * - ``{key}``", f"     - {described(what)}", f"     - {described(meaning)}"]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write one page a schema."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((folder.parent / "schemas").glob("*.schema.json")):
        text, target = page(path), folder / f"{path.name.split('.')[0]}.rst"
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
