"""Rankings, how sure they are, and which models cannot be told apart."""

from ._cliques import cliques, uncovered_pairs
from ._mean_ranks import mean_ranks
from ._rank_confidence import RankConfidence, rank_confidence, top_set

__all__ = ["RankConfidence", "cliques", "mean_ranks", "rank_confidence", "top_set", "uncovered_pairs"]
