"""Suites of tasks: `docstrings`, made from the corpus, and `paper`, the study's own list."""

from .registry import SUITES, suite

__all__ = ["SUITES", "suite"]
