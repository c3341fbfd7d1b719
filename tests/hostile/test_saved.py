"""Saved comparisons and training data as they should not be."""

import gzip
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.training.triples import read_triples
from stats import Comparison, compare
from stats.common.errors import InputError

from .conftest import Maker


@lru_cache(maxsize=1)
def compared() -> Comparison:
    index = pd.Index([f"t{i}" for i in range(8)], name="task")
    return compare(
        pd.DataFrame({"a": [0.1 * i for i in range(8)], "b": [0.1 * i + 0.01 for i in range(8)]}, index), n_resamples=99
    )


def saved(m: Maker, name: str = "c.json") -> Path:
    compared().save(m.path(name))
    return m.path(name)


def changed(m: Maker, **over: Any) -> Path:
    path = saved(m)
    content = {**json.loads(path.read_bytes()), **over}
    return m.file(json.dumps({k: v for k, v in content.items() if v is not ...}), "c.json")


def folder(m: Maker, name: str) -> Path:
    m.path(name).mkdir()
    return m.path(name)


def loop(m: Maker, name: str) -> Path:
    m.path(name).symlink_to(name)
    return m.path(name)


# fmt: off
COMPARISONS: dict[str, tuple[Callable[[Maker], Path], str]] = {
    "absent": (lambda m: m.path("c.json"), "cannot be read as a saved comparison"),
    "empty": (lambda m: m.file("", "c.json"), "cannot be read as a saved comparison"),
    "a folder": (lambda m: folder(m, "c.json"), "cannot be read as a saved comparison"),
    "a link to itself": (lambda m: loop(m, "c.json"), "cannot be read as a saved comparison"),
    "bytes": (lambda m: m.file(bytes(range(256)), "c.json"), "cannot be read as a saved comparison"),
    "nested 100,000 deep": (lambda m: m.file("[" * 100_000, "c.json"), "cannot be read as a saved comparison"),
    "foreign JSON": (lambda m: m.file('{"a": 1}', "c.json"), "is not a saved comparison"),
    "a list": (lambda m: m.file("[1, 2]", "c.json"), "is not a saved comparison"),
    "NaN": (lambda m: m.file("NaN", "c.json"), "is not a saved comparison"),
    "cut off": (lambda m: m.cut(saved(m)), "cannot be read as a saved comparison"),
    "cut off by a byte": (lambda m: m.cut(saved(m), .9999), "cannot be read as a saved comparison"),
    "gzip cut off": (lambda m: m.cut(saved(m, "c.json.gz")), "cannot be read as a saved comparison"),
    "gzip bent": (lambda m: m.bend(saved(m, "c.json.gz")), "saved comparison"),
    "two gzips": (lambda m: m.file(gzip.compress(saved(m).read_bytes()) * 2, "c.json.gz"), "cannot be read as a saved comparison"),
    "a version to come": (lambda m: changed(m, schema=99), "is of version 99, newer than"),
    "a version of words": (lambda m: changed(m, schema="one"), "is a damaged saved comparison"),
    "no version": (lambda m: changed(m, schema=...), "is a damaged saved comparison"),
    "no pairs": (lambda m: changed(m, pairs=...), "is a damaged saved comparison"),
    "pairs of words": (lambda m: changed(m, pairs="many"), "is a damaged saved comparison"),
    "an edited conclusion": (lambda m: changed(m, conclusions=["b is best"]), "its content is not what was saved"),
    "infinity as p": (lambda m: changed(m, smallest_pvalue=float("inf")), "its content is not what was saved"),
    "edited, without its hash": (lambda m: changed(m, content_sha256=..., scores=None), "is a damaged saved comparison"),
}

TRIPLES: dict[str, tuple[Callable[[Maker], Path], str]] = {
    "empty": (lambda m: m.file("", "t.jsonl"), "t.jsonl"),
    "blank lines": (lambda m: m.file("\n\n", "t.jsonl"), "t.jsonl"),
    "a folder": (lambda m: folder(m, "t.jsonl"), "t.jsonl"),
    "a link to itself": (lambda m: loop(m, "t.jsonl"), "t.jsonl"),
    "no JSON": (lambda m: m.file("query,positive\na,b\n", "t.jsonl"), "t.jsonl"),
    "a list": (lambda m: m.file("[1, 2]\n", "t.jsonl"), "t.jsonl"),
    "a number": (lambda m: m.file("5\n", "t.jsonl"), "t.jsonl"),
    "cut off": (lambda m: m.file('{"query": "a", "positive": "b"}\n{"query": "a", "pos', "t.jsonl"), "t.jsonl"),
    "nested 100,000 deep": (lambda m: m.file("[" * 100_000, "t.jsonl"), "t.jsonl"),
    "other fields": (lambda m: m.file('{"q": "a", "p": "b"}\n', "t.jsonl"), "query"),
    "no positive": (lambda m: m.file('{"query": "a"}\n', "t.jsonl"), "positive"),
    "a null text": (lambda m: m.file('{"query": null, "positive": "b"}\n', "t.jsonl"), "query"),
    "a number as text": (lambda m: m.file('{"query": 5, "positive": "b"}\n', "t.jsonl"), "query"),
    "NaN as text": (lambda m: m.file('{"query": NaN, "positive": "b"}\n', "t.jsonl"), "t.jsonl"),
    "Latin-1": (lambda m: m.file('{"query": "é", "positive": "b"}\n'.encode("latin-1"), "t.jsonl"), "t.jsonl"),
    "gzip cut off": (lambda m: m.cut(m.file(gzip.compress(b'{"query": "a", "positive": "b"}\n' * 99), "t.jsonl.gz")), "t.jsonl.gz"),
    "gzip bent": (lambda m: m.bend(m.file(gzip.compress(b'{"query": "a", "positive": "b"}\n' * 99), "t.jsonl.gz"), .3), "t.jsonl.gz"),
    "no gzip": (lambda m: m.file('{"query": "a", "positive": "b"}\n', "t.jsonl.gz"), "t.jsonl.gz"),
    "no Parquet": (lambda m: m.file("no", "t.parquet"), "t.parquet"),
    "Parquet cut off": (lambda m: m.cut(m.parquet({"query": ["a"], "positive": ["b"]}, "t.parquet")), "t.parquet"),
    "Parquet without rows": (lambda m: m.parquet({"query": [], "positive": []}, "t.parquet"), "t.parquet"),
    "Parquet of numbers": (lambda m: m.parquet({"query": [1], "positive": [2]}, "t.parquet"), "query"),
}
# fmt: on


@pytest.mark.parametrize("case", COMPARISONS)
def test_no_saved_comparison(case: str, make: Maker) -> None:
    source, expected = COMPARISONS[case]
    with pytest.raises(InputError) as caught:
        Comparison.load(source(make))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", TRIPLES)
def test_no_training_data(case: str, make: Maker) -> None:
    source, expected = TRIPLES[case]
    with pytest.raises(InputError) as caught:
        read_triples(source(make))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
