"""Arrays of numbers out of whatever was given."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InputError


def numbers_of(given: Any, what: str) -> npt.NDArray[np.float64]:
    """Return an array of numbers.

    Raises
    ------
    InputError
        If it is none, such as text.

    Examples
    --------
    >>> numbers_of([1, 2], "pvalues").tolist()
    [1.0, 2.0]
    """
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{what}: got {str(given)[:40]!r}: expected numbers") from None
