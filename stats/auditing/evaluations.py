"""Checks of how the scores were made: revisions, versions, who reported them, splits and subsets."""

import re
from collections.abc import Callable, Iterator

import numpy as np

from ..different_data import differing, lacking, sentence, unproven
from .view import Mask, Problem, View, minority, plural, some

#: mteb 1.11.0 changed the result format; what is older was read by conversion.
OLD_MTEB = (1, 11)

#: Parts of an aggregate and the aggregate itself may differ by rounding.
ROUNDING = 2e-4


def checks() -> list[Callable[[View], Iterator[Problem]]]:
    """All checks of this module."""
    return [
        dataset_revisions,
        external,
        trained_on,
        mixed_revisions,
        other_revisions,
        missing_parts,
        missing_scores,
        reduced_tasks,
        mteb_versions,
        aggregates,
        different_data,
        missing_weights,
        reading,
    ]


def dataset_revisions(view: View) -> Iterator[Problem]:
    """Models scored on different revisions of one data set."""
    if not view.has("dataset_revision"):
        return
    labels, _ = view.codes("dataset_revision")
    differing = _differing(labels, view.present)
    if not differing.any():
        return
    labels = np.where(differing[:, None], labels, -1)
    off = minority(labels, view.present)
    tasks = [str(t) for t in view.tasks[np.argsort(-off.sum(axis=1), kind="stable")][: int(differing.sum())]]
    text = (
        f"on {int(differing.sum())} of {plural(len(view.tasks), 'task')} the models were scored on different revisions "
        f"of the data set ({some(tasks)})"
    )
    yield Problem("dataset_revisions", "warning", text, labels=labels, tasks=tasks)


def different_data(view: View) -> Iterator[Problem]:
    """Models scored on different texts, gold or judgements, by their hashes; and results from before there were any."""
    if not view.has("data_sha256"):
        return
    found = differing(view.scores)
    if found:
        labels, _ = view.codes("data_sha256")
        labels = np.where(_differing(labels, view.present)[:, None], labels, -1)
        task, by_hash = next(iter(found.items()))
        text = (
            f"on {len(found)} of {plural(len(view.tasks), 'task')} the models were scored on different texts, gold or judgements: "
            f"{sentence(task, by_hash)}"
        )
        yield Problem("different_data", "error", text, labels=labels, tasks=list(found))
    if said := unproven(view.scores):
        yield Problem("unproven_data", "note", said)


def missing_weights(view: View) -> Iterator[Problem]:
    """Models that were scored with random numbers in place of weights."""
    if view.has("missing_weights"):
        cells = np.asarray([[bool(n) for n in row] for row in view.grid("missing_weights", 0)]) & view.present
        for text in lacking(view.scores)[:1] if cells.any() else ():
            yield Problem("missing_weights", "error", text.rstrip("."), cells=cells)


def external(view: View) -> Iterator[Problem]:
    """Scores that the model's authors reported themselves."""
    if not view.has("external"):
        return
    cells = view.flags("external") & view.present
    if cells.any():
        models = _concerned(cells, view)
        text = f"{plural(int(cells.sum()), 'score')} of {plural(len(models), 'model')} self-reported ({some(models)})"
        yield Problem("external", "warning", text, cells=cells)


def trained_on(view: View) -> Iterator[Problem]:
    """Models trained on a task's data beside models that were not."""
    if not view.has("trained_on"):
        return
    labels = np.asarray(
        [[-1 if v is None else int(bool(v)) for v in row] for row in view.grid("trained_on")], dtype=np.int64
    )
    differing = _differing(labels, view.present)
    trained = (labels == 1) & view.present & differing[:, None]
    if trained.any():
        models = _concerned(trained, view)
        tasks = [str(t) for t in view.tasks[np.argsort(-trained.sum(axis=1), kind="stable")][: int(differing.sum())]]
        unknown = int(((labels < 0) & view.present).any(axis=0).sum())
        text = (
            f"{plural(len(models), 'model')} trained on the data of tasks on which others were not trained, most on {some(tasks)}"
            + (f"; of {plural(unknown, 'model')} it is not known" if unknown else "")
        )
        yield Problem(
            "trained_on", "warning", text, labels=np.where(differing[:, None], labels, -1), models=models, tasks=tasks
        )


