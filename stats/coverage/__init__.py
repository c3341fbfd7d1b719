"""Coverage: which models are compared on which tasks when scores are missing, or were trained on, chosen in the open."""

from .choice import CoveragePolicy, choose_coverage
from .clean import CleanComparison, clean_comparison, training_of
from .coverage import Coverage, Row, Step

__all__ = [
    "CleanComparison",
    "Coverage",
    "CoveragePolicy",
    "Row",
    "Step",
    "choose_coverage",
    "clean_comparison",
    "training_of",
]
