"""Numbers in, numbers out: score tables and the significance analysis of embedding models."""

from .auditing._audit import Audit, audit
from .common.errors import InputError, PowerWarning, UndefinedWarning
from .comparison._compare import compare
from .comparison.comparison import Comparison
from .comparison.cost import Frontier, frontier
from .comparison.method import Method
from .comparison.tests import Test, register_test
from .coverage import CleanComparison, Coverage, choose_coverage, clean_comparison
from .decisions import Decisions, max_t
from .effect_sizes._effects import effects
from .factors import FactorialResult, VarianceComponents, factorial, variance_components
from .gates import Gate, gate
from .levels import Crossed, SampleLevel, crossed, deciding_samples, sample_level
from .omnibus import friedman, iman_davenport
from .omnibus._aligned_ranks import aligned_ranks
from .omnibus._quade import quade
from .omnibus._skillings_mack import skillings_mack
from .pairwise import bootstrap, paired_t, sign_flip, sign_test, wilcoxon
from .pairwise._seed_t import seed_t
from .pairwise.bayes import bayes_signed_rank, bayes_t
from .pairwise.replicates import replicate_intervals
from .planning import minimum_detectable_effect, required_tasks, simulated_power, smallest_pvalue
from .posthoc import adjust, bonferroni_dunn, nemenyi, nemenyi_critical_difference, romano_wolf
from .posthoc._conover import conover
from .posthoc.corrections import Correction, register_correction
from .prediction import NewTask, Prediction, predict_missing, predict_new_task
from .ranking import cliques, mean_ranks, rank_confidence, top_set, uncovered_pairs
from .ranking._agreement import agreement, kendall_w
from .ranking._borda import borda
from .ranking._bradley_terry import bradley_terry
from .ranking._model_confidence_set import model_confidence_set
from .results import PairwiseResult
from .robustness import Robustness, rank_robustness
from .samples import Samples
from .scores import Scores, as_scores
from .sequential import Anytime, anytime_samples, anytime_tasks
from .subsets import ItemSubset, Subset, choose_items, choose_subset

__room_of__ = "embsig"  # by this line embsig's guard knows its own: another distribution may overwrite the file

__all__ = [
    "Anytime",
    "Audit",
    "CleanComparison",
    "Comparison",
    "Correction",
    "Coverage",
    "Crossed",
    "Decisions",
    "FactorialResult",
    "Frontier",
    "Gate",
    "InputError",
    "ItemSubset",
    "Method",
    "NewTask",
    "PairwiseResult",
    "PowerWarning",
    "Prediction",
    "Robustness",
    "SampleLevel",
    "Samples",
    "Scores",
    "Subset",
    "Test",
    "UndefinedWarning",
    "VarianceComponents",
    "adjust",
    "agreement",
    "aligned_ranks",
    "anytime_samples",
    "anytime_tasks",
    "as_scores",
    "audit",
    "bayes_signed_rank",
    "bayes_t",
    "bonferroni_dunn",
    "bootstrap",
    "borda",
    "bradley_terry",
    "choose_coverage",
    "choose_items",
    "choose_subset",
    "clean_comparison",
    "cliques",
    "compare",
    "conover",
    "crossed",
    "deciding_samples",
    "effects",
    "factorial",
    "friedman",
    "frontier",
    "gate",
    "iman_davenport",
    "kendall_w",
    "max_t",
    "mean_ranks",
    "minimum_detectable_effect",
    "model_confidence_set",
    "nemenyi",
    "nemenyi_critical_difference",
    "paired_t",
    "predict_missing",
    "predict_new_task",
    "quade",
    "rank_confidence",
    "rank_robustness",
    "register_correction",
    "register_test",
    "replicate_intervals",
    "required_tasks",
    "romano_wolf",
    "sample_level",
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
