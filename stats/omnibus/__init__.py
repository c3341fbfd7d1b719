"""Tests of whether any model differs from any other."""

from ._friedman import friedman, iman_davenport

__all__ = ["friedman", "iman_davenport"]
