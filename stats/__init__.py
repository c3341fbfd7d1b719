"""Numbers in, numbers out: score tables and the significance analysis of embedding models."""

from embsig_guard import check_siblings

check_siblings(__name__, __file__)

from .audit import Audit, audit  # noqa: E402
from .compare import compare  # noqa: E402
from .comparing.comparison import Comparison  # noqa: E402
from .effects import effects  # noqa: E402
from .errors import InputError, PowerWarning, UndefinedWarning  # noqa: E402
from .factors import FactorialResult, VarianceComponents, factorial, variance_components  # noqa: E402
from .omnibus import friedman, iman_davenport  # noqa: E402
from .omnibus.aligned_ranks import aligned_ranks  # noqa: E402
from .omnibus.quade import quade  # noqa: E402
from .omnibus.skillings_mack import skillings_mack  # noqa: E402
from .pairwise import bootstrap, paired_t, sign_flip, sign_test, wilcoxon  # noqa: E402
from .pairwise.bayes import bayes_signed_rank, bayes_t  # noqa: E402
from .pairwise.replicates import replicate_intervals  # noqa: E402
from .pairwise.sample_bootstrap import bootstrap_samples, deciding_samples  # noqa: E402
from .pairwise.seed_t import seed_t  # noqa: E402
from .planning import minimum_detectable_effect, required_tasks, simulated_power, smallest_pvalue  # noqa: E402
from .posthoc import adjust, bonferroni_dunn, critical_difference, nemenyi, romano_wolf  # noqa: E402
from .posthoc.conover import conover  # noqa: E402
from .ranking import cliques, mean_ranks, rank_confidence, top_set, uncovered_pairs  # noqa: E402
from .ranking.agreement import agreement, kendall_w  # noqa: E402
from .ranking.borda import borda  # noqa: E402
from .ranking.bradley_terry import bradley_terry  # noqa: E402
from .ranking.model_confidence_set import model_confidence_set  # noqa: E402
from .results import PairwiseResult  # noqa: E402
from .samples import Samples  # noqa: E402
from .scores import Scores, as_scores  # noqa: E402

__all__ = [
    "Audit",
    "Comparison",
    "FactorialResult",
    "InputError",
    "PairwiseResult",
    "PowerWarning",
    "Samples",
    "Scores",
    "UndefinedWarning",
    "VarianceComponents",
    "adjust",
    "agreement",
    "aligned_ranks",
    "as_scores",
    "audit",
    "bayes_signed_rank",
    "bayes_t",
    "bonferroni_dunn",
    "bootstrap",
    "bootstrap_samples",
    "borda",
    "bradley_terry",
    "cliques",
    "compare",
    "conover",
    "critical_difference",
    "deciding_samples",
    "effects",
    "factorial",
    "friedman",
    "iman_davenport",
    "kendall_w",
    "mean_ranks",
    "minimum_detectable_effect",
    "model_confidence_set",
    "nemenyi",
    "paired_t",
    "quade",
    "rank_confidence",
    "replicate_intervals",
    "required_tasks",
    "romano_wolf",
    "seed_t",
    "sign_flip",
    "sign_test",
    "simulated_power",
    "skillings_mack",
    "smallest_pvalue",
    "top_set",
    "uncovered_pairs",
    "variance_components",
    "wilcoxon",
]
