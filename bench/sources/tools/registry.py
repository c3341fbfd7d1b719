"""Which tools' results are read, and how a file or folder is recognised as theirs.

Another package adds a reader by an entry point of the group ``embsig.readers`` that names a `Tool`.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stats.common.errors import InputError
from stats.common.registry import plugins

from ..mteb_json import NotAResult, loads
from . import evaluator_csv, helm, inspect_logs, lm_eval, lm_eval_samples, per_query, trec, trec_eval, trec_files
from .long import Long

#: Entries of a folder that are looked at before it is said to be nobody's; results trees of mteb have many more.
_MOST = 5_000
#: A file that is larger is recognised by its name alone.
_PEEK = 1 << 26


@dataclass(frozen=True)
class Asked:
    """What a reader may need to be told.

    Attributes
    ----------
    metric : tuple of str
        Of every task the first of these that it has.
    qrels : Path or None
        Relevance judgements of TREC runs.
    measure : str or None
        How TREC runs are scored.
    missing_queries : str
        "zero" or "drop".
    samples : bool
        Samples even of several tasks, where the tool keeps both.
    progress : callable or None
        Called with what is done, of how much, and what it is, where reading takes long.
    """

    metric: tuple[str, ...] = ()
    qrels: Path | None = None
    measure: str | None = None
    missing_queries: str | None = None
    samples: bool = False
    progress: Callable[[int, int, str], None] | None = None


@dataclass(frozen=True)
class Tool:
    """A tool whose results are read.

    Attributes
    ----------
    name : str
    claims : callable
        Whether a file, or folder, is this tool's; called with every entry of a folder, so it looks at the name first.
    read : callable
        The claimed paths, and what was asked for, to a `Long`.
    at_least : int
        So many files there must be: of one file a model, one alone may be something else.
    """

    name: str
    claims: Callable[[Path], bool]
    read: Callable[[Sequence[Path], Asked], Long]
    at_least: int = 1


def _json(path: Path, is_theirs: Callable[[object], bool]) -> bool:
    if not path.is_file() or path.stat().st_size > _PEEK:
        return False
    try:
        return is_theirs(loads(path.read_bytes()))
    except (OSError, NotAResult):
        return False


def _is_lm_eval(path: Path) -> bool:
    if lm_eval_samples.SAMPLES.fullmatch(path.name):
        return True
    return path.suffix == ".json" and "results" in path.name and _json(path, lm_eval.is_results)


def _is_inspect(path: Path) -> bool:
    return path.suffix == ".eval" or (path.suffix == ".json" and _json(path, inspect_logs.is_log))


def _is_trec(path: Path) -> bool:
    if path.name.removesuffix(".gz").endswith((".json", ".jsonl", ".csv", ".tsv", ".parquet")) or not path.is_file():
        return False
    return trec_files.is_run(trec_files.head(path))


def _is_trec_eval(path: Path) -> bool:
    return (
        path.is_file()
        and path.suffix not in (".json", ".csv", ".parquet")
        and trec_eval.is_output(trec_files.head(path))
    )


def _is_per_query(path: Path) -> bool:
    return path.suffix == ".json" and _json(path, per_query.is_per_query)


def _read_lm_eval(paths: Sequence[Path], asked: Asked) -> Long:
    samples = [p for p in paths if lm_eval_samples.SAMPLES.fullmatch(p.name)]
    results = [p for p in paths if p not in samples]
    found = lm_eval_samples.read_samples(samples, asked.metric) if samples and (asked.samples or not results) else None
    if found is not None:
        return found
    aggregated = lm_eval.read_results(results, asked.metric)
    if (
        samples and aggregated.frame["task"].nunique() == 1
    ):  # one task is not a set of tasks; its documents can be compared
        return lm_eval_samples.read_samples(samples, asked.metric)
    return aggregated


def _read_helm(paths: Sequence[Path], asked: Asked) -> Long:
    tasks = {p.name.partition("model=")[0] for p in paths}
    return helm.read_runs(paths, asked.metric, samples=asked.samples or len(tasks) == 1)


def _read_trec(paths: Sequence[Path], asked: Asked) -> Long:
    return trec.read_runs(paths, asked.qrels, asked.measure, asked.missing_queries, progress=asked.progress)


TOOLS: tuple[Tool, ...] = (
    Tool("lm-evaluation-harness", _is_lm_eval, _read_lm_eval),
    Tool("Inspect", _is_inspect, lambda paths, asked: inspect_logs.read_logs(paths, asked.metric)),
    Tool("HELM", lambda path: path.is_dir() and helm.is_run(path), _read_helm),
    Tool(
        "sentence-transformers", evaluator_csv.is_results, lambda p, asked: evaluator_csv.read_results(p, asked.metric)
    ),
    Tool("TREC", _is_trec, _read_trec),
    Tool("trec_eval", _is_trec_eval, lambda paths, asked: trec_eval.read_output(paths, asked.metric)),
    Tool(
        "a measure per query",
        _is_per_query,
        lambda paths, asked: per_query.read_per_query(paths, asked.metric),
        at_least=2,
    ),
)


@cache
def tools() -> tuple[Tool, ...]:
    """All tools: embsig's own, and those of other packages."""
    return (*TOOLS, *plugins("embsig.readers"))


