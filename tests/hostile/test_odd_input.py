"""Input that looks strange and is valid: read as what it says, value by value."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from bench import read_scores

from .conftest import TWO, Maker

PLAIN = "task,a,b\nt,0.25,0.5\nu,0.75,1\n"
#: What PLAIN says: model -> task -> score.
SAID = {"a": {"t": 0.25, "u": 0.75}, "b": {"t": 0.5, "u": 1.0}}
TREE = {"org/a": {"STS12": 0.5, "STS13": 0.6}, "org/b": {"STS12": 0.25, "STS13": 0.3}}
LONG_NAME = "m" * 10_000


def arrow(m: Maker, **columns: Any) -> Path:
    pq.write_table(pa.table({"task": ["t", "u"], **columns}), m.path("s.parquet"))
    return m.path("s.parquet")


def with_index(m: Maker, name: str | None) -> Path:
    pd.DataFrame({"a": [0.25, 0.75], "b": [0.5, 1.0]}, pd.Index(["t", "u"], name=name)).to_parquet(m.path("s.parquet"))
    return m.path("s.parquet")


def moved(m: Maker, name: str, prefix: str) -> Path:
    return m.archive(name, {prefix + path: data for path, data in m.members(TWO).items()})


def with_folders(m: Maker) -> Path:
    """As ``tar c .`` writes it: a member for each folder too."""
    buffer = io.BytesIO()
    m.tree()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(m.root / "results", "./results")
    return m.file(buffer.getvalue(), "r.tar")


# fmt: off
CASES: dict[str, tuple[Callable[[Maker], Path], dict[str, dict[str, float]]]] = {
    "plain": (lambda m: m.file(PLAIN), SAID),
    "a byte order mark": (lambda m: m.file("\ufeff" + PLAIN), SAID),
    "CRLF": (lambda m: m.file(PLAIN.replace("\n", "\r\n")), SAID),
    "CR alone": (lambda m: m.file(PLAIN.replace("\n", "\r")), SAID),
    "no line end at the end": (lambda m: m.file(PLAIN.rstrip("\n")), SAID),
    "blank lines": (lambda m: m.file(PLAIN.replace("\n", "\n\n")), SAID),
    "tabs": (lambda m: m.file(PLAIN.replace(",", "\t"), "s.tsv"), SAID),
    "tabs in a .tab": (lambda m: m.file(PLAIN.replace(",", "\t"), "s.tab"), SAID),
    "commas in a .txt": (lambda m: m.file(PLAIN, "s.txt"), SAID),
    "an ending in capitals": (lambda m: m.file(PLAIN, "S.CSV"), SAID),
    "quoted cells": (lambda m: m.file('"task","a","b"\n"t","0.25","0.5"\n"u","0.75","1"\n'), SAID),
    "blanks around numbers": (lambda m: m.file("task, a ,b\nt, 0.25 ,0.5\nu,0.75, 1\n"), SAID),
    "models as rows": (lambda m: m.file("model,t,u\na,0.25,0.75\nb,0.5,1\n"), SAID),
    "long": (lambda m: m.file("model,task,score\na,t,0.25\nb,t,0.5\na,u,0.75\nb,u,1\n"), SAID),
    "long, columns in another order and case": (lambda m: m.file("Score,TASK,Model\n0.25,t,a\n0.5,t,b\n0.75,u,a\n1,u,b\n"), SAID),
    "long, a family each": (lambda m: m.file("model,task,score,family\na,t,0.25,X\nb,t,0.5,X\na,u,0.75,Y\nb,u,1,Y\n"), SAID),
    "long, a column of no meaning": (lambda m: m.file("model,task,score,note\na,t,0.25,x\nb,t,0.5,\na,u,0.75,\nb,u,1,y\n"), SAID),
    "long, two seeds": (lambda m: m.file("model,task,score,seed\na,t,0.2,0\na,t,0.3,1\nb,t,0.5,0\nb,t,0.5,1\n"), {"a": {"t": 0.25}, "b": {"t": 0.5}}),
    "scientific notation": (lambda m: m.table("t,2.5e-1,5E-1", "u,75e-2,+1"), SAID),
    "numbers without a zero": (lambda m: m.table("t,.25,.5", "u,.75,1."), SAID),
    "very small": (lambda m: m.table("t,1e-300,5e-324", "u,1e300,-1e-300"), {"a": {"t": 1e-300, "u": 1e300}, "b": {"t": 5e-324, "u": -1e-300}}),
    "all digits": (lambda m: m.table("t,0.1,0.30000000000000004"), {"a": {"t": 0.1}, "b": {"t": 0.1 + 0.2}}),
    "missing in many words": (lambda m: m.table("t,NA,0.5", "u,n/a,", "v,NaN,null", "w,0.25,-"), {"a": {"w": 0.25}, "b": {"t": 0.5}}),
    "a line break in a name": (lambda m: m.file('task,"a\nb"\nt,0.25\n'), {"a\nb": {"t": 0.25}}),
    "a comma and quotes in a name": (lambda m: m.file('task,"a,""b"""\nt,0.25\n'), {'a,"b"': {"t": 0.25}}),
    "a name in NFD": (lambda m: m.file("task,cafe\u0301\nt,0.25\n"), {"caf\u00e9": {"t": 0.25}}),
    "a name of 10,000 characters": (lambda m: m.file(f"task,{LONG_NAME}\nt,0.25\n"), {LONG_NAME: {"t": 0.25}}),
    "names that read as numbers": (lambda m: m.file("task,007,1e3\n08,0.25,0.5\n"), {"007": {"08": 0.25}, "1e3": {"08": 0.5}}),
    "names that read as missing": (lambda m: m.file("task,NA,nan\nnull,0.25,0.5\n"), {"NA": {"null": 0.25}, "nan": {"null": 0.5}}),
    "names in two cases": (lambda m: m.file("task,a,A\nt,0.25,0.5\n"), {"a": {"t": 0.25}, "A": {"t": 0.5}}),
    "long, models called by numbers": (lambda m: m.file("task,model,score\nt,007,0.25\nt,1e3,0.5\n"), {"007": {"t": 0.25}, "1e3": {"t": 0.5}}),
    "gzip": (lambda m: m.file(gzip.compress(PLAIN.encode()), "s.csv.gz"), SAID),
    "gzip in two parts": (lambda m: m.file(gzip.compress(PLAIN[:20].encode()) + gzip.compress(PLAIN[20:].encode()), "s.csv.gz"), SAID),
    "bzip2": (lambda m: m.file(bz2.compress(PLAIN.encode()), "s.csv.bz2"), SAID),
    "xz": (lambda m: m.file(lzma.compress(PLAIN.encode()), "s.csv.xz"), SAID),
    "zstd": (lambda m: m.file(zstandard.compress(PLAIN.encode()), "s.csv.zst"), SAID),
    "zstd in two frames": (lambda m: m.file(zstandard.compress(PLAIN[:20].encode()) + zstandard.compress(PLAIN[20:].encode()), "s.csv.zst"), SAID),
    "tabs in zstd": (lambda m: m.file(zstandard.compress(PLAIN.replace(",", "\t").encode()), "s.tsv.zst"), SAID),
    "Parquet: float32 and float16": (lambda m: arrow(m, a=pa.array([.25, .75], pa.float32()), b=pa.array(np.array([.5, 1], "f2"))), SAID),
    "Parquet: decimals": (lambda m: arrow(m, a=pa.array([Decimal("0.25"), Decimal("0.75")]), b=pa.array([.5, 1.])), SAID),
    "Parquet: whole numbers": (lambda m: arrow(m, a=pa.array([1, 2], pa.int8()), b=pa.array([3, None], pa.uint64())), {"a": {"t": 1, "u": 2}, "b": {"t": 3}}),
    "Parquet: numbers as text": (lambda m: arrow(m, a=["0.25", "0.75"], b=pa.array([".5", "1"], pa.large_string())), SAID),
    "Parquet: null and NaN": (lambda m: arrow(m, a=[.25, None], b=[float("nan"), 1.]), {"a": {"t": .25}, "b": {"u": 1.}}),
    "Parquet: an index called task": (lambda m: with_index(m, "task"), SAID),
    "Parquet: names by number": (lambda m: m.parquet(pd.DataFrame({"model": pd.Categorical(["a", "b", "a", "b"]), "task": pd.Categorical(["t", "t", "u", "u"]), "score": [.25, .5, .75, 1]})), SAID),
    **{
        f"{name}: {what}": (lambda m, name=name, prefix=prefix: moved(m, name, prefix), TREE)
        for name in ("r.tar.zst", "r.tar.gz", "r.tar", "r.zip", "R.TAR.GZ")
        for what, prefix in {"from the root": "", "leading ./": "./", "a folder above": "top/", "folders above": "a/b c/d\u00e9/"}.items()
    },
    "tar: folders as members": (with_folders, TREE),
    "a folder": (lambda m: m.tree(), TREE),
    "a folder beside others": (lambda m: m.tree(extra={"results/notes.json": b"[1]", "results/.git/x.json": b"{", "results/org__a/r1/x_predictions.json": b"{"}), TREE),
    "NaN in a file": (lambda m: m.tree({**TREE, "org/c": {"STS12": float("nan"), "STS13": 0.7}}), {**TREE, "org/c": {"STS13": 0.7}}),
}
# fmt: on


@pytest.mark.parametrize("case", CASES)
def test_read_as_it_says(case: str, make: Maker) -> None:
    source, expected = CASES[case]
    table = read_scores(source(make)).table
    got = {model: column.dropna().to_dict() for model, column in table.items()}
    assert got == {model: pytest.approx(scores, rel=1e-15, abs=0) for model, scores in expected.items()}
