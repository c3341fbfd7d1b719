"""The errors and warnings that embsig raises on purpose."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class InputError(ValueError):
    """Input that cannot be used as it is.

    The message is one line: what was received, what was expected, what to do. The command line
    prints it and exits with code 2.
    """


class UndefinedWarning(RuntimeWarning):
    """A quantity is undefined for these data and was returned as NaN."""


class PowerWarning(UserWarning):
    """No outcome of this analysis could be significant, or a method is known to miss its level here."""


def warn(text: str, category: type[Warning]) -> None:
    """Warn whoever called the public function that calls this."""
    warnings.warn(text, category, stacklevel=3)


def said_in_result(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Raise no `PowerWarning` and no `UndefinedWarning`: what they say is in the result's own warnings."""

    @wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with warnings.catch_warnings():
            for category in (PowerWarning, UndefinedWarning):
                warnings.simplefilter("ignore", category)
            return function(*args, **kwargs)

    return run
