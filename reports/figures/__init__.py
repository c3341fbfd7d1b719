"""Figures: `ax=` in, Axes out; never ``show()``, never a change to the global settings."""

from ._bootstrap_density import bootstrap_density
from ._comparison_matrix import comparison_matrix
from ._coverage_trade_off import coverage_trade_off
from ._design_effects import design_effects
from ._equivalence_triangle import equivalence_triangle
from ._family_profile import family_profile
from ._forest import forest
from ._performance_profile import performance_profile
from ._power_curve import power_curve
from ._rank_intervals import rank_intervals
from ._score_heatmap import score_heatmap
from ._size_frontier import size_frontier
from .critical import critical_difference, critical_difference_tikz

__all__ = [
    "bootstrap_density",
    "comparison_matrix",
    "coverage_trade_off",
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
    "size_frontier",
]
