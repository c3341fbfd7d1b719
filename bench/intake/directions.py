"""Which tasks are better low: turned, so that higher is better everywhere, and said."""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np

from stats.common.errors import InputError, did_you_mean
from stats.common.text import listing
from stats.scores import Scores

from .account import Account
from .known_names import known_tasks
from .metric_directions import task_direction
from .options import Options


def parse_directions(said: str | list[str] | tuple[str, ...] | Mapping[str, object] | None) -> dict[str, bool]:
    """Read ``TASK=lower`` (or ``higher``), once or several times; a mapping of the same.

    Raises
    ------
    InputError
        If it is of another form.

    Examples
    --------
    >>> parse_directions(["rmse-*=lower", "acc=higher"])
    {'rmse-*': False, 'acc': True}
    """
    if said is None:
        return {}
    pairs = (
        list(said.items())
        if isinstance(said, Mapping)
        else [tuple(p.rpartition("=")[::2]) for p in ([said] if isinstance(said, str) else said)]
    )
    found: dict[str, bool] = {}
    for task, way in pairs:
        if way in (True, False):
            found[str(task)] = bool(way)
        elif task and way in ("lower", "higher"):
            found[str(task)] = way == "higher"
        else:
            raise InputError(f"direction {f'{task}={way}' if task else way!r}: expected TASK=lower or TASK=higher")
    return found


def directed(scores: Scores, known: Mapping[str, bool], options: Options, account: Account) -> Scores:
    """Give scores the direction that metrics, arrows and options say; tasks of the other one are turned.

    Parameters
    ----------
    scores : Scores
    known : mapping
        What the table itself says of tasks.
    options : Options
    account : Account

    Raises
    ------
    InputError
        If an option names no task, or contradicts every metric.
    """
    asked = _asked(scores, options)
    foreign = set(scores.task_names) - set(known_tasks(scores.task_names))
    ways: dict[str, bool] = {}
    signed = []
    for task, values in zip(scores.task_names, scores.values, strict=True):
        way = asked.get(task)
        if way is None:
            way = known.get(task)
            if way is None and task in foreign:
                way = task_direction(task)
            here = values[np.isfinite(values)] if way is False else values[:0]
            if len(here) and (here <= 0).all() and (here < 0).any():
                signed.append(task)
                way = True
        if way is not None:
            ways[task] = way
    if signed:
        scores = scores.with_signed(signed)  # a mean over them and accuracies says as little as one over turned scores
        account.note(f"negative and so turned already, higher is better: {listing(signed)}")
    unknown = [t for t in scores.task_names if t not in ways]
    if (
        options.higher_is_better is not None
        and not unknown
        and all(w != options.higher_is_better for w in ways.values())
        and not asked
    ):
        word = "higher" if options.higher_is_better else "lower"
        task = scores.task_names[0]
        raise InputError(
            f"{account.source}: {word} is better was asked for, but the metric of every task says otherwise: --direction '{task}={word}' "
            "(or '*') overrules it"
        )
    usual = options.higher_is_better if options.higher_is_better is not None else True
    up = [t for t in scores.task_names if ways.get(t, usual)]
    down = [t for t in scores.task_names if not ways.get(t, usual)]
    if not down:
        return scores if scores.higher_is_better else replace(scores, higher_is_better=True)
    if not up:
        return replace(scores, higher_is_better=False)
    return replace(scores, higher_is_better=True).turn(down)


def _asked(scores: Scores, options: Options) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for pattern, way in options.directions.items():
        hits = [pattern] if pattern in scores.task_names else [t for t in scores.task_names if fnmatchcase(t, pattern)]
        if not hits:
            raise InputError(
                f"direction {pattern!r}: no task of this name among {scores.n_tasks} ({listing(scores.task_names, 3)})"
                f"{did_you_mean(pattern, scores.task_names)}"
            )
        found |= dict.fromkeys(hits, way)
    return found
