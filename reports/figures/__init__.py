"""Figures: `ax=` in, Axes out; never ``show()``, never a change to the global settings."""

from .bootstrap_density import bootstrap_density
from .comparison_matrix import comparison_matrix
from .critical import critical_difference, critical_difference_tikz
from .design_effects import design_effects
from .equivalence_triangle import equivalence_triangle
from .family_profile import family_profile
from .forest import forest
from .performance_profile import performance_profile
from .power_curve import power_curve
from .rank_intervals import rank_intervals
from .score_heatmap import score_heatmap

__all__ = [
    "bootstrap_density",
    "comparison_matrix",
    "critical_difference",
    "critical_difference_tikz",
    "design_effects",
    "equivalence_triangle",
    "family_profile",
    "forest",
    "performance_profile",
    "power_curve",
    "rank_intervals",
    "score_heatmap",
]
