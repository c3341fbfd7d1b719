"""Numbers in, numbers out: score tables and the significance analysis of embedding models."""

from embsig_guard import check_siblings

check_siblings(__name__, __file__)

from .audit import Audit, audit  # noqa: E402
from .compare import compare  # noqa: E402
from .comparison import Comparison  # noqa: E402
from .errors import InputError, PowerWarning, UndefinedWarning  # noqa: E402
from .omnibus import friedman, iman_davenport  # noqa: E402
from .pairwise import bootstrap, wilcoxon  # noqa: E402
from .posthoc import adjust, critical_difference, nemenyi  # noqa: E402
from .ranking import cliques, mean_ranks, uncovered_pairs  # noqa: E402
from .results import PairwiseResult  # noqa: E402
from .samples import Samples  # noqa: E402
from .scores import Scores, as_scores  # noqa: E402

__all__ = [
    "Audit",
    "Comparison",
    "InputError",
    "PairwiseResult",
    "PowerWarning",
    "Samples",
    "Scores",
    "UndefinedWarning",
    "adjust",
    "as_scores",
    "audit",
    "bootstrap",
    "cliques",
    "compare",
    "critical_difference",
    "friedman",
    "iman_davenport",
    "mean_ranks",
    "nemenyi",
    "uncovered_pairs",
    "wilcoxon",
]
