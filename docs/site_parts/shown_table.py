"""A directive that runs a command whose output is a Markdown table, and shows the table as a page does, under the command.

A box of raw Markdown would scroll: its last line names the method in one line.
"""

import shlex
import subprocess
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

#: Where the tables lie that the commands read.
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


class ShownTable(SphinxDirective):
    """``{shown-table} embsig compare demsar.csv --format markdown --table pairs``; what goes to stderr is progress.

    With ``:rows: 8`` only so many rows are shown, and it is said of how many; with ``:columns: a, b, difference`` these columns.
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"rows": directives.positive_int, "columns": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the command as a block, and its output as what it is."""
        command = self.arguments[0]
        printed = subprocess.run(  # noqa: S603 - a page's own command
            shlex.split(command), cwd=EXAMPLES, capture_output=True, text=True, check=True
        ).stdout
        shown = nodes.literal_block(f"$ {command}", f"$ {command}", language="text")
        found = nodes.container()
        lines = _first(_chosen(printed.splitlines(), self.options.get("columns", "")), self.options.get("rows"))
        self.state.nested_parse(StringList(lines, source=command), self.content_offset, found)
        return [shown, *found.children]


def _chosen(lines: list[str], columns: str) -> list[str]:
    """The lines with the columns of these names alone."""
    if not columns:
        return lines
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    kept = [rows[0].index(name.strip()) for name in columns.split(",")]
    return [f"| {' | '.join(row[i] for i in kept)} |" for row in rows]


def _first(lines: list[str], rows: int | None) -> list[str]:
    """The table's heading and its first rows, and how many there are."""
    table = [line for line in lines if line.startswith("|")]
    if rows is None or len(table) - 2 <= rows:
        return lines
    return [*table[: rows + 2], "", f"The first {rows} of {len(table) - 2} rows."]
