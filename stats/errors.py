"""The errors and warnings that embsig raises on purpose."""


class InputError(ValueError):
    """Input that cannot be used as it is.

    The message is one line: what was received, what was expected, what to do. The command line
    prints it and exits with code 2.
    """


class UndefinedWarning(RuntimeWarning):
    """A quantity is undefined for these data and was returned as NaN."""


class PowerWarning(UserWarning):
    """No outcome of this analysis could be significant, or a method is known to miss its level here."""
