"""The critical-difference diagram: classic for few models, the ladder for many, TikZ for papers."""

from .diagram import critical_difference
from .tikz import critical_difference_tikz

__all__ = ["critical_difference", "critical_difference_tikz"]
