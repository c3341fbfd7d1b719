"""One table of decisions about all pairs, and the procedures that make it."""

from ._max_t import joint_max_t, max_t
from .table import VERDICTS, Decisions

__all__ = ["VERDICTS", "Decisions", "joint_max_t", "max_t"]
