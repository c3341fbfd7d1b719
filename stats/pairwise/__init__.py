"""Paired tests for every pair of models at once."""

from .bootstrap import bootstrap
from .paired_t import paired_t
from .sign import sign_test
from .sign_flip import sign_flip
from .wilcoxon import wilcoxon

__all__ = ["bootstrap", "paired_t", "sign_flip", "sign_test", "wilcoxon"]
