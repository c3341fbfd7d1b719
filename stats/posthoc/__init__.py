"""What follows an omnibus test: critical differences and corrections for many tests."""

from ._adjust import adjust
from ._bonferroni_dunn import bonferroni_dunn, dunn_critical_difference
from ._conover import conover
from ._nemenyi import nemenyi, nemenyi_critical_difference
from ._romano_wolf import romano_wolf

__all__ = [
    "adjust",
    "bonferroni_dunn",
    "conover",
    "dunn_critical_difference",
    "nemenyi",
    "nemenyi_critical_difference",
    "romano_wolf",
]
