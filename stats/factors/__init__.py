"""Factorial analysis of design choices, and variance components."""

from .factorial import factorial
from .result import FactorialResult
from .variance import VarianceComponents, variance_components

__all__ = ["FactorialResult", "VarianceComponents", "factorial", "variance_components"]
