"""A result file of the usual form, of which only what is needed is decoded: the other nine tenths are passed over.

What is not of the usual form (another type, a main score that is missing, the format from before mteb 1.11) is left to
`mteb_json`, which looks at everything and says what is wrong; both give the same scores.
"""

import re
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

_Number = float | None | UnsetType


class Scores(msgspec.Struct, gc=False):
    """The scores of one subset of one split: the main one, its repeated experiments, and the metrics that these may be of."""

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


class File(msgspec.Struct, gc=False):
    """A result file: its head and the scores of each split."""

    task_name: str
    scores: dict[str, list[Scores]]
    mteb_version: Any = None
    dataset_revision: Any = None
    date: Any = None
    embsig: Any = UNSET


_METRICS = Scores.__struct_fields__[5:]
_values = attrgetter(*_METRICS)
_DECODER = msgspec.json.Decoder(File)

#: Experiments whose first metric is the accuracy, as mteb writes it first.
_ACCURACY_FIRST = re.compile(rb'[\[{ \n\r\t]*"accuracy"').match

#: For every metric a decoder of that metric in each experiment, and what takes it from there.
_RUNS = [
    (msgspec.json.Decoder(list[msgspec.defstruct("Run", [(name, float)], gc=False)]).decode, attrgetter(name))  # type: ignore[misc]  # made at run time
    for name in _METRICS
]


def experiments(scores: Scores) -> tuple[float, ...] | None:
    """The main score in every repeated experiment, empty where there are none; None where it is not among the metrics decoded.

    Of two metrics with the main score's value the file's first counts, which is not known here: None, unless both are the same.
    """
    if (raw := scores.scores_per_experiment) is UNSET:
        return ()
    main = scores.main_score
    try:
        if scores.accuracy == main and _ACCURACY_FIRST(raw):  # nearly all
            return _of_metric(0, raw)
    except msgspec.MsgspecError:
        return None
    values = _values(scores)
    if main not in values:
        return None
    first = values.index(main)
    try:
        found = _of_metric(first, raw)
        for other in range(first + 1, len(values)) if main in values[first + 1 :] else ():
            if values[other] == main and _of_metric(other, raw) != found:
                return None
    except msgspec.MsgspecError:
        return None
    return found


def _of_metric(number: int, raw: msgspec.Raw) -> tuple[float, ...]:
    decode, of = _RUNS[number]
    return tuple(map(of, decode(raw)))


def decode(data: bytes) -> File | None:
    """Decode a result file; None where it is not of the usual form, or no JSON.

    NaN, which a fifteenth of the public files has, is repaired only where decoding fails: nearly always it is the value of a
    key, and null in its place has the same meaning here. In a text the quote before the colon would be escaped.
    """
    found = _decoded(data)
    if found is None and b"NaN" in data and b"\\" not in data:
        # By as many bytes, which needs no second pass.
        found = _decoded(data.replace(b'": NaN', b'":null'))
        if found is None and b'":NaN' in data:
            found = _decoded(data.replace(b'": NaN', b'":null').replace(b'":NaN', b'":null'))
    # What is passed over is checked for form, but not for whether it is text.
    return found if found is not None and (data.isascii() or _is_text(data)) else None


def _decoded(data: bytes) -> File | None:
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
