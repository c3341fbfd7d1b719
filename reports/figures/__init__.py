"""Figures: `ax=` in, Axes out; never ``show()``, never a change to the global settings."""

from .critical import critical_difference, critical_difference_tikz
from .family_profile import family_profile
from .forest import forest
from .performance_profile import performance_profile
from .rank_intervals import rank_intervals
from .score_heatmap import score_heatmap

__all__ = [
    "critical_difference",
    "critical_difference_tikz",
    "family_profile",
    "forest",
    "performance_profile",
    "rank_intervals",
    "score_heatmap",
]
