"""Coverage: which models are compared on which tasks when scores are missing, chosen in the open."""

from .choice import Coverage, CoveragePolicy, Step, choose_coverage

__all__ = ["Coverage", "CoveragePolicy", "Step", "choose_coverage"]
