"""Looking at a comparison after every task or part of the samples, and stopping when it is decided."""

from ._anytime_samples import anytime_samples
from ._anytime_tasks import anytime_tasks
from .result import Anytime

__all__ = ["Anytime", "anytime_samples", "anytime_tasks"]
