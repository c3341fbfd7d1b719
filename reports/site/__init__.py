"""The site of all leaderboards: the pages around those of the benchmarks, and the same for machines."""

from .boards import Board, Standing
from .pages import site_files

__all__ = ["Board", "Standing", "site_files"]
