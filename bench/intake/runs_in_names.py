"""Models whose names end in a seed or a fold: runs of one model, if the analyst says so."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stats.common.text import count, listing
from stats.scores import Scores

from .account import Account

_RUN = re.compile(
    r"(?P<model>.+?)[ _\-/.:(\[]+(?P<word>seed|fold|run|rep|repeat|trial|split|s)[ _\-=]?(?P<number>\d+)[)\]]?",
    re.IGNORECASE,
)


def runs_of(models: Sequence[str]) -> dict[str, list[str]]:
    """Model -> its runs, where names say so of at least two runs of a model.

    Examples
    --------
    >>> runs_of(["bert_seed0", "bert_seed1", "tfidf"])
    {'bert': ['bert_seed0', 'bert_seed1']}
    """
    found: dict[str, list[str]] = {}
    for name in models:
        match = _RUN.fullmatch(name)
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
    found = runs_of(scores.models)
    if not found:
        return scores
    runs = sum(map(len, found.values()))
    word = next(m["word"].lower() for n in scores.models if (m := _RUN.fullmatch(n)) is not None)
    word = {"fold": "folds", "split": "folds"}.get(word, "seeds" if word in ("seed", "s") else "runs")
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
