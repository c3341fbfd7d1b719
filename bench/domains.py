"""Tasks by what their texts are about or where they come from, as mteb's metadata have it."""

from collections.abc import Sequence

from stats.common.errors import InputError, did_you_mean
from stats.scores import Scores

from .sources.definitions import load


def domains_of(task: str) -> tuple[str, ...]:
    """The domains of a task, or of the task that a row ``Task (subset)`` is part of; empty where mteb knows none.

    Examples
    --------
    >>> "Medical" in domains_of("NFCorpus"), domains_of("mine")
    (True, ())
    """
    definition = load().task(task) or load().task(task.rpartition(" (")[0])
    return () if definition is None else definition.domains


def in_domains(scores: Scores, domains: Sequence[str]) -> Scores:
    """Only the tasks that are in one of these domains.

    Parameters
    ----------
    scores : Scores
        Of MTEB tasks, by mteb's names.
    domains : sequence of str
        In any case, such as ``"Medical"``.

    Raises
    ------
    InputError
        If no task is in one of them; the domains that the tasks are in are named.
    """
    known: dict[str, int] = {}
    for task in scores.task_names:
        for domain in domains_of(task):
            known[domain] = known.get(domain, 0) + 1
    folded = {domain.lower(): domain for domain in known}
    for domain in domains:
        if domain.lower() not in folded:
            most = sorted(known, key=lambda name: (-known[name], name))
            named = ", ".join(most[:12]) + (f" and {len(most) - 12} more" if len(most) > 12 else "")
            raise InputError(
                f"no task is in the domain {domain!r}: "
                + (f"these are in {named}" if known else "mteb knows the domains of none of these tasks")
                + did_you_mean(domain, list(known))
            )
    asked = {folded[domain.lower()] for domain in domains}
    return scores.select(tasks=[task for task in scores.task_names if asked & set(domains_of(task))])
