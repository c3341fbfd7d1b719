"""Read one MTEB result file, in the present format or the one from before mteb 1.11, without mteb.

The conversion of old files follows ``mteb.results.TaskResult.from_disk``.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from msgspec import UNSET

from bench.task_families import metric_range

from . import typed_json
from .definitions import Definitions
from .typed_json import LONGEST

#: Keys of a result file from before 1.11 that are not a split.
_HEADER = frozenset({"dataset_revision", "mteb_dataset_name", "mteb_version", "evaluation_time", "kg_co2_emissions"})

#: Scores that old files nest under the name of a similarity: old name -> prefix of today's flat name.
_NESTED = {
    "cos_sim": "cosine",
    "manhattan": "manhattan",
    "euclidean": "euclidean",
    "dot": "dot",
    "max": "max",
    "similarity": "similarity",
}

#: Old names of single subsets: (task, versions it holds for or None, old, new).
_RENAMED_SUBSETS = (
    ("MLSUMClusteringP2P", ("1.1.2.dev0", "1.1.3.dev0"), "default", "fr"),
    ("MLSUMClusteringS2S", ("1.1.2.dev0", "1.1.3.dev0"), "default", "fr"),
    ("XPQARetrieval", None, "fr", "fra-fra"),
)


#: What is said of JSON that is something else: many folders hold such files, and nobody misses them.
NO_RESULT = "no MTEB result"


class NotAResult(ValueError):
    """A JSON file that is not an MTEB task result; the message says why."""


class Entry(NamedTuple):
    """One main score: of one subset of one split; `data` is the hash of what it was made on, where the file says so."""

    split: str
    subset: str
    score: float
    replicates: tuple[float, ...]
    languages: str
    data: str | None = None


class Entries(NamedTuple):
    """Main scores as columns of what `Entry` has, each as long: a file's go into the index as they are."""

    split: list[str]
    subset: list[str]
    score: list[float]
    replicates: list[tuple[float, ...]]
    languages: list[str]
    data: list[str | None]


class Result(NamedTuple):
    """One result file.

    Attributes
    ----------
    task : str
        The task's present name.
    old : bool
        Whether the file is of the format from before mteb 1.11.
    mteb_version, dataset_revision : str or None
    date : str or None
        As written, or seconds since 1970 as text.
    columns : Entries
    missing_weights : int
        How many weights the model's checkpoint lacked, where embsig wrote the file.
    doubled : str
        Which subset has two main scores, in words; empty where none has.
    stamped : bool
        Whether the file may have been written by embsig; True where that was not looked at.
    """

    task: str
    old: bool
    mteb_version: str | None
    dataset_revision: str | None
    date: str | None
    columns: Entries
    missing_weights: int = 0
    doubled: str = ""
    stamped: bool = True

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The main scores one by one."""
        return tuple(map(Entry, *self.columns))


def loads(data: bytes) -> Any:
    """Parse JSON by orjson; with bare ``NaN`` (a fifth of the public files has it) or infinities, more leniently.

    Raises
    ------
    NotAResult
        If it is not JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    # Nearly always NaN is the value of a key, and replacing it (by as many bytes, which needs no second pass) is many
    # times faster than a lenient parser. In a text the quote before the colon would be escaped, and then the lenient
    # parser decides.
    if b"\\" not in data or (b'\\": NaN' not in data and b'\\":NaN' not in data):
        without = data
        for written in (b'": NaN', b'":NaN'):
            without = without.replace(written, b'":null')
            try:
                return orjson.loads(without)
            except orjson.JSONDecodeError:
                pass
    try:
        content = json.loads(data)
        json.dumps(content, ensure_ascii=False).encode()  # what orjson refuses too: half a surrogate pair is not text
        return content
    except (ValueError, RecursionError) as error:
        raise NotAResult(f"not JSON ({' '.join(str(error).split())[:80]})") from error


def parse(data: bytes, definitions: Definitions, name: str = "") -> Result:
    """Read one result file.

    Parameters
    ----------
    data : bytes
        The file's content.
    definitions : Definitions
        Says which score of an old file is the main score.
    name : str
        The file's, which only saves time (`typed_json.decode`).

    Returns
    -------
    Result

    Raises
    ------
    NotAResult
        If the file is not an MTEB task result, or one of a task whose main score cannot be told.
    """
    usual = typed_json.decode(data, name)
    result = None if usual is None else _usual(usual)
    if result is None:
        result = _any(loads(data), definitions)
    if not result.task.strip():
        raise NotAResult("without a task's name")
    if len(result.columns.score) > 1:
        _refuse_two_scales(result, definitions)
    return result


