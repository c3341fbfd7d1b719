"""Random tables in random layouts: read back as they are, or refused in one line; never as another table."""

import os

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bench import read
from stats.common.errors import InputError

from .layouts import FORMATS, HEADINGS

MORE = int(os.environ.get("EMBSIG_FUZZ", "0"))
FUZZ = settings(
    deadline=None,
    max_examples=MORE or 40,
    derandomize=not MORE,
    suppress_health_check=list(HealthCheck),
    database=None,
)
#: Names as they are met, none of which says that it is an average.
TASK_NAMES = (
    "STS12",
    "SciFact",
    "ds1",
    "ds2",
    "iris",
    "GunPoint",
    "my task",
    "wiki-de",
    "T_5",
    "MMLU",
    "omega",
    "2018",
    "ndcg-scifact",
    "a,b",
)
MODEL_NAMES = (
    "bert-base",
    "acme/e5",
    "A",
    "B",
    "method 1",
    "ours*",
    "clf_2",
    "Modèle",
    "x|y",
    "gte-micro",
    "7b",
    "net",
)
AGGREGATES = ("none", "Average", "Avg", "Mean (Task)", "Overall", "Avg. rank", "Rank", "Sum")
TEXTS = ("csv", "semicolons", "tabs", "bars", "md", "html", "json", "jsonl", "tex", "xlsx")


@st.composite
def tables(draw):
    """Scores as they are written, of all tasks on all models or nearly."""
    tasks = draw(st.lists(st.sampled_from(TASK_NAMES), min_size=3, max_size=7, unique=True))
    models = draw(st.lists(st.sampled_from(MODEL_NAMES), min_size=2, max_size=5, unique=True))
    digits, points = draw(st.integers(2, 4)), draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    values = rng.uniform(0.2, 0.95, (len(tasks), len(models))) * (100 if points else 1)
    return pd.DataFrame(values.round(digits), tasks, models), digits


def _aggregate(table, kind, digits):
    if kind in ("Avg. rank", "Rank"):
        ranks = (
            table.rank(axis=1, ascending=False).mean() if kind == "Avg. rank" else table.mean().rank(ascending=False)
        )
        return ranks.round(2)
    return (table.sum() if kind == "Sum" else table.mean()).round(digits)


def _grid(table, digits, orientation, kind, decimal, task, model, score):
    rows = [(t, table.loc[t]) for t in table.index]
    if kind != "none":
        rows.append((kind, _aggregate(table, kind, digits)))

    def written(x):
        return f"{x:.{digits}f}".replace(".", decimal)

    if orientation == "long":
        return [[model, task, score], *([m, name, written(row[m])] for name, row in rows for m in table.columns)]
    wide = [[task, *table.columns], *([name, *(written(row[m]) for m in table.columns)] for name, row in rows)]
    if orientation == "rows are models":
        wide[0][0] = model
        return [list(row) for row in zip(*wide, strict=True)]
    return wide


def _bytes(rows, form):
    separators = {"csv": ",", "semicolons": ";", "tabs": "\t", "bars": "|"}
    if form in separators:
        by = separators[form]
        quoted = [[f'"{c}"' if by in c else c for c in row] for row in rows]
        return "\n".join(by.join(row) for row in quoted).encode(), ".csv"
    if form in ("md", "html"):
        rows = [[c.replace("|", r"\|") if form == "md" else c for c in row] for row in rows]
    return FORMATS[f".{form}"](rows), f".{form}"


@FUZZ
@given(
    drawn=tables(),
    orientation=st.sampled_from(("rows are tasks", "rows are models", "long")),
    kind=st.sampled_from(AGGREGATES),
    decimal=st.sampled_from(".,"),
    form=st.sampled_from(TEXTS),
    words=st.tuples(*(st.sampled_from(HEADINGS[k]) for k in ("task", "model", "score"))),
    named=st.booleans(),
)
def test_a_table_is_read_as_it_is_or_refused(tmp_path_factory, drawn, orientation, kind, decimal, form, words, named):
    table, digits = drawn
    rows = _grid(table, digits, orientation, kind, decimal, *words)
    if not named and orientation != "long":
        rows[0][0] = ""
    data, ending = _bytes(rows, form)
    note(data[:600])
    path = tmp_path_factory.mktemp("t") / f"scores{ending}"
    path.write_bytes(data)
    scores, refused = None, ""
    try:
        scores = read(path)
    except InputError as error:
        refused = str(error)
    if scores is None:
        assert "\n" not in refused
        assert str(path) in refused
        # What has a heading, a point and no aggregate by name alone is always read.
        assert not named or decimal == "," or kind != "none" or form in ("tex", "bars", "csv"), refused
        return
    names = {m: m.rstrip("*") for m in table.columns}
    assert sorted(scores.task_names) == sorted(table.index)
    assert sorted(scores.models) == sorted(names.values())
    np.testing.assert_allclose(scores.table.loc[table.index, list(names.values())], table, rtol=1e-12)


def test_most_random_layouts_are_read():
    """A test that passes where nothing is read would prove nothing."""
    found = []

    @FUZZ
    @given(
        drawn=tables(),
        orientation=st.sampled_from(("rows are tasks", "rows are models", "long")),
        kind=st.sampled_from(AGGREGATES),
    )
    def count(drawn, orientation, kind):
        table, digits = drawn
        rows = _grid(table, digits, orientation, kind, ".", "task", "model", "score")
        frame = pd.DataFrame([[_number(c) for c in row] for row in rows[1:]], columns=rows[0])
        try:
            found.append(read(frame).n_tasks == len(table))
        except InputError:
            found.append(False)

    count()
    assert np.mean(found) > 0.9


def _number(cell):
    try:
        return float(cell)
    except ValueError:
        return cell
