"""Tables: plain text for the terminal, Markdown, LaTeX, CSV."""

from .csv import csv_table
from .latex import latex_table
from .markdown import markdown_table
from .text import text_report

__all__ = ["csv_table", "latex_table", "markdown_table", "text_report"]
