"""Figures: `ax=` in, Axes out; never ``show()``, never a change to the global settings."""

from .critical import critical_difference, critical_difference_tikz

__all__ = ["critical_difference", "critical_difference_tikz"]
