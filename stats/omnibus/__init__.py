"""Tests of whether any model differs from any other."""

from .friedman import friedman, iman_davenport

__all__ = ["friedman", "iman_davenport"]
