"""`read_scores`: any source of scores, one table."""

import json
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path

import pandas as pd

from stats.common.errors import InputError
from stats.common.tables import Rows
from stats.scores import Scores

from .sources import files
from .sources.definitions import Definitions, TaskDefinition, load
from .sources.fingerprint import identify, iso_date
from .sources.index import open_index
from .sources.results import read_results, task_table
from .task_families import metric_range
from .training_runs import Seeds, runs_of, together

_TABLES = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq")
_COMPRESSED = (".gz", ".zst", ".bz2", ".xz")


def read_scores(
    source: str | PathLike[str],
    *,
    benchmark: str | None = None,
    models: str | Iterable[str] | None = None,
    tasks: str | Iterable[str] | None = None,
    rows: Rows | None = None,
    higher_is_better: bool = True,
    require_model_meta: bool | None = None,
    progress: files.Progress | None = None,
    cache: bool = True,
    seeds: Seeds = "together",
) -> Scores:
    """Read scores from a table, an MTEB results tree, an archive of one, or a folder that ``embsig run`` wrote.

    Parameters
    ----------
    source : path-like
        A CSV, TSV or Parquet file, wide or long (see `stats.Scores.from_frame`); or MTEB results
        ``results/<model>/<revision>/<Task>.json``, from the root of a checkout of the results repository or an
        mteb ResultCache down to a single revision's folder; or a .tar.zst, .tar.gz, .tar or .zip of any of these.
    benchmark : str, optional
        Read exactly what this benchmark asks for: its tasks, evaluation splits and subsets. An alias or
        another case will do. Without it, every task of the source is read (see Notes).
    models, tasks : str or iterable of str, optional
        Only these, by name or shell pattern.
    rows : {"tasks", "models"}, optional
        What the rows of a wide table are, where no heading says so.
    higher_is_better : bool
        The direction of the scores of a table.
    require_model_meta : bool, optional
        Leave out result folders without a ``model_meta.json``, as mteb does. By default they are left out if the
        source has any folder with one.
    progress : callable, optional
        Called with (done, total, unit) while a results source is read for the first time.
    cache : bool
        Keep an index of a results source in the user's cache (``EMBSIG_CACHE``, ``XDG_CACHE_HOME``), by which it
        is read at once the next time. The index is known by the source's content.
    seeds : {"together", "separate"}
        Models of a run that embsig trained from several seeds are one variant each with its training runs, or a model each.

    Returns
    -------
    Scores
        ``tasks`` has, beside the usual columns, the metric's range ``low``, ``high``, the data set's
        ``current_revision`` in mteb, the ``parts`` of an aggregate and, without a benchmark, ``reduced``: with what a
        task was read, if not with all it asks for. ``cells`` has for every evaluation the model's ``revision``, whether it is the
        ``main_revision`` of mteb's registry, ``n_revisions`` to choose from, ``dataset_revision``, ``mteb_version``,
        ``date``, ``external`` (self-reported), ``old_format``, ``missing_splits``, ``missing_subsets``,
        ``replicates`` (the main score of each repeated experiment), ``built_from`` ("file" or "parts"),
        ``parts_score`` (of an aggregate task with both), ``partial_score`` (where the task's score is missing because splits or subsets
        are: the mean of those that are there, which only the leaderboard's Borda count uses), and ``trained_on`` (whether the model was trained on the
        task's data, by mteb's registry; None where that is not known).

    Raises
    ------
    InputError
        If the source is missing, empty, damaged or no scores; the benchmark unknown; or a name matches nothing.

    Notes
    -----
    Where several revisions of a model were evaluated on a task, mteb's rule chooses one (`sources.revisions`).
    Without a benchmark, a task's score is the mean over those of its evaluation splits and subsets that at least
    one model of the source has, and a model that lacks one of them has no score; `stats.audit` says where.
    """
    if seeds not in ("together", "separate"):
        raise InputError(f"seeds={seeds!r}: expected 'together' or 'separate'")
    path = Path(source).expanduser()
    if not path.exists():
        raise InputError(f"{source}: no such file or folder")
    if path.is_dir() or files.is_archive(path):
        if rows is not None:
            raise InputError(
                f"rows={rows!r} is for tables; {source} is a results {'folder' if path.is_dir() else 'archive'}"
            )
        scores = _describe_run(_results(path, source, benchmark, require_model_meta, progress, cache), path)
        scores = together(scores, runs_of(path)) if seeds == "together" else scores
    else:
        scores = _describe(_table(path, rows, higher_is_better), path, load(), benchmark)
    return scores if models is None and tasks is None else scores.select(models=models, tasks=tasks)


