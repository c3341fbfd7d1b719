"""Suites by name."""

from typing import Any

from stats.common.errors import unknown

SUITES = ("docstrings", "study", "paper")


def suite(name: str) -> list[Any]:
    """Give the tasks of a suite, new objects at every call: a used mteb task has a used random state.

    Parameters
    ----------
    name : {"docstrings", "study", "paper"}
        ``docstrings``: 21 tasks of six families over the documentation of the installed scientific packages, made on this
        machine without a network; their dataset revision is the hash of that corpus. ``study``: those and 27 more, nine in each of
        the paper's four families and six in the two others. ``paper``: the tasks of the study
        this project repeats, from mteb's registry.

    Returns
    -------
    list of mteb.AbsTask

    Raises
    ------
    InputError
        If there is no such suite.

    Examples
    --------
    The 47 tasks of the paper:

    >>> import embsig
    >>> len(embsig.suite("paper"))
    47
    """
    if name == "docstrings":
        from .docstrings import TASKS

        return [task() for task in TASKS]
    if name == "study":
        from .study import TASKS as ALL

        return [task() for task in ALL]
    if name == "paper":
        from mteb.get_tasks import get_task

        from .paper import PAPER

        return [get_task(task) for names in PAPER.values() for task in names]
    raise unknown("suite", name, SUITES)
