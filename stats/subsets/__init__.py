"""The tasks to evaluate when there is not room for all, and what they say of the rest."""

from ._choose_items import choose_items
from ._choose_subset import choose_subset
from .items import ItemSubset
from .result import Subset

__all__ = ["ItemSubset", "Subset", "choose_items", "choose_subset"]
