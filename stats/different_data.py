"""Scores and samples are paired only where they were made on the same data."""

from collections.abc import Iterable, Mapping

import pandas as pd

from .common.errors import InputError
from .common.text import count
from .scores import Scores

#: What is said, once, of results that cannot prove what they are.
NO_HASH = "made before data hashes: that these results were made on the same data cannot be proven"
NO_CHECKSUM = "without a checksum in the run's manifest: that nobody changed them since cannot be proven"


def differing(scores: Scores) -> dict[str, dict[str, list[str]]]:
    """Tasks on which models were scored on different data.

    Parameters
    ----------
    scores : Scores
        With a column ``data_sha256`` of `cells`; without one, nothing is known to differ.

    Returns
    -------
    dict
        task -> hash -> models, the hash of most models first.
    """
    cells = scores.cells
    if cells is None or "data_sha256" not in cells:
        return {}
    known = cells.loc[cells["data_sha256"].notna(), ["task", "model", "data_sha256"]]
    several = known.groupby("task", sort=False)["data_sha256"].nunique()
    found: dict[str, dict[str, list[str]]] = {}
    for task, rows in known[known["task"].isin(several.index[several > 1])].groupby("task", sort=False):
        of: dict[str, list[str]] = {}
        for model, digest in zip(rows["model"], rows["data_sha256"], strict=True):
            of.setdefault(str(digest), []).append(str(model))
        found[str(task)] = dict(sorted(of.items(), key=lambda item: -len(item[1])))
    return found


def sentence(task: str, by_hash: Mapping[str, Iterable[str]]) -> str:
    """Which two models have which data of a task, in a line.

    Examples
    --------
    >>> sentence("STS13", {"ab12": ["org/a", "org/b"], "cd34": ["org/c"]})
    'on STS13, org/a (and 1 more) was scored on the data ab12 and org/c on cd34'
    """
    (one, first), (other, second) = [(h, list(m)) for h, m in by_hash.items()][:2]
    more = f" (and {len(first) - 1} more)" if len(first) > 1 else ""
    also = f" (and {len(second) - 1} more)" if len(second) > 1 else ""
    return f"on {task}, {first[0]}{more} was scored on the data {one[:12]} and {second[0]}{also} on {other[:12]}"


def refuse(scores: Scores, *, allow: bool) -> list[str]:
    """Refuse scores that were made on different data; return what is to be said of those that are not refused.

    Raises
    ------
    InputError
        Unless `allow`.
    """
    found = differing(scores)
    if found and not allow:
        task, by_hash = next(iter(found.items()))
        more = f"; {len(found) - 1} more tasks are in the same case" if len(found) > 1 else ""
        raise InputError(
            f"{sentence(task, by_hash)}: expected the same texts, gold and judgements for all models{more}; evaluate them on one "
            "data root, leave one out (--model, --task), or say --allow-different-data"
        )
    said = unproven(scores)
    return ([f"{said[0].upper()}{said[1:]}."] if said else []) + [
        f"Different data: {sentence(task, by_hash)}." for task, by_hash in found.items()
    ]


def unproven(scores: Scores) -> str:
    """A sentence where a run's results, or some among others that have hashes, say nothing of their data or have no checksum."""
    cells, n_unchecked = scores.cells, int(scores.provenance.get("without_checksum", 0))
    said = []
    if cells is not None and "data_sha256" in cells:
        silent = cells[cells["data_sha256"].isna()]
        mixed = set(silent["task"]) & set(cells.loc[cells["data_sha256"].notna(), "task"])
        if not silent.empty and (mixed or scores.provenance.get("run")):
            said.append(f"{len(silent)} of {len(cells)} scores were {NO_HASH}")
    if n_unchecked:
        said.append(f"{count(n_unchecked, 'result')} of the run {'is' if n_unchecked == 1 else 'are'} {NO_CHECKSUM}")
    return "; ".join(said)


def clause(scores: Scores) -> str:
    """What every conclusion from such scores ends with; empty where all data are the same."""
    found = list(differing(scores))
    if not found:
        return ""
    named = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
    return f"(The models were scored on different data on {len(found)} of {scores.n_tasks} tasks: {named}.)"


def lacking(scores: Scores) -> list[str]:
    """A sentence on the models whose checkpoints lacked weights."""
    cells = scores.cells
    if cells is None or "missing_weights" not in cells:
        return []
    worst: pd.Series = cells.groupby("model", sort=False)["missing_weights"].max()
    return [
        f"{model} was scored with random numbers in place of {int(n)} weights that its checkpoint lacks: its scores are not "
        "those of the model of that name."
        for model, n in worst[worst > 0].items()
    ]
