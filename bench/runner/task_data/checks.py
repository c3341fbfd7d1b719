"""What a task's data must hold before a model sees it: texts that are there, labels and scores of the kind that the task takes.

mteb reads on past most of this: a missing text is encoded as the word "None", an infinite score is a rank like any other.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from stats.common.errors import InputError

#: What a column can hold, in words.
EXPECTED = {
    "text": "text in every row",
    "texts": "a list of texts in every row",
    "number": "a finite number in every row",
    "numbers": "a list of finite numbers in every row",
    "label": "a label, text or a whole number, in every row",
    "labels": "a list of labels in every row",
    "binary": "0 or 1 in every row",
}


def columns_of(task: Any) -> dict[str, tuple[str, ...]]:
    """The columns that a task reads, each with the kinds of which its values may be; none where that is not known."""
    from mteb import abstasks

    read: dict[Any, tuple[str, ...]] = {}
    text: tuple[str, ...] = ("text",)
    if isinstance(task, abstasks.AbsTaskSTS):
        read = _named(task.column_names, text) | {"score": ("number",)}
    elif isinstance(task, abstasks.AbsTaskPairClassification):  # all pairs in one row is an old form of it
        texts = _named((task.input1_column_name, task.input2_column_name), ("text", "texts"))
        read = texts | {task.label_column_name: ("binary",)}
    elif isinstance(task, abstasks.AbsTaskSummarization):
        read = {task.text_column_name: ("text",), task.relevancy_column_name: ("numbers",)}
        read |= dict.fromkeys((task.human_summaries_column_name, task.machine_summaries_column_name), ("texts",))
    elif isinstance(task, abstasks.AbsTaskBitextMining) and not task.parallel_subsets:
        read = dict.fromkeys(("sentence1", "sentence2"), ("text",))
    elif isinstance(task, abstasks.AbsTaskClusteringLegacy):
        read = {task.input_column_name: ("texts",), task.label_column_name: ("labels",)}
    elif isinstance(task, abstasks.AbsTaskClustering):
        read = {task.input_column_name: ("text",), task.label_column_name: ("label", "labels")}
    elif isinstance(task, abstasks.AbsTaskMultilabelClassification):
        read = {task.input_column_name: ("text",), task.label_column_name: ("labels",)}
    elif isinstance(task, abstasks.AbsTaskRegression):
        read = {task.input_column_name: ("text",), task.label_column_name: ("number",)}
    elif isinstance(task, abstasks.AbsTaskClassification | abstasks.AbsTaskZeroShotClassification):
        read = {task.input_column_name: ("text",), task.label_column_name: ("label",)}
    return {column: kinds for column, kinds in read.items() if isinstance(column, str)}


def _named(columns: Iterable[Any], kinds: tuple[str, ...]) -> dict[Any, tuple[str, ...]]:
    return {column: kinds for column in columns if isinstance(column, str)}  # of pictures, it is a mapping


def texts_of(task: Any) -> set[str]:
    """The columns of a task that hold text."""
    return {column for column, kinds in columns_of(task).items() if "text" in kinds}


def check_split(table: Any, task: Any, path: Path) -> None:
    """Make sure that a split has the columns of its task, and in each no gap and nothing of another kind.

    Raises
    ------
    InputError
        If it has not.
    """
    columns = columns_of(task)
    for column, kinds in columns.items():
        if column not in table.column_names:
            raise InputError(f"{path} has no column {column!r}: its columns are {', '.join(table.column_names)}")
        faults = [fault(table[column], kind) for kind in kinds]
        if all(faults):
            raise InputError(
                f"{path}: column {column!r} holds {faults[0]}; expected {' or '.join(EXPECTED[k] for k in kinds)}"
            )
        if kinds in (("binary",), ("number",)) and len(values := _flat(table[column]).unique()) < 2:
            raise InputError(
                f"{path}: column {column!r} holds only {values[0].as_py()!r}, for which no score is defined; expected several values"
            )
    # Summaries of people are as many as there are; other lists stand value beside value.
    apart = getattr(task, "human_summaries_column_name", None)
    lists = [c for c in columns if c != apart and is_list(table[c].type)]
    for one, other in pairwise(lists):
        for row, (left, right) in enumerate(zip(table[one].to_pylist(), table[other].to_pylist(), strict=True), 1):
            if len(left) != len(right):
                raise InputError(
                    f"{path}, row {row}: {one!r} has {len(left)} values and {other!r} {len(right)}; expected equal numbers"
                )


def check_classes(task: Any, splits: Mapping[str, Any], path: Path) -> None:
    """Make sure that a classifier can be trained, and can be right.

    Raises
    ------
    InputError
        If the training split has one label only, or none of the labels that it is tested on.
    """
    from mteb.abstasks import AbsTaskClassification, AbsTaskMultilabelClassification, AbsTaskRegression

    if not isinstance(task, AbsTaskClassification) or isinstance(
        task, AbsTaskMultilabelClassification | AbsTaskRegression
    ):
        return
    name = task.train_split
    if name not in splits:
        raise InputError(f"{path} has no {name} split of {task.metadata.name}: its classifiers are trained on one")
    known = set(splits[name][task.label_column_name].to_pylist())
    if len(known) < 2:
        raise InputError(
            f"{path}: every row of {name} has the label {next(iter(known))!r}; expected two labels or more"
        )
    for split in task.eval_splits:
        asked = set(splits[split][task.label_column_name].to_pylist())
        if not asked & known:
            raise InputError(
                f"{path}: no label of {split} ({_some(asked)}) is one of {name} ({_some(known)}); expected the same labels"
            )


def fault(column: Any, kind: str) -> str:
    """Say what a column holds that is not of this kind, a key of `EXPECTED`; "" if nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count:
        return f"nothing in row {pc.index(pc.is_null(column), True).as_py() + 1}"
    flat, listed = _flat(column), is_list(column.type)
    old_pairs = kind == "binary" and listed and len(column) == 1
    if (listed != kind.endswith("s") and not old_pairs) or not _is_kind(flat.type, kind.removesuffix("s")):
        return f"{column.type} (such as {_shown(column)})"
    if flat.null_count:
        return "a list with an empty element"
    odd = -1
    if kind.startswith("number") and pa.types.is_floating(flat.type):
        odd = pc.index(pc.is_finite(flat), False).as_py()
    elif kind == "binary":
        odd = pc.index(pc.is_in(pc.cast(flat, pa.float64(), safe=False), pa.array([0.0, 1.0])), False).as_py()
    return f"{flat[odd].as_py()!r}{'' if listed else f' in row {odd + 1}'}" if odd >= 0 else ""


def _is_kind(stored: Any, kind: str) -> bool:
    """Whether values stored as this Arrow type can be of a kind."""
    from pyarrow import types

    if kind in ("text", "label") and (types.is_string(stored) or types.is_large_string(stored)):
        return True
    if kind in ("label", "binary") and (types.is_integer(stored) or types.is_boolean(stored)):
        return True
    if kind in ("number", "binary") and types.is_floating(stored):
        return True
    return kind == "number" and bool(types.is_integer(stored) or types.is_decimal(stored))


def is_list(kind: Any) -> bool:
    """Whether an Arrow type is a list."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _flat(column: Any) -> Any:
    import pyarrow.compute as pc

    while is_list(column.type):
        column = pc.list_flatten(column)
    return column


def _shown(column: Any) -> str:
    return repr(column[0].as_py())[:40] if len(column) else "nothing"


def _some(labels: set[Any]) -> str:
    shown = sorted(map(repr, labels))
    return ", ".join(shown[:3]) + (", ..." if len(shown) > 3 else "")
