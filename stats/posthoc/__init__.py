"""What follows an omnibus test: critical differences and corrections for many tests."""

from .adjust import adjust
from .bonferroni_dunn import bonferroni_dunn, dunn_critical_difference
from .conover import conover
from .nemenyi import critical_difference, nemenyi
from .romano_wolf import romano_wolf

__all__ = [
    "adjust",
    "bonferroni_dunn",
    "conover",
    "critical_difference",
    "dunn_critical_difference",
    "nemenyi",
    "romano_wolf",
]
