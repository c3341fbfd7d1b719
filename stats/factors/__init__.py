"""Factorial analysis of design choices."""

from .factorial import factorial
from .result import FactorialResult

__all__ = ["FactorialResult", "factorial"]
