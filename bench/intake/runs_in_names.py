"""Models whose names end in a seed or a fold: runs of one model, if the analyst says so."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stats.common.errors import InputError
from stats.common.text import count, listing
from stats.scores import Scores

from .account import Account

_WORD = r"(?P<word>random[ _\-]?seed|random[ _\-]?state|seed|fold|cv|run|rep|repeat|trial|split|rs|s)"
_RUN = re.compile(rf"(?P<model>.+?)[ _\-/.:(\[@#|,]+{_WORD}[ _\-=:]?(?P<number>\d+)[)\]]?", re.IGNORECASE)
_BEFORE = re.compile(rf"{_WORD}[ _\-=:]?(?P<number>\d+)[ _\-/.:|,]+(?P<model>.+)", re.IGNORECASE)
#: A bare number, which is a run's only where the analyst says so: `bge-1` and `bge-2` may be two models.
_NUMBER = re.compile(r"(?P<model>.+?)[ _\-/.:#@]+(?P<number>\d+)")


def _matched(name: str) -> "re.Match[str] | None":
    return _RUN.fullmatch(name) or _BEFORE.fullmatch(name)


def runs_of(models: Sequence[str], *, numbers: bool = False) -> dict[str, list[str]]:
    """Model -> its runs, where names say so of at least two runs of a model; with `numbers`, also by a bare number.

    Examples
    --------
    >>> runs_of(["bert_seed0", "bert_seed1", "tfidf"])
    {'bert': ['bert_seed0', 'bert_seed1']}
    >>> runs_of(["bert_0", "bert_1"]), runs_of(["bert_0", "bert_1"], numbers=True)
    ({}, {'bert': ['bert_0', 'bert_1']})
    """
    found: dict[str, list[str]] = {}
    for name in models:
        match = _matched(name) or (_NUMBER.fullmatch(name) if numbers else None)
        if match is not None:
            found.setdefault(match["model"], []).append(name)
    return {model: runs for model, runs in found.items() if len(runs) > 1}


def with_runs(scores: Scores, account: Account, *, together: bool) -> Scores:
    """Take runs together as one model, whose score is their mean and whose runs are kept; or propose it.

    Parameters
    ----------
    scores : Scores
    account : Account
    together : bool
        Whether it was asked for.
    """
    found = runs_of(scores.models) or (runs_of(scores.models, numbers=True) if together else {})
    if together and not found:
        raise InputError(
            f"{account.source}: seeds from names were asked for, but no two models are named as runs of one, as bert_seed0 and bert_seed1 "
            f"are; there are {listing([repr(m) for m in scores.models], 3)}: read without --seeds-from-names"
        )
    if not found:
        return scores
    runs = sum(map(len, found.values()))
    word = next((m["word"].lower() for n in scores.models if (m := _matched(n)) is not None), "run")
    word = (
        "folds"
        if word in ("fold", "split", "cv")
        else "seeds"
        if "s" in (word[0], word[-1]) or "random" in word
        else "runs"
    )
    shown = listing([n for names in found.values() for n in names], 3)
    if not together:
        account.note(
            f"{runs} models are named as {word} of {count(len(found), 'model')} ({shown}): --seeds-from-names compares them as such"
        )
        return scores
    account.note(
        f"{runs} {word} taken together as {count(len(found), 'model')} ({shown}): scores are their means, each is kept"
    )
    account.runs = word
    owner = {name: model for model, names in found.items() for name in names}
    order = list(dict.fromkeys(owner.get(m, m) for m in scores.models))
    members = {model: [m for m in scores.models if owner.get(m, m) == model] for model in order}
    table = pd.DataFrame({model: scores.table[names].mean(axis=1, skipna=False) for model, names in members.items()})
    column = {model: j for j, model in enumerate(scores.models)}
    cells = []
    for model, names in members.items():
        for task, each in zip(scores.task_names, scores.values[:, [column[n] for n in names]].tolist(), strict=True):
            if np.isfinite(each).all():
                cells.append({"task": task, "model": model, "seed_scores": tuple(each)})
    return Scores.build(
        table,
        scores.tasks,
        cells=pd.DataFrame(cells),
        provenance=scores.provenance,
        higher_is_better=scores.higher_is_better,
        unit=scores.unit,
    )
