"""Rankings, how sure they are, and which models cannot be told apart."""

from .cliques import cliques, uncovered_pairs
from .mean_ranks import mean_ranks

__all__ = ["cliques", "mean_ranks", "uncovered_pairs"]