def _results(
    path: Path,
    source: str | PathLike[str],
    benchmark: str | None,
    require_model_meta: bool | None,
    progress: files.Progress | None,
    cache: bool,
) -> Scores:
    known = identify(path)
    definitions = load()
    index = open_index(path, definitions, cache=cache, progress=progress, known=known)
    scores = read_results(index, definitions, benchmark=benchmark, require_model_meta=require_model_meta)
    about = {"source": str(source), "sha256": known.archive or scores.provenance["content_sha256"], "date": known.date}
    return replace(scores, provenance={**about, **scores.provenance})


def _describe_run(scores: Scores, folder: Path) -> Scores:
    """Take family and metric of tasks that mteb does not know (a suite's) from the manifest that ``embsig run`` wrote."""
    manifest = next((m for m in (folder / "manifest.json", folder / "run" / "manifest.json") if m.is_file()), None)
    if manifest is None:
        return scores
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))["tasks"]
        known = {task["name"]: task for task in listed if isinstance(task, dict)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return scores  # somebody else's manifest
    tasks = scores.tasks.copy()
    for column, key in (("family", "family"), ("metric", "main_score")):
        said = [known.get(name, {}).get(key) for name in tasks.index]
        own = pd.Series([s if s and isinstance(s, str) else None for s in said], index=tasks.index, dtype=object)
        tasks[column] = tasks[column].where(tasks[column].notna(), own)
    for column, values in zip(
        ("low", "high"), zip(*map(metric_range, tasks["metric"].fillna("")), strict=True), strict=True
    ):
        bound = pd.Series(values, index=tasks.index)
        tasks[column] = tasks[column].where(tasks[column].notna(), bound) if column in tasks else bound
    return replace(scores, tasks=tasks)


def _table(path: Path, rows: Rows | None, higher_is_better: bool) -> Scores:
    suffixes = [s.lower() for s in path.suffixes]
    kind = next((s for s in reversed(suffixes) if s not in _COMPRESSED), "")
    if kind in (".parquet", ".pq"):
        return Scores.from_parquet(path, rows=rows, higher_is_better=None if higher_is_better else False)
    if kind in _TABLES:
        return Scores.from_csv(path, rows=rows, higher_is_better=higher_is_better)
    raise InputError(
        f"{path}: expected a table ({', '.join(_TABLES)}), an archive ({', '.join(files.ARCHIVES)}) or a folder of MTEB results"
    )


def _describe(scores: Scores, path: Path, definitions: Definitions, benchmark: str | None) -> Scores:
    """Say what MTEB knows about the tasks of a plain table, and reduce it to a benchmark's tasks if one is named."""
    provenance = {"date": iso_date(path.stat().st_mtime_ns), **scores.provenance}
    known: dict[str, TaskDefinition] = {}
    if benchmark is not None:
        known = {t.name: t for t in definitions.benchmark(benchmark)}
        here = [t for t in known if t in scores.table.index]
        if not here:
            raise InputError(
                f"no task of {benchmark} among the {scores.n_tasks} tasks ({', '.join(scores.task_names[:3])}, ...)"
            )
        # Tasks that nobody has stay, empty: whoever compares is told that they are missing.
        scores = replace(
            scores.select(tasks=here),
            table=scores.table.reindex(list(known)),
            tasks=scores.tasks.reindex(list(known)),
        )
        provenance["benchmark"] = definitions.benchmark_name(benchmark)
    else:
        known = {n: t for n in scores.task_names if (t := definitions.task(n)) is not None}
    if not known:
        return replace(scores, provenance=provenance)
    described = task_table([known[n] for n in scores.task_names if n in known]).reindex(scores.table.index)
    if benchmark is None:
        # A bare name does not say which subsets a score of several is the mean of.
        single = [n in known and len(known[n].pairs) == 1 for n in scores.task_names]
        described[["n_samples", "languages"]] = described[["n_samples", "languages"]].where(
            pd.Series(single, described.index), None
        )
    described = described.drop(columns="current_revision")
    tasks = scores.tasks.astype(object).where(scores.tasks.notna(), described.reindex(columns=scores.tasks.columns))
    for column in described.columns.difference(scores.tasks.columns):
        tasks[column] = described[column]
    provenance["definitions"] = f"mteb {definitions.mteb_version}"
    return replace(
        Scores.build(
            scores.table, tasks, cells=scores.cells, provenance=provenance, higher_is_better=scores.higher_is_better
        ),
        excluded=scores.excluded,
    )
