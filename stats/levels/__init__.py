"""What a verdict speaks about: other samples of these tasks, or other tasks and other training runs."""

from ._crossed import Crossed, crossed
from ._samples import SampleLevel, sample_level

__all__ = ["Crossed", "SampleLevel", "crossed", "sample_level"]
