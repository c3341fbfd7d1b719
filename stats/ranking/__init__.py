"""Rankings, how sure they are, and which models cannot be told apart."""

from .cliques import cliques, uncovered_pairs
from .mean_ranks import mean_ranks
from .rank_confidence import RankConfidence, rank_confidence, top_set

__all__ = ["RankConfidence", "cliques", "mean_ranks", "rank_confidence", "top_set", "uncovered_pairs"]
