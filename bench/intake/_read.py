"""`read`: whatever people have their scores in, understood."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from glob import glob
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from stats.common.errors import InputError
from stats.common.tables import Rows
from stats.common.text import listing
from stats.samples import Samples
from stats.scores import Scores

from ..domains import in_domains
from ..sources.mteb_objects import is_results
from ..sources.recorded import said_of_run
from .options import Options
from .readers import READERS, ToolResults
from .tables import read_tables


def read(
    source: Any,
    *,
    benchmark: str | None = None,
    models: str | Iterable[str] | None = None,
    tasks: str | Iterable[str] | None = None,
    rows: Rows | None = None,
    higher_is_better: bool | None = None,
    direction: str | Sequence[str] | Mapping[str, object] | None = None,
    metric: str | Sequence[str] | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    strict: bool = False,
    seeds_from_names: bool = False,
    qrels: str | PathLike[str] | None = None,
    measure: str | None = None,
    missing_queries: Literal["zero", "drop"] | None = None,
    samples: bool = False,
    require_model_meta: bool | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cache: bool = True,
    seeds: Literal["together", "separate"] = "together",
    unit: Literal["task", "subset", "language"] = "task",
    language: str | Iterable[str] | None = None,
    domain: str | Iterable[str] | None = None,
    prefer: str | None = None,
) -> Scores | Samples:
    """Read scores from whatever they are in, and keep account of what was understood.

    Parameters
    ----------
    source : path-like, sequence of them, DataFrame or other table
        A table (CSV, TSV, Parquet, Excel or OpenDocument sheet, Markdown, LaTeX, HTML, JSON, JSON lines; wide or long), ``"-"`` for
        standard input, a pattern such as ``"runs/*.csv"``; MTEB results (a folder or archive), a folder that ``embsig run`` wrote;
        results of other tools. Several are merged. A data frame is read as a file of it would be.
    benchmark : str, optional
        Only what this MTEB benchmark asks for.
    models, tasks : str or iterable of str, optional
        Only these, by name or shell pattern; ``"!GLOB"`` leaves out.
    rows : {"tasks", "models"}, optional
        What the rows of a wide table are, where nothing says so.
    higher_is_better : bool, optional
        Of tasks whose metric does not say. By default higher is better.
    direction : str, sequence of str or mapping, optional
        ``"TASK=lower"`` or ``"TASK=higher"`` (TASK may be a pattern), or a mapping of tasks to those words.
    metric : str or sequence of str, optional
        Which metric, where a task has several: of every task the first that it has.
    separator, decimal : str, optional
        Of cells, and of decimals, where a text table can be read in two ways.
    sheet : str, optional
        Which sheet of a workbook, or table of a document, by name or number.
    strict : bool
        Refuse a table with aggregates and other columns that are not scores, instead of setting them aside.
    seeds_from_names : bool
        Take models called ``bert_seed0``, ``bert_seed1`` as training runs of one.
    qrels, measure, missing_queries
        Of TREC runs: the judgements, the measure ("nDCG@10"), and whether a query that a run lacks counts "zero" or is left out ("drop").
    samples : bool
        Read samples where a tool keeps both.
    unit : {"task", "subset", "language"}
        What a row is: a task, or one of its subsets or languages, which are one unit of resampling. Of MTEB results, and of tables
        that have a column of them.
    language : str or iterable of str, optional
        Only subsets in this language, as ``deu`` or ``deu-Latn`` in MTEB results, or as a table writes it.
    domain : str or iterable of str, optional
        Only tasks of MTEB whose texts are of this domain, as ``Medical`` or ``Legal``.
    prefer : {"newest", "largest"} or str, optional
        Of MTEB results, which counts of two folders that claim one model, or have different scores of one revision of it: the
        newest, the one with most scores, or this folder of the source. By default it is asked.
    require_model_meta, progress, cache, seeds
        Of MTEB results; see `read_scores`.

    Returns
    -------
    Scores or Samples
        Samples where the source has a score for every query or item. ``provenance["read"]`` says what was read: ``sentence``,
        ``set_aside`` (name -> why) and ``turned`` (tasks of which lower is better, among others).

    Raises
    ------
    InputError
        If the source is not a table of scores, or can be read in two ways; the message ends with what decides.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"Dataset": ["x", "y", "z"], "A": [.5, .7, .6], "B": [.4, .6, .8]})
    >>> scores = read(frame)
    >>> scores.models, scores.provenance["read"]["sentence"]
    (['A', 'B'], 'read as 3 tasks x 2 models, wide, scores as fractions')
    """
    from .directions import parse_directions

    if isinstance(source, Scores | Samples):
        return source
    if seeds not in ("together", "separate"):
        raise InputError(f"seeds={seeds!r}: expected 'together' or 'separate'")
    if rows not in (None, "tasks", "models"):
        raise InputError(f"rows={rows!r}: expected 'tasks' or 'models'")
    options = Options(
        benchmark=benchmark,
        models=_names(models),
        tasks=_names(tasks),
        rows=rows,
        higher_is_better=higher_is_better,
        directions=parse_directions(
            direction if direction is None or isinstance(direction, str | Mapping) else list(direction)
        ),
        metric=_names(metric) or (),
        separator=separator,
        decimal=decimal,
        sheet=sheet,
        strict=strict,
        seeds_from_names=seeds_from_names,
        require_model_meta=require_model_meta,
        progress=progress,
        cache=cache,
        qrels=None if qrels is None else Path(qrels),
        measure=measure,
        missing_queries=missing_queries,
        samples=samples,
        seeds=seeds,
        unit=unit,
        languages=_names(language) or (),
        prefer=prefer,
    )
    sources = _sources(source)
    found, chosen = _found(sources, options)
    if said := said_of_run(sources):
        found = replace(found, provenance={**found.provenance, **said})
    tasks = None if chosen else options.tasks
    if options.models is not None or tasks is not None:
        if isinstance(found, Scores):
            found = _selected(found, options.models, tasks)
        else:
            found = found.matching(models=options.models, tasks=tasks)
    if domains := _names(domain):
        if not isinstance(found, Scores):
            raise InputError("domain= is for scores of tasks: these are scores of single queries or items")
        found = in_domains(found, domains)
    return found


def _selected(scores: Scores, models: tuple[str, ...] | None, tasks: tuple[str, ...] | None) -> Scores:
    """The models and tasks that were asked for; of models chosen by name, of how many they were chosen is kept: a verdict depends on it."""
    found = scores.select(models=models, tasks=tasks)
    named = models is not None and any(not pattern.startswith("!") or pattern in scores.models for pattern in models)
    if not named or found.n_models == scores.n_models:
        return found
    return replace(found, provenance={**found.provenance, "chosen_of": scores.n_models})


def _names(given: str | Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else (given,) if isinstance(given, str) else tuple(given)


def _found(sources: list[Any], options: Options) -> tuple[Scores | Samples, bool]:
    """What was read, and whether its tasks have been chosen."""
    for reader in READERS:
        if (found := reader.read(sources, options)) is not None:
            if not isinstance(reader, ToolResults):
                _refuse_trec(options, reader.name)
            return found, reader.chooses_tasks
    _refuse_trec(options, "a table" if len(sources) == 1 else "tables")
    parts: list[Any] = []
    for one in sources:  # a results tree beside tables is merged with them
        tree = (
            next((f for r in READERS if (f := r.read([one], options)) is not None), None) if len(sources) > 1 else None
        )
        parts.append(one if tree is None else tree)
    return read_tables(parts, options), False


def _refuse_trec(options: Options, read_as: str) -> None:
    """Raise InputError for options of TREC runs where there are none: judgements that are not used would be taken for used."""
    asked = [
        f"--{name.replace('_', '-')}"
        for name in ("qrels", "measure", "missing_queries")
        if getattr(options, name) is not None
    ]
    if asked:
        raise InputError(f"{listing(asked)}: for TREC runs, and the source is read as {read_as}; leave it out")


def _sources(source: Any) -> list[Any]:
    """Every source by itself: paths that exist, bytes of standard input, frames."""
    if is_results(source):
        return list(source) if isinstance(source, list | tuple) else [source]
    several = (
        isinstance(source, list | tuple)
        and source
        and all(isinstance(s, str | PathLike | pd.DataFrame | Scores) for s in source)
    )
    found: list[Any] = []
    for one in source if several else [source]:
        if isinstance(one, str) and one == "-":
            found.append(sys.stdin.buffer.read())
        elif isinstance(one, str) and not one.strip():
            raise InputError(
                "got an empty path: expected a file or folder of scores, '-' for standard input, or a pattern"
            )
        elif isinstance(one, str | PathLike):
            found += _paths(str(Path(one).expanduser()))
        else:
            found.append(_run_folder(one) or one)
    return found


def _run_folder(source: Any) -> Path | None:
    """Return the folder of what `embsig.evaluate` returned, told without importing what that needs."""
    kind = type(source)
    return Path(source.folder) if kind.__name__ == "Evaluation" and kind.__module__.startswith("bench.") else None


def _paths(given: str) -> list[Path]:
    path = Path(given)
    try:
        if path.exists():
            return [path]
    except OSError as error:
        raise InputError(f"{given[:80]}: cannot be looked for ({error.strerror})") from None
    if any(c in given for c in "*?["):
        if hits := sorted(glob(given, recursive=True)):
            return [Path(h) for h in hits]
        raise InputError(f"{given}: no file matches this pattern")
    beside = (
        sorted(p.name for p in path.parent.glob(f"{path.stem[:3]}*"))[:3] if path.parent.is_dir() and path.stem else []
    )
    raise InputError(
        f"{given}: no such file or folder"
        + (f" (there {'is' if len(beside) == 1 else 'are'} {listing(beside)})" if beside else "")
    )
