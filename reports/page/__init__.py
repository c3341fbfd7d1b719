"""The page: one self-contained HTML file."""

from ._html_report import html_report

__all__ = ["html_report"]
