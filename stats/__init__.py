"""Numbers in, numbers out: score tables and the significance analysis of embedding models."""

from embsig_guard import check_siblings

check_siblings(__name__, __file__)

from .audit import Audit, audit  # noqa: E402
from .compare import compare  # noqa: E402
from .comparing.comparison import Comparison  # noqa: E402
from .effects import effects  # noqa: E402
from .errors import InputError, PowerWarning, UndefinedWarning  # noqa: E402
from .omnibus import friedman, iman_davenport  # noqa: E402
from .pairwise import bootstrap, paired_t, sign_flip, sign_test, wilcoxon  # noqa: E402
from .posthoc import adjust, bonferroni_dunn, critical_difference, nemenyi, romano_wolf  # noqa: E402
from .ranking import cliques, mean_ranks, rank_confidence, top_set, uncovered_pairs  # noqa: E402
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
    "bonferroni_dunn",
    "bootstrap",
    "cliques",
    "compare",
    "critical_difference",
    "effects",
    "friedman",
    "iman_davenport",
    "mean_ranks",
    "nemenyi",
    "paired_t",
    "rank_confidence",
    "romano_wolf",
    "sign_flip",
    "sign_test",
    "top_set",
    "uncovered_pairs",
    "wilcoxon",
]