def mixed_revisions(view: View) -> Iterator[Problem]:
    """Models whose scores come from more than one revision of the model."""
    if not view.has("revision"):
        return
    codes, _ = view.codes("revision")
    own = np.where(view.present, codes, -1).T
    rows = minority(own, view.present.T)
    if rows.any():
        cells = rows.T
        models = _concerned(cells, view)
        text = (
            f"the scores of {plural(len(models), 'model')} come from more than one revision of the model, "
            f"{plural(int(cells.sum()), 'score')} not from the one that most come from ({some(models)})"
        )
        yield Problem("mixed_revisions", "warning", text, cells=cells)


def other_revisions(view: View) -> Iterator[Problem]:
    """Scores of a named revision that is not the one in mteb's registry."""
    if not view.has("main_revision", "external"):
        return
    cells = view.present & ~view.flags("main_revision") & ~view.flags("external") & (view.codes("revision")[0] >= 0)
    if cells.any():
        models = _concerned(cells, view)
        text = (
            f"{plural(int(cells.sum()), 'score')} of {plural(len(models), 'model')} from a revision that mteb's "
            f"registry does not name ({some(models)})"
        )
        yield Problem("other_revisions", "note", text, cells=cells)


def missing_parts(view: View) -> Iterator[Problem]:
    """Evaluations that lack a split or subset of their task, and therefore have no score."""
    for column, noun in (("missing_splits", "evaluation split"), ("missing_subsets", "subset")):
        if not view.has(column):
            continue
        lost = ~view.present & np.asarray([[bool(names) for names in row] for row in view.grid(column)], dtype=bool)
        if lost.any():
            tasks = [
                str(t) for t in view.tasks[np.argsort(-lost.sum(axis=1), kind="stable")] if lost[_row(view, t)].any()
            ]
            text = (
                f"{plural(int(lost.sum()), 'evaluation')} of {plural(int(lost.any(axis=0).sum()), 'model')} without "
                f"every {noun} that the task asks for, counted as missing ({some(tasks)})"
            )
            yield Problem(column, "warning", text, lost=lost)


def missing_scores(view: View) -> Iterator[Problem]:
    """Models without a score on some task."""
    lost = ~view.present
    if lost.any():
        incomplete = int(lost.any(axis=0).sum())
        text = (
            f"{incomplete:,} of {plural(len(view.models), 'model')} without a score on some task, "
            f"{plural(int(lost.sum()), 'score')} missing in all"
        )
        yield Problem("missing_scores", "note", text, lost=lost)


def reduced_tasks(view: View) -> Iterator[Problem]:
    """Tasks of which no model in the source has every split and subset."""
    reduced = view.task_column("reduced")
    rows = np.asarray([r is not None for r in reduced], dtype=bool)
    if rows.any():
        tasks = [f"{t} ({r})" for t, r in zip(view.tasks[rows], reduced[rows], strict=True)]
        text = f"{plural(int(rows.sum()), 'task')} read with less than the task asks for: {some(tasks)}"
        yield Problem("reduced_tasks", "warning", text, cells=rows[:, None] & view.present)


def mteb_versions(view: View) -> Iterator[Problem]:
    """Scores made by very old, unnamed or different major versions of mteb."""
    if not view.has("mteb_version"):
        return
    codes, names = view.codes("mteb_version")
    parsed = [_version(n) for n in names]
    old_file = view.flags("old_format") if view.has("old_format") else np.zeros(codes.shape, dtype=bool)
    lookup = np.asarray([p is not None and p < OLD_MTEB for p in parsed] + [False], dtype=bool)
    old = (lookup[codes] | old_file) & view.present
    if old.any():
        models = _concerned(old, view)
        text = f"{plural(int(old.sum()), 'score')} of {plural(len(models), 'model')} made before mteb 1.11 ({some(models)})"
        yield Problem("old_mteb", "note", text, cells=old)
    self_reported = view.flags("external") if view.has("external") else np.zeros(codes.shape, dtype=bool)
    unknown = view.present & (codes < 0) & ~self_reported & ~old
    if unknown.any():
        models = _concerned(unknown, view)
        text = (
            f"{plural(int(unknown.sum()), 'score')} of {plural(len(models), 'model')} from an unknown mteb version "
            f"({some(models)})"
        )
        yield Problem("unknown_mteb", "note", text, cells=unknown)
    majors = np.asarray([p[0] if p is not None else -1 for p in parsed] + [-1], dtype=np.int64)[codes]
    differing = _differing(majors, view.present)
    if differing.any():
        found = sorted({int(m) for m in majors[view.present] if m >= 0})
        text = (
            f"on {plural(int(differing.sum()), 'task')} the models were scored with mteb "
            f"{' and '.join(f'{m}.x' for m in found)}"
        )
        tasks = [str(t) for t in view.tasks[differing]]
        yield Problem("mteb_versions", "note", text, labels=np.where(differing[:, None], majors, -1), tasks=tasks)


