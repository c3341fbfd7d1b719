"""What a verdict speaks about: other samples of these tasks, or other tasks and other training runs."""

from ._crossed import Crossed, crossed
from ._deciding_samples import deciding_samples
from ._prompts import OverPrompts, over_prompts
from ._samples import SampleLevel, sample_level
from .populations import POPULATIONS

__all__ = [
    "POPULATIONS",
    "Crossed",
    "OverPrompts",
    "SampleLevel",
    "crossed",
    "deciding_samples",
    "over_prompts",
    "sample_level",
]