def _usual(file: typed_json.File | typed_json.OtherFile) -> Result | None:
    """A file of the usual form; None where a repeated experiment has a metric that was not decoded."""
    columns = Entries([], [], [], [], [], [])
    splits, subsets, values, replicates, languages, _ = columns
    doubled = ""
    for split, listed in file.scores.items():
        for scores in listed:
            measures = scores.v_measures
            if scores.scores_per_experiment is not UNSET:
                runs = typed_json.experiments(scores)
                if runs is None or (measures is not None and not runs):
                    return None  # one of them may not count: seldom, and told by `_replicates`
                replicates.append(runs)
            else:
                replicates.append(() if measures is None else _of_measures(measures))
            splits.append(split)
            subsets.append(scores.hf_subset)
            values.append(scores.main_score)
            languages.append(" ".join(scores.languages) if scores.languages else "")
        if (n := len(listed)) > 1 and not doubled:
            doubled = _doubled(split, subsets[-n:], values[-n:])
    proof = file.embsig
    date = file.date if type(file.date) is str else str(file.date)
    return Result(
        file.task_name,
        False,
        *(_said(file.mteb_version), _said(file.dataset_revision), _said(date)),
        _proven(columns, proof if isinstance(proof, dict) else {}),
        0 if proof is UNSET else _missing(proof),
        doubled,
        proof is not UNSET,
    )


def _any(raw: Any, definitions: Definitions) -> Result:
    if not isinstance(raw, dict):
        raise NotAResult("not a JSON object")
    if isinstance(raw.get("scores"), dict) and isinstance(raw.get("task_name"), str):
        return _present(raw)
    if isinstance(raw.get("mteb_dataset_name"), str):
        return _old(raw, definitions)
    raise NotAResult(NO_RESULT)


def _present(raw: Mapping[str, Any]) -> Result:
    entries: list[Entry] = []
    doubled = ""
    for split, listed in raw["scores"].items():
        if not isinstance(listed, list):
            raise NotAResult(f"split {split!r} holds no list of scores")
        before = len(entries)
        for scores in listed:
            if not isinstance(scores, dict) or "main_score" not in scores:
                raise NotAResult(f"split {split!r} holds an entry without a main score")
            entries.append(_entry(split, str(scores.get("hf_subset", "default")), scores))
        if len(listed) > 1 and not doubled:
            doubled = _doubled(split, [e.subset for e in entries[before:]], [e.score for e in entries[before:]])
    proof = raw.get("embsig")
    version, revision, date = (_text(raw.get(key), key) for key in ("mteb_version", "dataset_revision", "date"))
    return Result(
        raw["task_name"],
        False,
        *(version, revision, date),
        _proven(_columns(entries), proof if isinstance(proof, dict) else {}),
        _missing(proof),
        doubled,
        "embsig" in raw,
    )


def _columns(entries: list[Entry]) -> Entries:
    return Entries(*map(list, zip(*entries, strict=True))) if entries else Entries([], [], [], [], [], [])


def _missing(proof: Any) -> int:
    """How many weights the model lacked, as a file says that embsig wrote."""
    missing = proof.get("missing_weights") if isinstance(proof, dict) else None
    return len(missing) if isinstance(missing, list) else 0


def _proven(columns: Entries, proof: Mapping[str, Any]) -> Entries:
    """The entries with the hash of what each was made on, where the file says so."""
    if not proof:
        columns.data.extend([None] * (len(columns.split) - len(columns.data)))
        return columns
    return columns._replace(data=[_data(proof, *at) for at in zip(columns.split, columns.subset, strict=True)])


def _data(proof: Mapping[str, Any], split: str, subset: str) -> str | None:
    of = proof.get("data_sha256")
    of = of.get(split) if isinstance(of, dict) else None
    found = of.get(subset) if isinstance(of, dict) else None
    return found if isinstance(found, str) else None


def _doubled(split: str, subsets: list[str], scores: list[float]) -> str:
    """In words, a subset of the split that has two different main scores; empty where none has.

    mteb's mean takes both, and so does ours: a file that was written twice is no reason to leave a model out of its leaderboard.
    """
    if len(set(subsets)) == len(subsets):
        return ""
    first: dict[str, float] = {}
    for subset, score in zip(subsets, scores, strict=True):
        known = first.setdefault(subset, score)
        if known != score and not (math.isnan(known) and math.isnan(score)):
            return f"split {split!r} has two main scores of subset {subset!r}, {known:g} and {score:g}"
    return ""


