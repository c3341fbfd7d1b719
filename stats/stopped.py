"""Runs that were stopped when they were decided: what they left out depends on what came out."""

from collections.abc import Iterable, Mapping
from typing import Any

from .common import text
from .common.errors import InputError


def refuse_stopped(provenance: Mapping[str, Any], models: Iterable[str]) -> None:
    """Refuse to compare, as if all tasks were there, two models whose run was stopped when they were decided.

    A test that takes the tasks at hand as all there are to be is wrong more often than alpha when these were chosen by looking at it: with a look
    a day for a month, 28 % of the time at .05.

    Parameters
    ----------
    provenance : mapping
        ``stopped``: a list of what stopped runs say of themselves (``source, verdict, candidate, against, left``).
    models : iterable of str
        What is compared.

    Raises
    ------
    InputError
        If both models of a stopped run are among them.
    """
    names = set(models)
    for run in provenance.get("stopped") or ():
        if {run["candidate"], run["against"]} <= names:
            n = text.count(len(run["left"]), "task")
            raise InputError(
                f"{run['source']} was stopped when it was decided ({run['verdict']}: {run['candidate']} against {run['against']}), with {n} left "
                f"({text.listing(list(run['left']), 3)}): expected a full run; its verdict stands in its manifest.json, and the same "
                "`embsig run` without --until-decided evaluates the rest"
            )
