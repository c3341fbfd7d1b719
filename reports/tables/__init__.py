"""Tables: plain text for the terminal, Markdown, LaTeX, CSV."""

from .csv import csv_table
from .gate import gate_junit, gate_markdown
from .latex import latex_table
from .markdown import markdown_table
from .named import NAMES as TABLES
from .named import named_frame
from .text import text_report

__all__ = [
    "TABLES",
    "csv_table",
    "gate_junit",
    "gate_markdown",
    "latex_table",
    "markdown_table",
    "named_frame",
    "text_report",
]
