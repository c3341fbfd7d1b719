"""Factorial analysis of design choices, and variance components."""

from ._factorial import factorial
from .design import read_design
from .result import FactorialResult
from .variance import VarianceComponents, variance_components

__all__ = ["FactorialResult", "VarianceComponents", "factorial", "read_design", "variance_components"]
