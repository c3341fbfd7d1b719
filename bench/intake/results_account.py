"""What was read of a tree of MTEB results, said in the words in which it is said of a table."""

from dataclasses import replace
from typing import Any

import numpy as np

from stats.common.text import count, listing
from stats.scores import Scores

from .account import Account
from .alike import note_alike

_LEFT = {"experiments": "of experiments", "without_model_meta": "without model_meta.json"}


def with_account(scores: Scores, source: str) -> Scores:
    """Say in ``provenance["read"]`` what was read, which of several results counts, and what is missing.

    Parameters
    ----------
    scores : Scores
        Of MTEB results, or of a folder that ``embsig run`` wrote.
    source : str
        How errors would call it.
    """
    account = Account(source, layout=_layout(scores), unit=str(scores.provenance.get("unit", "task")))
    left = scores.provenance.get("left_out") or {}
    for kind, why in _LEFT.items():
        if n := int(left.get(kind, 0)):
            account.aside(count(n, "file"), why, "", "file")
    if n := int(left.get("doubled", 0)):  # read all the same, as mteb does
        account.note(f"{count(n, 'file')} with two main scores of one subset, whose mean counts")
    _of_tasks(scores, account)
    note_alike(scores, account)
    if scores.cells is not None and len(scores.cells):
        _of_cells(scores.cells, account)
    missing, all_ = int(np.isnan(scores.values).sum()), scores.values.size
    if missing:
        account.note(f"{missing:,} of {all_:,} scores missing")
    return replace(scores, provenance={**scores.provenance, "read": account.about(scores)})


def _layout(scores: Scores) -> str:
    about = scores.provenance
    what = "results of a run" if about.get("run") else "MTEB results"
    if n := about.get("n_read"):
        what += f" of {count(int(n), 'file')}"
    return what + (f" for {about['benchmark']}" if about.get("benchmark") else "")


def _of_tasks(scores: Scores, account: Account) -> None:
    reduced = dict(scores.tasks["reduced"].dropna()) if "reduced" in scores.tasks else {}
    if reduced:
        task, how = next(iter(reduced.items()))
        account.note(f"{count(len(reduced), 'task')} read with less than asked for ({task}: {how})")
    if settled := scores.provenance.get("settled"):
        first = settled[0]
        account.note(
            f"{count(len(settled), 'model')} with two folders ({first['model']}: {listing(first['kept'], 2)} counts)"
        )


def _of_cells(cells: Any, account: Account) -> None:
    if "n_revisions" in cells and (several := cells.loc[cells["n_revisions"] > 1, "model"].nunique()):
        account.note(f"{count(several, 'model')} with several revisions, of which mteb's rule takes one")
    if "external" in cells and (n := int((cells["external"] == True).sum())):  # noqa: E712  (missing is not True)
        account.note(f"{count(n, 'score')} self-reported by the models' authors, read like the others")
    if "seed_scores" in cells:
        runs = cells.loc[cells["seed_scores"].map(lambda s: isinstance(s, tuple) and len(s) > 1)]
        if len(runs):
            most = int(runs["seed_scores"].map(len).max())
            account.note(
                f"{count(runs['model'].nunique(), 'model')} with up to {most} training seeds, of which scores are the means "
                "(--seeds separate: each by itself)"
            )
