"""The largest complete block of models and tasks that drops so many tasks: an integer programme, solved exactly."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Block:
    """A complete block.

    Attributes
    ----------
    dropped : tuple of int
        The tasks left out, in the table's order.
    models : tuple of int
        The models that have every other task.
    """

    dropped: tuple[int, ...]
    models: tuple[int, ...]


def largest_block(
    missing: Flags, n_dropped: int, *, families: npt.NDArray[np.int64], kept_tasks: Flags, kept_models: Flags
) -> Block | None:
    """Drop `n_dropped` tasks so that as many models as possible have all the others.

    The programme: ``z_t = 1`` where task t is dropped, ``y_p = 1`` where the models of missing pattern p are complete; maximise
    ``sum_p size_p y_p`` subject to ``y_p <= z_t`` for every task t that pattern p lacks, ``sum_t z_t = n_dropped``, a task kept of every
    family, and what was required. HiGHS solves it to optimality (`scipy.optimize.milp`); a greedy drop would miss tasks that
    only pay together, such as the two halves of one data set.

    Parameters
    ----------
    missing : ndarray of bool, shape (n_tasks, n_models)
    n_dropped : int
        How many tasks are dropped.
    families : ndarray of int, shape (n_tasks,)
        A number per family of tasks; -1 where it is unknown.
    kept_tasks : ndarray of bool, shape (n_tasks,)
        Tasks that must stay.
    kept_models : ndarray of bool, shape (n_models,)
        Models that must be complete.

    Returns
    -------
    Block or None
        None where what is required cannot be had.
    """
    lacking = missing.sum(axis=0)
    within = lacking <= n_dropped  # a model that lacks more tasks than are dropped is never complete
    if (kept_models & ~within).any():
        return None
    patterns, member = np.unique(missing[:, within].T, axis=0, return_inverse=True)
    sizes = np.bincount(member, minlength=len(patterns)).astype(float)
    required = np.zeros(len(patterns), dtype=bool)
    required[member[kept_models[within]]] = True
    dropped = _solve(patterns, sizes, required, n_dropped, families, kept_tasks)
    if dropped is None:
        return None
    complete = ~missing[~dropped].any(axis=0)
    return Block(tuple(np.flatnonzero(dropped).tolist()), tuple(np.flatnonzero(complete).tolist()))


def _solve(
    patterns: Flags,
    sizes: npt.NDArray[np.float64],
    required: Flags,
    n_dropped: int,
    families: npt.NDArray[np.int64],
    kept_tasks: Flags,
) -> Flags | None:
    """Which tasks to drop, shape (n_tasks,); None where it is not possible."""
    n_patterns, n_tasks = patterns.shape
    if n_dropped == 0:
        return None if required.any() and patterns[required].any() else np.zeros(n_tasks, dtype=bool)
    from scipy.optimize import Bounds, LinearConstraint, milp  # only here: a table without gaps need not wait for it
    from scipy.sparse import coo_array

    lower, upper = np.zeros(n_tasks + n_patterns), np.ones(n_tasks + n_patterns)
    upper[:n_tasks][kept_tasks] = 0
    lower[n_tasks:][required] = 1
    # A task that no pattern lacks is dropped last of all: its cost breaks ties, and stays below one model in all.
    cost = np.concatenate([np.linspace(0, 1e-6, n_tasks) + 1e-5 * (~patterns.any(axis=0)), -sizes])
    constraints = [
        LinearConstraint(np.concatenate([np.ones(n_tasks), np.zeros(n_patterns)])[None, :], n_dropped, n_dropped)
    ]
    pattern, task = np.nonzero(patterns)
    if len(pattern):
        row = np.arange(len(pattern))
        values = np.concatenate([np.ones(len(row)), -np.ones(len(row))])
        where = (np.concatenate([row, row]), np.concatenate([n_tasks + pattern, task]))
        constraints.append(
            LinearConstraint(coo_array((values, where), shape=(len(row), n_tasks + n_patterns)).tocsr(), -np.inf, 0)
        )
    for family in np.unique(families[families >= 0]):
        of = np.concatenate([families == family, np.zeros(n_patterns, dtype=bool)]).astype(float)
        constraints.append(LinearConstraint(of[None, :], 0, of.sum() - 1))
    # A task's z needs to be whole; y then is, since it is bounded by whole numbers and rewarded.
    whole = np.concatenate([np.ones(n_tasks), np.zeros(n_patterns)])
    found = milp(cost, constraints=constraints, bounds=Bounds(lower, upper), integrality=whole)
    return None if found.x is None else np.asarray(found.x[:n_tasks] > 0.5)
