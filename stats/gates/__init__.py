"""The release gate: whether a candidate is not worse than a baseline by a margin."""

from ._gate import gate
from .result import EXIT_CODES, Claim, Gate

__all__ = ["EXIT_CODES", "Claim", "Gate", "gate"]
