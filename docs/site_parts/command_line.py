"""The reference of the command line, written from the parsers that run it."""

import inspect
import re
from pathlib import Path
from typing import Any

#: Words for the types of values, where an option names none of its own.
_TYPES = {"int": "N", "float": "X", "str": "TEXT", "path": "PATH"}


def commands() -> dict[str, Any]:
    """Name -> parser of every command, in the order of the help."""
    import typer.main

    from embsig.cli.app import app

    found: Any = typer.main.get_command(app)
    return dict(found.commands)


def described(text: str) -> str:
    """Write a help text as reStructuredText: code stays code, and what has a meaning there loses it."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(
        f"``{part[1:-1]}``" if part.startswith("`") else re.sub(r"([\\*_|<>@])", r"\\\1", part) for part in parts
    )


def spelled(parameter: Any) -> str:
    """Write an option as one types it."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = ", ".join([*sorted(parameter.opts, key=len), *parameter.secondary_opts])
    if parameter.is_flag:
        return names
    return f"{names} {parameter.metavar or _value(parameter)}"


def _value(parameter: Any) -> str:
    """Name the kind of an option's value by the annotation that it was declared with."""
    described = getattr(parameter, "type_descriptor", None)  # of newer versions of typer
    declared = str(described.annotation if described is not None else parameter.type).lower()
    return next((word for kind, word in _TYPES.items() if kind in declared), "VALUE")


def page(name: str, command: Any) -> str:
    """Return the page of one command: its line, what it does, and every argument and option."""
    from embsig.cli.options import _NAMES

    title = f"embsig {name}"
    # `gate`'s texts and the like name what is registered; each is looked up where it stands
    lines = [
        f".. _command-{name}:",
        "",
        title,
        "=" * len(title),
        "",
        described(inspect.cleandoc(command.help or "")),
        "",
    ]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name != "argument" and not p.hidden]
    usage = " ".join([f"embsig {name}", *(f"{spelled(p)}" for p in arguments), "[OPTIONS]"])
    lines += [".. code-block:: text", "", f"    {usage}", ""]
    for heading, group in (("Arguments", arguments), ("Options", options)):
        if not group:
            continue
        lines += [heading, "-" * len(heading), ""]
        for parameter in group:
            said = parameter.help or ""
            for place, registered in _NAMES.items():
                said = said.replace(place, ", ".join(registered()))
            default = parameter.default
            shown = parameter.show_default and default not in (None, (), [], False, True, "") and not callable(default)
            lines += [f"``{spelled(parameter)}``", f"   {described(said) or 'See the description above.'}" + (f" Default: ``{default}``." if shown else ""), ""]  # fmt: skip
    return "\n".join(lines) + "\n"


def overview() -> str:
    """Return a Markdown table of the commands with the first sentence of what each does."""
    rows = [
        f"| [embsig\N{NO-BREAK SPACE}{name}](commands/{name}.rst) | {re.split(r'(?<=[.:]) ', ' '.join((command.help or '').split()))[0].rstrip('.:')} |"
        for name, command in commands().items()
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows, ""])


def write(folder: Path) -> None:
    """Write one page a command, and drop those of commands that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    found = commands()
    for old in folder.glob("*.rst"):
        if old.stem not in found:
            old.unlink()
    for name, command in found.items():
        text = page(name, command)
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