def _refuse_two_scales(result: Result, definitions: Definitions) -> None:
    """Raise NotAResult where some main scores are points (0-100) and some fractions (0-1): their mean is on no scale."""
    points = sorted([score for score in result.columns.score if 1.5 < score <= 100])
    fractions = sorted([score for score in result.columns.score if 0 < score <= 1]) if points else []
    if not fractions or not 50 <= points[len(points) // 2] / fractions[len(fractions) // 2] <= 200:
        return
    known = definitions.task(result.task)
    if known is None or metric_range(known.metric)[1] <= 1:
        raise NotAResult(f"main scores on two scales, 0-100 beside 0-1, such as {points[0]:g} and {fractions[0]:g}")


def _old(raw: Mapping[str, Any], definitions: Definitions) -> Result:
    known = definitions.main_score(raw["mteb_dataset_name"])
    if known is None:
        raise NotAResult(f"old format, and the main score of task {raw['mteb_dataset_name']!r} is not known")
    task, metric = known
    version = _text(raw.get("mteb_version"), "mteb_version")
    splits = {
        split: {k: v for k, v in scores.items() if k != "evaluation_time"}
        for split, scores in raw.items()
        if split not in _HEADER and isinstance(scores, dict)
    }
    nested = {"v_measures", *_NESTED}
    by_subset = any(isinstance(v, dict) for scores in splits.values() for k, v in scores.items() if k not in nested)
    entries = []
    for split, scores in splits.items():
        for subset, values in (scores if by_subset else {"default": scores}).items():
            if isinstance(values, dict):
                flat = _flatten(values)
                flat.setdefault("main_score", flat.get(metric))
                entries.append(_entry(split, _today(task, version, subset), flat))
    return Result(task, True, version, _text(raw.get("dataset_revision"), "dataset_revision"), None, _columns(entries))


def _flatten(scores: Mapping[str, Any]) -> dict[str, Any]:
    flat = {k: v for k, v in scores.items() if k not in _NESTED}
    for old, prefix in _NESTED.items():
        if isinstance(scores.get(old), dict):
            flat.update({f"{prefix}_{k}": v for k, v in scores[old].items()})
    return flat


def _today(task: str, version: str | None, subset: str) -> str:
    for name, versions, old, new in _RENAMED_SUBSETS:
        if task == name and subset == old and (versions is None or version in versions):
            return new
    return subset


def _entry(split: str, subset: str, scores: Mapping[str, Any]) -> Entry:
    languages = scores.get("languages")
    codes = " ".join(map(str, languages)) if isinstance(languages, list) else ""
    return Entry(split, subset, _number(scores.get("main_score")), _replicates(scores), codes)


def _replicates(scores: Mapping[str, Any]) -> tuple[float, ...]:
    """Return the main score of every repeated experiment: classification's runs, clustering's V-measures."""
    runs = scores.get("scores_per_experiment")
    if isinstance(runs, list) and set(map(type, runs)) == {dict}:
        main = scores.get("main_score")
        for metric in sorted(runs[0], key=lambda name: name != "accuracy"):
            # The metric that the runs share with the entry and whose value is the main score; of several accuracy, else the first.
            if metric in scores and scores[metric] == main:
                return _finite([run.get(metric) for run in runs])
        return ()
    return _of_measures(scores.get("v_measures"))


def _of_measures(measures: Any) -> tuple[float, ...]:
    if measures is None:
        return ()
    if isinstance(measures, dict) and set(map(type, measures.values())) == {list}:
        levels = [_finite(v) for v in measures.values()]
        if len(levels) == 1:
            return levels[0]
        # Hierarchical clustering: the main score is the mean over all levels and experiments.
        return tuple([math.fsum(v) / len(v) for v in zip(*levels, strict=False)]) if all(levels) else ()
    return _finite(measures) if isinstance(measures, list) else ()


def _finite(values: Sequence[Any]) -> tuple[float, ...]:
    numbers = tuple(values)
    if set(map(type, numbers)) != {float}:  # seldom: nearly every run has a score with decimals
        numbers = tuple(map(_number, numbers))
    # The sum is finite only if all are; it may overflow where all are.
    return numbers if math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers)) else ()


def _number(value: Any) -> float:
    if type(value) is float:
        return value if math.isfinite(value) else math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    try:
        return float(value) if math.isfinite(value) else math.nan
    except OverflowError:  # a whole number of more than 308 digits
        return math.nan


def _said(text: str | None) -> str | None:
    """A revision, version or date; some files spell out that there is none."""
    return None if text is None or text == "" or text == "None" else text


def _text(value: Any, key: str) -> str | None:
    """Return a revision, version or date as text, of bounded length."""
    said = None if value is None else _said(str(value))
    if said is not None and len(said) > LONGEST:
        raise NotAResult(f"{key} has {len(said):,} characters")
    return said
