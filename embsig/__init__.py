"""Is this difference real? Significance analysis for embedding models scored on MTEB task families.

Every public name of the rooms ``stats``, ``bench`` and ``reports`` is here: ``import embsig; embsig.compare("scores.csv")``. A
name is loaded when it is first used, so that ``import embsig`` loads neither pandas nor torch, mteb or matplotlib.
"""

from . import guard as _guard

_guard.leave_current_folder()
_guard.check_rooms()

TYPE_CHECKING = False  # as in typing, which a user's own typing.py could hide until here
if TYPE_CHECKING:  # what editors and type checkers complete; a test holds it equal to what the rooms say is public
    from bench import ATTENTIONS as ATTENTIONS
    from bench import POOLINGS as POOLINGS
    from bench import VARIANTS as VARIANTS
    from bench import UntilDecided as UntilDecided
    from bench import build_variant as build_variant
    from bench import design_table as design_table
    from bench import encode_chunks as encode_chunks
    from bench import estimate_memory as estimate_memory
    from bench import evaluate as evaluate
    from bench import export_model as export_model
    from bench import families as families
    from bench import load_model as load_model
    from bench import model_cards as model_cards
    from bench import read as read
    from bench import read_samples as read_samples
    from bench import read_scores as read_scores
    from bench import register_variant as register_variant
    from bench import study_answers as study_answers
    from bench import study_archive as study_archive
    from bench import study_scores as study_scores
    from bench import suite as suite
    from bench import task_table as task_table
    from bench import train as train
    from bench import train_series as train_series
    from bench import trained_variants as trained_variants
    from reports import PLOTS as PLOTS
    from reports import TABLES as TABLES
    from reports import Figure as Figure
    from reports import bootstrap_density as bootstrap_density
    from reports import comparison_matrix as comparison_matrix
    from reports import critical_difference as critical_difference
    from reports import critical_difference_tikz as critical_difference_tikz
    from reports import csv_table as csv_table
    from reports import design_effects as design_effects
    from reports import equivalence_triangle as equivalence_triangle
    from reports import family_profile as family_profile
    from reports import forest as forest
    from reports import gate_junit as gate_junit
    from reports import gate_markdown as gate_markdown
    from reports import html_report as html_report
    from reports import latex_table as latex_table
    from reports import markdown_table as markdown_table
    from reports import named_frame as named_frame
    from reports import performance_profile as performance_profile
    from reports import plot_kind as plot_kind
    from reports import power_curve as power_curve
    from reports import rank_intervals as rank_intervals
    from reports import register_figure as register_figure
    from reports import save_figure as save_figure
    from reports import save_plot as save_plot
    from reports import score_heatmap as score_heatmap
    from reports import text_report as text_report
    from stats import Anytime as Anytime
    from stats import Audit as Audit
    from stats import CleanComparison as CleanComparison
    from stats import Comparison as Comparison
    from stats import Correction as Correction
    from stats import Coverage as Coverage
    from stats import Crossed as Crossed
    from stats import Decisions as Decisions
    from stats import FactorialResult as FactorialResult
    from stats import Frontier as Frontier
    from stats import Gate as Gate
    from stats import InputError as InputError
    from stats import ItemSubset as ItemSubset
    from stats import Method as Method
    from stats import NewTask as NewTask
    from stats import PairwiseResult as PairwiseResult
    from stats import PowerWarning as PowerWarning
    from stats import Prediction as Prediction
    from stats import Robustness as Robustness
    from stats import SampleLevel as SampleLevel
    from stats import Samples as Samples
    from stats import Scores as Scores
    from stats import Subset as Subset
    from stats import Test as Test
    from stats import UndefinedWarning as UndefinedWarning
    from stats import VarianceComponents as VarianceComponents
    from stats import adjust as adjust
    from stats import agreement as agreement
    from stats import aligned_ranks as aligned_ranks
    from stats import anytime_samples as anytime_samples
    from stats import anytime_tasks as anytime_tasks
    from stats import as_scores as as_scores
    from stats import bayes_signed_rank as bayes_signed_rank
    from stats import bayes_t as bayes_t
    from stats import bonferroni_dunn as bonferroni_dunn
    from stats import bootstrap as bootstrap
    from stats import borda as borda
    from stats import bradley_terry as bradley_terry
    from stats import choose_coverage as choose_coverage
    from stats import choose_items as choose_items
    from stats import choose_subset as choose_subset
    from stats import clean_comparison as clean_comparison
    from stats import cliques as cliques
    from stats import conover as conover
    from stats import crossed as crossed
    from stats import deciding_samples as deciding_samples
    from stats import effects as effects
    from stats import factorial as factorial
    from stats import friedman as friedman
    from stats import frontier as frontier
    from stats import iman_davenport as iman_davenport
    from stats import kendall_w as kendall_w
    from stats import max_t as max_t
    from stats import mean_ranks as mean_ranks
    from stats import minimum_detectable_effect as minimum_detectable_effect
    from stats import model_confidence_set as model_confidence_set
    from stats import nemenyi as nemenyi
    from stats import nemenyi_critical_difference as nemenyi_critical_difference
    from stats import paired_t as paired_t
    from stats import predict_missing as predict_missing
    from stats import predict_new_task as predict_new_task
    from stats import quade as quade
    from stats import rank_confidence as rank_confidence
    from stats import rank_robustness as rank_robustness
    from stats import register_correction as register_correction
    from stats import register_test as register_test
    from stats import replicate_intervals as replicate_intervals
    from stats import required_tasks as required_tasks
    from stats import romano_wolf as romano_wolf
    from stats import sample_level as sample_level
    from stats import seed_t as seed_t
    from stats import sign_flip as sign_flip
    from stats import sign_test as sign_test
    from stats import simulated_power as simulated_power
    from stats import skillings_mack as skillings_mack
    from stats import smallest_pvalue as smallest_pvalue
    from stats import top_set as top_set
    from stats import uncovered_pairs as uncovered_pairs
    from stats import variance_components as variance_components
    from stats import wilcoxon as wilcoxon

    from .from_source import audit as audit
    from .from_source import compare as compare
    from .from_source import gate as gate

#: Names that the front door has in a form of its own: they take a source, too.
_OWN = ("audit", "compare", "gate")
#: The rooms, those that cost nothing to open first: `stats` brings pandas and scipy.
_ROOMS = ("bench", "reports", "stats")


def _room(name: str) -> str | None:
    """Return the module that has a public name; rooms after it are not opened."""
    from importlib import import_module

    if name in _OWN:
        return "embsig.from_source"
    return next((room for room in _ROOMS if name in import_module(room).__all__), None)


def _public() -> list[str]:
    from importlib import import_module

    return sorted(name for room in _ROOMS for name in import_module(room).__all__)


def __getattr__(name: str) -> object:
    from importlib import import_module

    found: object
    if name == "__version__":
        from importlib.metadata import version

        found = version("embsig")
    elif name == "__all__":
        found = _public()
    elif name.startswith("_") or (room := _room(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        found = getattr(import_module(room), name)
        if room == "stats":  # its functions of scores then take paths and mteb's results, too
            import_module("embsig.from_source")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*_public(), "__version__"]
