"""Paired tests for every pair of models at once."""

from ._bootstrap import bootstrap
from ._paired_t import paired_t
from ._sign_flip import sign_flip
from ._wilcoxon import wilcoxon
from .sign import sign_test

__all__ = ["bootstrap", "paired_t", "sign_flip", "sign_test", "wilcoxon"]
