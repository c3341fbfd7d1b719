"""A result file of the usual form, of which only what is needed is decoded: the other nine tenths are passed over.

What is not of the usual form (another type, a main score that is missing, the format from before mteb 1.11) is left to
`mteb_json`, which looks at everything and says what is wrong; both give the same scores.
"""

from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

_Number = float | None | UnsetType

#: Characters of a version, revision or date; the longest of the public results has 40.
LONGEST = 1000
_Said = Annotated[str, msgspec.Meta(max_length=LONGEST)] | None


class Run(msgspec.Struct, gc=False):
    """One of an entry's repeated experiments, by the metric of nearly all that have any."""

    accuracy: float


class Scores(msgspec.Struct, gc=False):
    """The scores of one subset of one split: the main one and its repeated experiments, by accuracy."""

    main_score: float
    hf_subset: str = "default"
    languages: list[str] | None = None
    scores_per_experiment: list[Run] | UnsetType = UNSET
    v_measures: dict[str, list[float]] | list[float] | None = None
    accuracy: _Number = UNSET


class OtherScores(msgspec.Struct, gc=False):
    """The same where the main score is another metric: which one is told by its value, and the experiments are decoded then."""

    main_score: float
    hf_subset: str = "default"
    languages: list[str] | None = None
    scores_per_experiment: msgspec.Raw | UnsetType = UNSET
    v_measures: dict[str, list[float]] | list[float] | None = None
    accuracy: _Number = UNSET
    f1: _Number = UNSET
    f1_weighted: _Number = UNSET
    ap: _Number = UNSET
    ap_weighted: _Number = UNSET
    precision: _Number = UNSET
    precision_weighted: _Number = UNSET
    recall: _Number = UNSET
    recall_weighted: _Number = UNSET
    hamming: _Number = UNSET
    lrap: _Number = UNSET


class _Head(msgspec.Struct, gc=False, kw_only=True):
    task_name: str
    mteb_version: _Said = None
    dataset_revision: _Said = None
    date: _Said | int | float = None
    embsig: Any = UNSET


class File(_Head, gc=False, kw_only=True):
    """A result file: its head and the scores of each split."""

    scores: dict[str, list[Scores]]


class OtherFile(_Head, gc=False, kw_only=True):
    """A result file whose experiments are not told by accuracy."""

    scores: dict[str, list[OtherScores]]


_METRICS = OtherScores.__struct_fields__[5:]
_values = attrgetter(*_METRICS)
_accuracy = attrgetter("accuracy")
_BY_ACCURACY = msgspec.json.Decoder(File)
_BY_OTHERS = msgspec.json.Decoder(OtherFile)

#: For every metric a decoder of that metric in each experiment, and what takes it from there.
_RUNS = [
    (msgspec.json.Decoder(list[msgspec.defstruct("Run", [(name, float)], gc=False)]).decode, attrgetter(name))  # type: ignore[misc]  # made at run time
    for name in _METRICS
]

#: Names of files whose experiments were not told by accuracy, so that the next of that name is not decoded twice; and how many
#: are remembered: there are fewer tasks.
_others: set[str] = set()
_REMEMBERED = 10_000


def experiments(scores: Scores | OtherScores) -> tuple[float, ...] | None:
    """The main score in every repeated experiment, empty where there are none; None where it is not among the metrics decoded.

    Of several metrics with the main score's value accuracy counts, which of mteb's is the first, and else the file's first, which
    is not known here: None, unless they are the same.
    """
    runs = scores.scores_per_experiment
    if runs is UNSET:
        return ()
    main = scores.main_score
    if isinstance(scores, Scores):
        return tuple(map(_accuracy, runs)) if scores.accuracy == main else None
    values = _values(scores)
    if main not in values:
        return None
    first = values.index(main)
    try:
        found = _of_metric(first, runs)
        if first:
            for other in range(first + 1, len(values)) if main in values[first + 1 :] else ():
                if values[other] == main and _of_metric(other, runs) != found:
                    return None
    except msgspec.MsgspecError:
        return None
    return found


def _of_metric(number: int, raw: Any) -> tuple[float, ...]:
    decode, of = _RUNS[number]
    return tuple(map(of, decode(raw)))


def decode(data: bytes, name: str = "") -> File | OtherFile | None:
    """Decode a result file; None where it is not of the usual form, or no JSON.

    NaN, which a fifteenth of the public files has, is repaired only where decoding fails: nearly always it is the value of a
    key, and null in its place has the same meaning here. In a text the quote before the colon would be escaped.

    Parameters
    ----------
    data : bytes
    name : str
        The file's, by which is remembered how others of that name were decoded; it only saves time.
    """
    found = _decoded(data, name)
    if found is None and b"NaN" in data and b"\\" not in data:
        found = _decoded(_repaired(data), name)
        if found is None and b'":NaN' in data:
            found = _decoded(data.replace(b'": NaN', b'":null').replace(b'":NaN', b'":null'), name)
    # What is passed over is checked for form, but not for whether it is text.
    return found if found is not None and (data.isascii() or _is_text(data)) else None


def _repaired(data: bytes) -> bytes | bytearray:
    """Null where NaN is the value of a key, by as many bytes; looking for one letter is ten times as fast as for several."""
    repaired = bytearray(data)
    at = -1
    for _ in range(len(data) // 64):
        if (at := data.find(b"N", at + 1)) < 0:
            return repaired
        if data[at - 3 : at + 3] == b'": NaN':
            repaired[at - 1 : at + 3] = b"null"
    return data.replace(b'": NaN', b'":null')  # a text with many of that letter


def _decoded(data: bytes | bytearray, name: str) -> File | OtherFile | None:
    try:
        if name not in _others:
            try:
                file = _BY_ACCURACY.decode(data)
                if _all_told(file):
                    return file
            except msgspec.ValidationError:
                pass  # of another type, maybe only of experiments without accuracy
        other = _BY_OTHERS.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if name and len(_others) < _REMEMBERED:
        _others.add(name)
    return other


def _all_told(file: File) -> bool:
    """Whether all experiments are of the accuracy because that is the main score."""
    for listed in file.scores.values():
        for scores in listed:
            if scores.scores_per_experiment is not UNSET and scores.accuracy != scores.main_score:
                return False
    return True


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