def aggregates(view: View) -> Iterator[Problem]:
    """Aggregate tasks whose own file disagrees with the mean of their parts."""
    if not view.has("parts_score"):
        return
    parts = np.asarray(view.grid("parts_score", np.nan), dtype=np.float64)
    with np.errstate(invalid="ignore"):
        cells = np.abs(parts - view.values) > ROUNDING
    if cells.any():
        models = _concerned(cells, view)
        row, column = np.unravel_index(
            int(np.nanargmax(np.where(cells, np.abs(parts - view.values), np.nan))), cells.shape
        )
        text = (
            f"the aggregate file of {plural(len(models), 'model')} disagrees with the mean of its parts, most of all "
            f"{view.models[column]} on {view.tasks[row]} ({view.values[row, column]:.4f}, parts {parts[row, column]:.4f})"
        )
        yield Problem("aggregates", "error", text, cells=cells)


def reading(view: View) -> Iterator[Problem]:
    """What was left out while reading, and sources that say nothing about how their scores were made."""
    left_out = view.scores.provenance.get("left_out") or {}
    if n := left_out.get("unreadable"):
        named = dict(left_out.get("unreadable_files", {}))
        first = next(iter(named.items()), ("", ""))
        yield Problem(
            "unreadable", "warning", f"{plural(int(n), 'file')} could not be read, such as {first[0]} ({first[1]})"
        )
    if n := left_out.get("doubled"):
        first = next(iter(dict(left_out.get("doubled_files", {})).items()), ("", ""))
        text = f"{plural(int(n), 'file')} with two scores of one subset, whose mean counts, as with mteb, such as {first[0]} ({first[1]})"
        yield Problem("doubled", "note", text)
    if settled := view.scores.provenance.get("settled"):
        first = settled[0]
        text = (
            f"{plural(len(settled), 'model')} had two folders of results that differ, such as {first['model']}: "
            f"{', '.join(first['kept'])} counts and {', '.join(first['left'])} is left out, as preferred ({first['prefer']})"
        )
        yield Problem("two_folders", "warning", text)
    if n := left_out.get("without_model_meta"):
        text = f"{plural(int(n), 'file')} left out, as mteb does, because their folder has no model_meta.json"
        yield Problem("without_model_meta", "note", text)
    if n := left_out.get("experiments"):
        yield Problem(
            "experiments", "note", f"{plural(int(n), 'file')} of experiments with other settings left out, as mteb does"
        )
    if not view.has("revision") and not view.has("dataset_revision"):
        text = "the source says nothing about revisions, versions, splits or subsets: only the scores themselves were checked"
        yield Problem("no_metadata", "note", text)


def _differing(labels: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", present: Mask) -> Mask:
    """Tasks with at least two known labels, shape (T,)."""
    return np.asarray(
        [len(np.unique(row[here & (row >= 0)])) > 1 for row, here in zip(labels, present, strict=True)], dtype=bool
    )


def _concerned(cells: Mask, view: View) -> list[str]:
    """Models with at least one of these cells, those with most first."""
    counts = cells.sum(axis=0)
    order = np.argsort(-counts, kind="stable")
    return [str(view.models[j]) for j in order if counts[j]]


def _row(view: View, task: object) -> int:
    return int(np.flatnonzero(view.tasks == task)[0])


def _version(text: str) -> tuple[int, int] | None:
    """(major, minor) of a version or of the start of a range."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None
