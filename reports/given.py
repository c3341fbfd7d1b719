"""What a function of reports is given: a comparison, said where it is something else."""

from stats.common.errors import InputError


def check_comparison(given: object, function: str) -> None:
    """Raise InputError unless something is a comparison, or has all that one is drawn by; a table of scores is the usual mistake.

    Examples
    --------
    >>> check_comparison({}, "forest")
    Traceback (most recent call last):
        ...
    stats.common.errors.InputError: forest: got dict: expected a Comparison; embsig.compare(scores) makes one
    """
    if not hasattr(given, "scores"):
        raise InputError(
            f"{function}: got {type(given).__name__}: expected a Comparison; embsig.compare(scores) makes one"
        )
