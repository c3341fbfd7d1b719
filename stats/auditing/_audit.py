"""`audit`: before comparing, what makes these scores incomparable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.text import visible
from ..results import Floats
from ..scores import Scores, as_scores
from . import evaluations, measurement, scales, values
from .view import Problem, View, plural, touched_by_any

_SEVERITIES = ("error", "warning", "note")

#: What a finding is called in a sentence.
_TITLES = {
    "dataset_revisions": "different data set revisions",
    "different_data": "different data",
    "unproven_data": "results from before data hashes",
    "missing_weights": "models without all their weights",
    "external": "self-reported scores",
    "trained_on": "models trained on a task's data",
    "mixed_revisions": "mixed model revisions",
    "other_revisions": "revisions other than mteb's",
    "missing_splits": "missing splits",
    "missing_subsets": "missing subsets",
    "missing_scores": "missing scores",
    "reduced_tasks": "tasks read in part",
    "old_mteb": "scores from before mteb 1.11",
    "unknown_mteb": "unknown mteb versions",
    "mteb_versions": "different major versions of mteb",
    "aggregates": "aggregates that disagree with their parts",
    "two_folders": "two folders of one model",
    "unreadable": "unreadable files",
    "doubled": "subsets scored twice",
    "without_model_meta": "folders without a model card",
    "experiments": "experiments",
    "no_metadata": "no metadata",
    "scale": "mixed scales",
    "task_scales": "tasks on different scales",
    "out_of_range": "impossible scores",
    "identical_models": "score-identical models",
    "near_copies": "nearly score-identical models",
    "duplicate_names": "models under two names",
    "outliers": "outliers",
    "constant_tasks": "constant tasks",
    "counted_twice": "tasks counted twice",
    "standard_errors": "errors of the scores",
}


#: What is not the fault of single queries or items: that all models are right, that one repeats another, that one is odd.
_OF_TASKS = frozenset({"constant_tasks", "counted_twice", "outliers", "scale", "task_scales", "no_metadata"})


@dataclass(frozen=True, eq=False)
class Audit:
    """What makes a table's scores incomparable, ranked by how many comparisons each problem touches.

    A comparison is a pair of models on a task on which both have a score.

    Attributes
    ----------
    findings : DataFrame
        One row per kind of problem, the one that touches most first: ``kind``, ``severity`` ("error": numbers that
        are wrong; "warning": scores that are not comparable; "note"), ``n_comparisons`` touched (of missing scores:
        lost), ``share`` of all comparisons, ``n_pairs`` of models touched, ``n_models``, ``n_tasks``, ``models`` and
        ``tasks`` (tuples of names, the most concerned first) and ``text``, a sentence.
    by_model, by_task : DataFrame
        How many tasks of each model, and how many models of each task, have each kind of problem; only those
        that have any. Columns are kinds.
    n_models, n_tasks, n_comparisons : int
        What was looked at.
    n_touched : int
        Comparisons that at least one error or warning touches.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.5], "b": [0.8, 0.5]}, index=["t", "u"])
    >>> audit = embsig.audit(scores)
    >>> audit.n_models, audit.n_tasks
    (2, 2)
    """

    findings: pd.DataFrame
    by_model: pd.DataFrame
    by_task: pd.DataFrame
    n_models: int
    n_tasks: int
    n_comparisons: int
    n_touched: int

    @property
    def headline(self) -> str:
        """The audit in one sentence."""
        what = f"{plural(self.n_models, 'model')} on {plural(self.n_tasks, 'task')}"
        serious = [row for row in self._rows() if row["severity"] != "note"]
        if not serious:
            return f"Nothing found that makes the scores of {what} incomparable."
        touching = [row for row in serious if row["n_comparisons"]]
        named = touching[:3] or serious[:3]
        errors = [row for row in serious if row["severity"] == "error" and row not in named]
        listed = [
            _TITLES[row["kind"]] + (f" ({_share(row['share'])})" if row["n_comparisons"] else "")
            for row in [*named, *errors]
        ]
        if more := len(serious) - len(listed):
            listed.append(f"and {more} more")
        share = _share(self.n_touched / max(self.n_comparisons, 1))
        return (
            f"{share} of {self.n_comparisons:,} comparisons among {what} are touched by problems: {', '.join(listed)}."
        )

    def _rows(self) -> list[dict[str, Any]]:
        return [{str(k): v for k, v in row.items()} for row in self.findings.to_dict(orient="records")]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values; `from_dict` reads it back."""
        findings = [{**row, "models": list(row["models"]), "tasks": list(row["tasks"])} for row in self._rows()]
        return {
            "headline": self.headline,
            "n_models": self.n_models,
            "n_tasks": self.n_tasks,
            "n_comparisons": self.n_comparisons,
            "n_touched": self.n_touched,
            "findings": findings,
            "by_model": _sparse(self.by_model),
            "by_task": _sparse(self.by_task),
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Audit":
        """Make an audit from what `to_dict` returned."""
        findings = pd.DataFrame(found["findings"], columns=list(_COLUMNS)).astype(_TYPES)
        for column in ("models", "tasks"):
            findings[column] = findings[column].map(tuple)
        models, tasks = (_dense(found[name], list(findings["kind"])) for name in ("by_model", "by_task"))
        n_models, n_tasks, n_comparisons, n_touched = (
            int(found[n]) for n in ("n_models", "n_tasks", "n_comparisons", "n_touched")
        )
        return cls(findings, models, tasks, n_models, n_tasks, n_comparisons, n_touched)

    def __str__(self) -> str:
        lines = [visible(self.headline)]
        for row in self._rows():
            what = "lost" if row["kind"].startswith("missing") else "comparisons"
            count = f" ({row['n_comparisons']:,} {what}, {_share(row['share'])})" if row["n_comparisons"] else ""
            lines.append(f"  {row['severity']:<8}{_TITLES[row['kind']]}{count}: {visible(row['text'])}.")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from ..notebook import show

        shown = self.findings[["severity", "kind", "n_comparisons", "share", "n_models", "n_tasks", "text"]]
        shown = shown.assign(share=[_share(float(v)) for v in shown["share"]])
        return show([self.headline], shown, most=40)


_COLUMNS = {
    "kind": object,
    "severity": object,
    "n_comparisons": np.int64,
    "share": np.float64,
    "n_pairs": np.int64,
    "n_models": np.int64,
    "n_tasks": np.int64,
    "models": object,
    "tasks": object,
    "text": object,
}
_TYPES: Any = {k: v for k, v in _COLUMNS.items() if v is not object}


def audit(scores: Scores | pd.DataFrame) -> Audit:
    """Say what makes these scores incomparable.

    Looks, per model and per task, for: data set revisions that differ between models, self-reported scores, models
    trained on a task's data beside others, mixed model revisions, missing splits, subsets and scores, old or different mteb versions, aggregates that disagree
    with their parts, scales and scores that the metric cannot have, models that are copies of each other or listed
    under two names, outliers, tasks that count twice, how much of the differences is error of the scores where these have standard errors, and whatever was left out while reading. What can be checked
    depends on what the source says: a plain table has scores and nothing else.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows are tasks, columns are models. `Scores.cells` says how each score was made (``embsig.read_scores``
        fills it).

    Returns
    -------
    Audit

    Examples
    --------
    >>> import pandas as pd
    >>> table = {"a": [.5, .6, .7], "b": [.5, .6, .7], "c": [50., 61., 72.]}
    >>> found = audit(pd.DataFrame(table, index=["STS12", "STS13", "STS14"]))
    >>> found.findings.loc[found.findings["severity"] != "note", "kind"].tolist()
    ['scale', 'identical_models']
    """
    given = as_scores(scores)
    view = View(given)
    problems = [
        p
        for check in (*evaluations.checks(), *scales.checks(), *values.checks(), *measurement.checks())
        for p in check(view)
    ]
    if given.unit != "task":
        problems = [p for p in problems if p.kind not in _OF_TASKS]
    total = int(np.triu(view.shared, 1).sum())
    rows, masks = [], {}
    for problem in problems:
        counts = problem.counts(view)
        concerned = problem.concerned(view)
        masks[problem.kind] = concerned
        rows.append(_row(problem, counts, concerned, total, view))
    findings = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_TYPES)
    order = findings["severity"].map(_SEVERITIES.index)
    findings = (
        findings.assign(_order=order)
        .sort_values(["n_comparisons", "_order", "kind"], ascending=[False, True, True], kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )
    serious = [p for p in problems if p.severity != "note"]
    return Audit(
        findings,
        _counts(masks, list(findings["kind"]), scores_axis=0, names=view.models),
        _counts(masks, list(findings["kind"]), scores_axis=1, names=view.tasks),
        len(view.models),
        len(view.tasks),
        total,
        touched_by_any(serious, view),
    )


def _row(problem: Problem, counts: Floats, concerned: "np.ndarray[Any, Any]", total: int, view: View) -> dict[str, Any]:
    upper = np.triu(counts, 1)
    n = round(float(upper.sum()))
    per_model, per_task = concerned.sum(axis=0), concerned.sum(axis=1)
    models = problem.models or [str(view.models[j]) for j in np.argsort(-per_model, kind="stable") if per_model[j]]
    tasks = problem.tasks or [str(view.tasks[i]) for i in np.argsort(-per_task, kind="stable") if per_task[i]]
    return {
        "kind": problem.kind,
        "severity": problem.severity,
        "n_comparisons": n,
        "share": n / max(total, 1) if problem.lost is None else n / max(total + n, 1),
        "n_pairs": int((upper > 0).sum()),
        "n_models": len(models),
        "n_tasks": len(tasks),
        "models": tuple(models),
        "tasks": tuple(tasks),
        "text": problem.text,
    }


def _counts(masks: Mapping[str, Any], kinds: list[str], *, scores_axis: int, names: Any) -> pd.DataFrame:
    table = pd.DataFrame(
        {k: masks[k].sum(axis=scores_axis) for k in kinds}, index=pd.Index(list(names)), dtype=np.int64
    )
    return table.loc[table.any(axis=1), table.any(axis=0)]


def _sparse(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    return {str(i): {str(k): int(v) for k, v in row.items() if v} for i, row in table.iterrows()}


def _dense(rows: Mapping[str, Mapping[str, int]], kinds: list[str]) -> pd.DataFrame:
    counts = [[row.get(kind, 0) for kind in kinds] for row in rows.values()]
    table = pd.DataFrame(counts, index=pd.Index(list(rows)), columns=pd.Index(kinds), dtype=np.int64)
    return table[[kind for kind in kinds if table[kind].any()]]


def _share(share: float) -> str:
    if 0 < share < 0.005:
        return "<1 %"
    return f"{100 * share:.0f} %"
