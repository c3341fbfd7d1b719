"""`read_scores`: any source of scores, one table."""

from collections.abc import Iterable
from os import PathLike
from typing import Literal

from stats.common.tables import Rows
from stats.scores import Scores

from .intake._read import read
from .sources import files
from .training_runs import Seeds


def read_scores(
    source: str | PathLike[str],
    *,
    benchmark: str | None = None,
    models: str | Iterable[str] | None = None,
    tasks: str | Iterable[str] | None = None,
    rows: Rows | None = None,
    higher_is_better: bool | None = None,
    require_model_meta: bool | None = None,
    progress: files.Progress | None = None,
    cache: bool = True,
    seeds: Seeds = "together",
    unit: Literal["task", "subset", "language"] = "task",
    language: str | Iterable[str] | None = None,
    domain: str | Iterable[str] | None = None,
    prefer: str | None = None,
) -> Scores:
    r"""Read scores from a table, an MTEB results tree, an archive of one, or a folder that ``embsig run`` wrote.

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
    unit : {"task", "subset", "language"}
        Of MTEB results, what a row is: a task, or one of its subsets or languages, which are one unit of resampling.
    language : str or iterable of str, optional
        Of MTEB results, only subsets in this language, as ``deu`` or ``deu-Latn``.
    domain : str or iterable of str, optional
        Only tasks of MTEB whose texts are of this domain, as ``Medical`` or ``Legal``.
    prefer : {"newest", "largest"} or str, optional
        Which counts of two folders that claim one model, or have different scores of one revision of it: the newest, the one with
        most scores, or this folder of the source. By default two such folders are an error that names them.

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
        If the source is missing, empty, damaged or no scores; two folders claim one model; the benchmark unknown; or a name matches nothing.

    Notes
    -----
    Where several revisions of a model were evaluated on a task, mteb's rule chooses one (`sources.revisions`).
    Without a benchmark, a task's score is the mean over those of its evaluation splits and subsets that at least
    one model of the source has, and a model that lacks one of them has no score; `embsig.audit` says where.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import embsig
    >>> path = Path(tempfile.mkdtemp(), "scores.csv")
    >>> _ = path.write_text("task,a,b\nSTS12,0.9,0.8\nSTS13,0.7,0.6\n")
    >>> embsig.read_scores(path).models
    ['a', 'b']
    """
    found = read(
        source,
        benchmark=benchmark,
        models=models,
        tasks=tasks,
        rows=rows,
        higher_is_better=higher_is_better,
        require_model_meta=require_model_meta,
        progress=progress,
        cache=cache,
        seeds=seeds,
        unit=unit,
        language=language,
        domain=domain,
        prefer=prefer,
    )
    return found if isinstance(found, Scores) else found.scores()
