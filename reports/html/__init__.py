"""The page: one self-contained HTML file."""

from .page import html_report

__all__ = ["html_report"]
