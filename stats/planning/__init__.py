"""Planning: power before the study, never after it."""

from .curves import power_by_effect
from .plans import Plan, minimum_detectable_effect, required_tasks, simulated_power, spread_neighbours
from .simulation import smallest_pvalue

__all__ = [
    "Plan",
    "minimum_detectable_effect",
    "power_by_effect",
    "required_tasks",
    "simulated_power",
    "smallest_pvalue",
    "spread_neighbours",
]
