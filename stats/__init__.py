"""Numbers in, numbers out: score tables and the significance analysis of embedding models."""

from embsig_guard import check_siblings

check_siblings(__name__, __file__)

from .errors import InputError  # noqa: E402
from .scores import Scores, as_scores  # noqa: E402

__all__ = ["InputError", "Scores", "as_scores"]
