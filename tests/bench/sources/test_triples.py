"""Triples of task, split and subset are numbered in one way, whether tasks or rows ask for them."""

from itertools import product

import numpy as np
import pandas as pd

from bench.sources.definitions import TaskDefinition
from bench.sources.results_cells import numbered, triples

TRIPLE = ["task", "split", "subset"]


def _task(name, splits, subsets):
    return TaskDefinition(name, "", "", splits, subsets, {}, None, (), None, {})


TASKS = [
    _task("A", ("test", "dev"), ("de", "en")),
    _task("B", ("test",), ("en", "fr")),
    _task("nowhere", ("test",), ("en",)),
]


def _entries():
    """Rows of some triples, several of one; -1 is a row that has none."""
    there = [
        ("A", "test", "de"),
        ("A", "test", "en"),
        ("B", "test", "en"),
        ("B", "validation", "en"),
        ("A", "test", "de"),
    ]
    rows = pd.DataFrame(there, columns=TRIPLE)
    numbers = {triple: 7 + 10 * i for i, triple in enumerate(dict.fromkeys(there))}
    rows["triple"] = [numbers[triple] for triple in there]
    bare = pd.DataFrame({"task": ["B"], "split": ["test"], "subset": [None], "triple": [-1]})
    return pd.concat([rows, bare], ignore_index=True), numbers


def test_what_tasks_ask_for_has_the_numbers_of_the_entries():
    entries, numbers = _entries()
    found = triples(TASKS, entries)
    expected = [(t.name, *pair) for t in TASKS for pair in product(t.splits, t.subsets)]
    assert list(found[TRIPLE].itertuples(index=False, name=None)) == expected
    # Looked up one by one; -2 is a number that no entry has.
    assert found["triple"].tolist() == [numbers.get(triple, -2) for triple in expected]


def test_rows_are_numbered_as_the_tasks_that_ask_for_the_same():
    entries, _ = _entries()
    asked = triples(TASKS, entries)
    again = numbered(asked[TRIPLE].assign(row=np.arange(len(asked))), entries)
    assert again["triple"].tolist() == asked["triple"].tolist()
    assert again["row"].tolist() == list(range(len(asked)))


def test_without_entries_or_without_tasks():
    entries, _ = _entries()
    assert triples([], entries).empty
    assert set(triples(TASKS, entries.iloc[:0])["triple"]) == {-2}