def read_tool(paths: Sequence[Path], asked: Asked) -> Long | None:
    """Read the results of another tool.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders; of a folder what is in it and below.
    asked : Asked

    Returns
    -------
    Long or None
        None if no tool knows them.

    Raises
    ------
    InputError
        If they are several tools', or some are nobody's.
    """
    if asked.qrels is not None and paths and all(p.suffix == ".json" for p in paths):
        return _read_trec(
            paths, asked
        )  # runs as {query: {document: score}}, which only the judgements tell from a table
    claimed: dict[str, list[Path]] = {}
    unknown: list[Path] = []
    for path in paths:
        tool, inside = _whose(path)
        if tool is None:
            unknown.append(path)
        else:
            claimed.setdefault(tool.name, []).extend(inside)
    claimed = {t.name: claimed[t.name] for t in tools() if len(claimed.get(t.name, ())) >= t.at_least}
    if not claimed:
        return None
    if asked.qrels is not None:
        unknown = [p for p in unknown if p != asked.qrels]
    if len(claimed) > 1 or unknown:
        odd = unknown[0] if unknown else next(iter(list(claimed.values())[1]))
        if "TREC" in claimed and len(unknown) == 1 and trec_files.is_qrels(odd):
            raise InputError(f"{odd} holds relevance judgements: give it as --qrels {odd}, beside the runs")
        raise InputError(
            f"{odd} is not a result of {next(iter(claimed))}, as {next(iter(claimed.values()))[0]} is: give the files of one tool at a time"
        )
    name, found = next(iter(claimed.items()))
    return next(t for t in tools() if t.name == name).read(list(dict.fromkeys(found)), asked)


def _whose(path: Path) -> tuple[Tool | None, list[Path]]:
    """Which tool's results a path holds, and their files."""
    entries = [path] if path.is_file() else _entries(path)
    for tool in tools():
        found = [entry for entry in entries if _claims(tool, entry)]
        if found:
            return tool, found
    return None, []


def _claims(tool: Tool, entry: Path) -> bool:
    """Whether a file is a tool's; one that is damaged is nobody's here, and its own reader says what is wrong with it."""
    try:
        return tool.claims(entry)
    except (OSError, EOFError, ValueError, zlib.error):
        return False


def _entries(folder: Path) -> list[Path]:
    """A folder and what is in it, link-free; nothing where it is a results tree of mteb, or has too much in it."""
    found = [folder]
    for place, folders, files in os.walk(folder):
        if "model_meta.json" in files or ("manifest.json" in files and "results" in folders):
            return []
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [Path(place, name) for name in (*folders, *sorted(files)) if not name.startswith(".")]
        if len(found) > _MOST:
            return []
    return found
