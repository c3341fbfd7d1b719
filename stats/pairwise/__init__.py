"""Paired tests for every pair of models at once."""

from .bootstrap import bootstrap
from .wilcoxon import wilcoxon

__all__ = ["bootstrap", "wilcoxon"]
