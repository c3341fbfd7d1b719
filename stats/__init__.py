"""Numbers in, numbers out: score tables and the significance analysis of embedding models.

A name is loaded when it is first used, so that who needs one method does not wait for all of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what editors and type checkers see; a test holds it equal to `_HOME`
    from .auditing._audit import Audit as Audit
    from .auditing._audit import audit as audit
    from .common.errors import InputError as InputError
    from .common.errors import PowerWarning as PowerWarning
    from .common.errors import UndefinedWarning as UndefinedWarning
    from .comparison._compare import compare as compare
    from .comparison.comparison import Comparison as Comparison
    from .comparison.cost import Frontier as Frontier
    from .comparison.cost import frontier as frontier
    from .comparison.method import Method as Method
    from .comparison.tests import Test as Test
    from .comparison.tests import register_test as register_test
    from .coverage import CleanComparison as CleanComparison
    from .coverage import Coverage as Coverage
    from .coverage import choose_coverage as choose_coverage
    from .coverage import clean_comparison as clean_comparison
    from .decisions import Decisions as Decisions
    from .decisions import max_t as max_t
    from .effect_sizes._effects import effects as effects
    from .factors import FactorialResult as FactorialResult
    from .factors import VarianceComponents as VarianceComponents
    from .factors import factorial as factorial
    from .factors import variance_components as variance_components
    from .gates import Gate as Gate
    from .gates import gate as gate
    from .levels import Crossed as Crossed
    from .levels import SampleLevel as SampleLevel
    from .levels import crossed as crossed
    from .levels import deciding_samples as deciding_samples
    from .levels import sample_level as sample_level
    from .omnibus import friedman as friedman
    from .omnibus import iman_davenport as iman_davenport
    from .omnibus._aligned_ranks import aligned_ranks as aligned_ranks
    from .omnibus._quade import quade as quade
    from .omnibus._skillings_mack import skillings_mack as skillings_mack
    from .pairwise import bootstrap as bootstrap
    from .pairwise import paired_t as paired_t
    from .pairwise import sign_flip as sign_flip
    from .pairwise import sign_test as sign_test
    from .pairwise import wilcoxon as wilcoxon
    from .pairwise._seed_t import seed_t as seed_t
    from .pairwise.bayes import bayes_signed_rank as bayes_signed_rank
    from .pairwise.bayes import bayes_t as bayes_t
    from .pairwise.replicates import replicate_intervals as replicate_intervals
    from .planning import minimum_detectable_effect as minimum_detectable_effect
    from .planning import required_tasks as required_tasks
    from .planning import simulated_power as simulated_power
    from .planning import smallest_pvalue as smallest_pvalue
    from .posthoc import adjust as adjust
    from .posthoc import bonferroni_dunn as bonferroni_dunn
    from .posthoc import nemenyi as nemenyi
    from .posthoc import nemenyi_critical_difference as nemenyi_critical_difference
    from .posthoc import romano_wolf as romano_wolf
    from .posthoc._conover import conover as conover
    from .posthoc.corrections import Correction as Correction
    from .posthoc.corrections import register_correction as register_correction
    from .prediction import NewTask as NewTask
    from .prediction import Prediction as Prediction
    from .prediction import predict_missing as predict_missing
    from .prediction import predict_new_task as predict_new_task
    from .ranking import cliques as cliques
    from .ranking import mean_ranks as mean_ranks
    from .ranking import rank_confidence as rank_confidence
    from .ranking import top_set as top_set
    from .ranking import uncovered_pairs as uncovered_pairs
    from .ranking._agreement import agreement as agreement
    from .ranking._agreement import kendall_w as kendall_w
    from .ranking._borda import borda as borda
    from .ranking._bradley_terry import bradley_terry as bradley_terry
    from .ranking._model_confidence_set import model_confidence_set as model_confidence_set
    from .results import PairwiseResult as PairwiseResult
    from .robustness import Robustness as Robustness
    from .robustness import rank_robustness as rank_robustness
    from .samples import Samples as Samples
    from .scores import Scores as Scores
    from .scores import as_scores as as_scores
    from .sequential import Anytime as Anytime
    from .sequential import anytime_samples as anytime_samples
    from .sequential import anytime_tasks as anytime_tasks
    from .subsets import ItemSubset as ItemSubset
    from .subsets import Subset as Subset
    from .subsets import choose_items as choose_items
    from .subsets import choose_subset as choose_subset

__room_of__ = "embsig"  # by this line embsig's guard knows its own: another distribution may overwrite the file

#: Public name -> the module that defines it.
_HOME: dict[str, str] = {
    "Anytime": ".sequential",
    "Audit": ".auditing._audit",
    "CleanComparison": ".coverage",
    "Comparison": ".comparison.comparison",
    "Correction": ".posthoc.corrections",
    "Coverage": ".coverage",
    "Crossed": ".levels",
    "Decisions": ".decisions",
    "FactorialResult": ".factors",
    "Frontier": ".comparison.cost",
    "Gate": ".gates",
    "InputError": ".common.errors",
    "ItemSubset": ".subsets",
    "Method": ".comparison.method",
    "NewTask": ".prediction",
    "PairwiseResult": ".results",
    "PowerWarning": ".common.errors",
    "Prediction": ".prediction",
    "Robustness": ".robustness",
    "SampleLevel": ".levels",
    "Samples": ".samples",
    "Scores": ".scores",
    "Subset": ".subsets",
    "Test": ".comparison.tests",
    "UndefinedWarning": ".common.errors",
    "VarianceComponents": ".factors",
    "adjust": ".posthoc",
    "agreement": ".ranking._agreement",
    "aligned_ranks": ".omnibus._aligned_ranks",
    "anytime_samples": ".sequential",
    "anytime_tasks": ".sequential",
    "as_scores": ".scores",
    "audit": ".auditing._audit",
    "bayes_signed_rank": ".pairwise.bayes",
    "bayes_t": ".pairwise.bayes",
    "bonferroni_dunn": ".posthoc",
    "bootstrap": ".pairwise",
    "borda": ".ranking._borda",
    "bradley_terry": ".ranking._bradley_terry",
    "choose_coverage": ".coverage",
    "choose_items": ".subsets",
    "choose_subset": ".subsets",
    "clean_comparison": ".coverage",
    "cliques": ".ranking",
    "compare": ".comparison._compare",
    "conover": ".posthoc._conover",
    "crossed": ".levels",
    "deciding_samples": ".levels",
    "effects": ".effect_sizes._effects",
    "factorial": ".factors",
    "friedman": ".omnibus",
    "frontier": ".comparison.cost",
    "gate": ".gates",
    "iman_davenport": ".omnibus",
    "kendall_w": ".ranking._agreement",
    "max_t": ".decisions",
    "mean_ranks": ".ranking",
    "minimum_detectable_effect": ".planning",
    "model_confidence_set": ".ranking._model_confidence_set",
    "nemenyi": ".posthoc",
    "nemenyi_critical_difference": ".posthoc",
    "paired_t": ".pairwise",
    "predict_missing": ".prediction",
    "predict_new_task": ".prediction",
    "quade": ".omnibus._quade",
    "rank_confidence": ".ranking",
    "rank_robustness": ".robustness",
    "register_correction": ".posthoc.corrections",
    "register_test": ".comparison.tests",
    "replicate_intervals": ".pairwise.replicates",
    "required_tasks": ".planning",
    "romano_wolf": ".posthoc",
    "sample_level": ".levels",
    "seed_t": ".pairwise._seed_t",
    "sign_flip": ".pairwise",
    "sign_test": ".pairwise",
    "simulated_power": ".planning",
    "skillings_mack": ".omnibus._skillings_mack",
    "smallest_pvalue": ".planning",
    "top_set": ".ranking",
    "uncovered_pairs": ".ranking",
    "variance_components": ".factors",
    "wilcoxon": ".pairwise",
}

__all__ = sorted(_HOME)


if not TYPE_CHECKING:  # to a type checker it would say that every name is there

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_HOME[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
