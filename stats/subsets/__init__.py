"""The tasks to evaluate when there is not room for all, and what they say of the rest."""

from ._choose_subset import choose_subset
from .result import Subset

__all__ = ["Subset", "choose_subset"]
