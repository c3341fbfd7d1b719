"""The errors and warnings that embsig raises on purpose."""

import warnings
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


class InputError(ValueError):
    """Input that cannot be used as it is.

    The message is one line: what was received, what was expected, what to do. The command line
    prints it and exits with code 2.

    Examples
    --------
    One model cannot be compared:

    >>> import embsig
    >>> import pandas as pd
    >>> try:
    ...     embsig.compare(pd.DataFrame({'a': [0.1, 0.2]}))
    ... except embsig.InputError as error:
    ...     print(str(error)[:32])
    got 1 model to compare: expected
    """


class UndefinedWarning(RuntimeWarning):
    """A quantity is undefined for these data and was returned as NaN.

    Examples
    --------
    It can be made an error, as any warning can:

    >>> import embsig
    >>> issubclass(embsig.UndefinedWarning, RuntimeWarning)
    True
    """


class PowerWarning(UserWarning):
    """No outcome of this analysis could be significant, or a method is known to miss its level here.

    Examples
    --------
    Five tasks cannot reach .05: 2 / 2^5 = .0625. ``compare`` then says so:

    >>> import embsig
    >>> issubclass(embsig.PowerWarning, UserWarning)
    True
    >>> embsig.smallest_pvalue(5)
    0.0625
    """


def did_you_mean(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """Suggest the known names that are nearest to one that is not known, for the end of a message.

    Case, and dashes or underscores, make no difference.

    Examples
    --------
    >>> did_you_mean("Wilcoxn", ["sign", "wilcoxon"])
    "; did you mean 'wilcoxon'?"
    >>> did_you_mean("xyz", ["sign", "wilcoxon"])
    ''
    """
    folded: dict[str, str] = {}
    for own in known:
        folded.setdefault(_fold(own), own)
    close = [repr(folded[n]) for n in get_close_matches(_fold(str(name)), folded, n=most, cutoff=0.5)]
    if not close:
        return ""
    return f"; did you mean {', '.join(close[:-1])}{' or ' if close[1:] else ''}{close[-1]}?"


#: So many names are given where there are twice as many and more.
_NAMED = 12


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """Return the error for a name that is not one of those that are known: all where they are few, else the first."""
    names = list(known)
    more = f" and {len(names) - _NAMED:,} more" if len(names) > 2 * _NAMED else ""
    hint = did_you_mean(name, names, most=1) if isinstance(name, str) else ""
    return InputError(
        f"unknown {what} {name!r}: expected one of {', '.join(names[:_NAMED] if more else names)}{more}{hint}"
    )


def _fold(name: str) -> str:
    return name.lower().replace("_", "-")


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
