"""Readers: whatever the bytes are, one InputError or sound scores; what is written reads back equal."""

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import zstandard
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bench import read_scores
from bench.training.triples import read_triples
from fuzzing import FUZZ, SLOW, as_it_stands, clean, named_tables, names
from stats import Comparison, InputError, Samples, Scores, compare
from stats.common.text import visible
from stats.factors.design import Design, read_design
from stats.samples import write_task

WIDE = b"task,org/a,b\nSTS12,0.61,0.52\nSTS13,0.71,0.62\nSciFact,0.5,\n"
LONG = b"model,task,score,family,n_samples,seed\na,x,0.5,STS,12,1\nb,x,0.25,STS,12,1\na,y,0.75,,,1\n"
#: What a text file is likely to be spoilt with.
BITS = st.sampled_from(
    [b"", b'"', b",", b"\n", b"\r", b"\t", b"\x00", b"\xff", b"nan", b"inf", b"1e999", b"-", b"\xef\xbb\xbf", b"_"]
)


@st.composite
def spoilt(draw, good):
    """The bytes with some turned over, cut out or put in, or cut off."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["flip", "cut", "end", "put", "twice"]))
        if how == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del data[at : at + draw(st.integers(1, 9))]
        elif how == "end":
            del data[at:]
        elif how == "put":
            data[at:at] = draw(BITS | st.binary(max_size=8))
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


def sound(scores):
    """What holds of scores however they came: finite or missing, every name once, tasks described row by row."""
    assert isinstance(scores, Scores)
    assert not np.isinf(scores.values).any()
    for kind in (scores.models, scores.task_names):
        assert kind
        assert max(Counter(map(visible, kind)).values()) == 1
        assert all(n == n.strip() and n.encode() for n in kind)
    assert list(scores.tasks.index) == scores.task_names
    assert all(isinstance(f, str) and f for f in scores.families)
    repr(scores), scores.sha256, scores.groups
    return scores


def attempt(use):
    """What it gives, or None where it is refused in one line; anything else that it raises fails the test."""
    try:
        return use()
    except InputError as error:
        refusal = str(error)
    assert "\n" not in refusal
    return None


def read_or_refuse(path, **options):
    read = attempt(lambda: read_scores(path, cache=False, **options))
    return read if read is None else sound(read)


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# -- text files ------------------------------------------------------------------------------------------------

ENDINGS = st.sampled_from(
    ["csv", "tsv", "txt", "csv.gz", "csv.bz2", "csv.xz", "csv.zst", "parquet", "zip", "tar", "tar.gz", "tar.zst"]
)


@FUZZ
@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")),
    ENDINGS,
    st.sampled_from([None, "tasks"]),
)
def test_any_bytes(tmp_path, content, ending, rows):
    read_or_refuse(put(tmp_path, f"s.{ending}", content), **({} if ending[:3] in ("zip", "tar") else {"rows": rows}))


@FUZZ
@given(st.one_of(spoilt(WIDE), spoilt(LONG), spoilt(WIDE.replace(b",", b"\t"))), st.sampled_from(["csv", "tsv"]))
def test_a_spoilt_table(tmp_path, content, ending):
    read_or_refuse(put(tmp_path, f"s.{ending}", content))


CELL = st.one_of(
    names.map(lambda n: n.encode("utf-8", "replace").decode()),
    st.floats(0, 1).map(str),
    st.sampled_from(["", "12.5", "1e30", "inf", "-3", "12", "STS", "nan", "0,5", "50%", "1_0", "٣"]),
)


@FUZZ
@given(
    st.lists(
        st.sampled_from(
            ["family", "group", "metric", "n_samples", "languages", "seed", "split", "revision", "external", "x"]
        ),
        unique=True,
    ),
    st.data(),
)
def test_any_cells_of_a_long_table(tmp_path, columns, data):
    head = ["model", "task", "score", *columns]
    rows = data.draw(
        st.lists(
            st.tuples(CELL, CELL, st.floats(0, 1).map(str) | CELL, *[CELL for _ in columns]), min_size=1, max_size=5
        )
    )
    pd.DataFrame(rows, columns=head).to_csv(tmp_path / "s.csv", index=False, quoting=1)
    read = read_or_refuse(tmp_path / "s.csv")
    if read is not None:  # then every row is in it
        for m, t, score, *_ in rows:
            if as_it_stands(m) and as_it_stands(t):
                value = read.table.loc[clean(t), clean(m)]
                assert np.isnan(value) or "seed" in columns or "," in score or "%" in score or value == float(score)


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst", "parquet"])
@FUZZ
@given(st.data())
def test_a_file_cut_off_is_refused(tmp_path, ending, data):
    scores = Scores.from_frame(pd.DataFrame({"task": ["x", "y"], "a": [0.5, 0.25], "b": [1 / 3, np.nan]}))
    whole = tmp_path / ("whole." + (ending if ending == "parquet" else f"csv.{ending}"))
    (scores.to_parquet if ending == "parquet" else scores.to_csv)(whole)
    content = whole.read_bytes()
    cut = put(tmp_path, f"cut{''.join(whole.suffixes)}", content[: data.draw(st.integers(0, len(content) - 1))])
    assert read_or_refuse(cut) is None


@FUZZ
@given(st.data())
def test_a_spoilt_parquet_file(tmp_path, data):
    scores = Scores.from_frame(pd.DataFrame({"task": ["x", "y"], "a": [0.5, 0.25], "b": [1 / 3, np.nan]}))
    scores.to_parquet(tmp_path / "whole.parquet")
    read_or_refuse(put(tmp_path, "s.parquet", data.draw(spoilt((tmp_path / "whole.parquet").read_bytes()))))


# -- result trees and archives ---------------------------------------------------------------------------------


def result(task, score):
    entry = {
        "main_score": score,
        "hf_subset": "default",
        "languages": ["eng-Latn"],
        "scores_per_experiment": [{"main_score": score}],
    }
    return {
        "dataset_revision": "d",
        "task_name": task,
        "mteb_version": "2.1.0",
        "scores": {"test": [entry]},
        "date": 1.5,
    }


TREE = {
    f"results/org__{m}/r1/{t}.json": json.dumps(result(t, s)).encode()
    for m, t, s in (("a", "STS12", 0.5), ("a", "STS13", 0.625), ("b", "STS12", 0.25), ("b", "STS13", 0.375))
} | {f"results/org__{m}/r1/model_meta.json": json.dumps({"name": f"org/{m}", "revision": "r1"}).encode() for m in "ab"}
EXPECTED = pd.DataFrame([[0.5, 0.25], [0.625, 0.375]], ["STS12", "STS13"], ["org/a", "org/b"])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["main_score", "scores", "task_name", "hf_subset", "name", "tasks"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@st.composite
def bent(draw, good):
    """A JSON value with one part, somewhere in it, in another's place; or a key taken out."""
    if isinstance(good, dict | list) and good and draw(st.integers(0, 4)):
        keys = list(good) if isinstance(good, dict) else range(len(good))
        at = draw(st.sampled_from(keys))
        copy = good.copy()
        if draw(st.integers(0, 3)) == 0:
            del copy[at]
        else:
            copy[at] = draw(bent(good[at]))
        return copy
    return draw(JSON)


OLD = {
    "mteb_dataset_name": "STS12",
    "mteb_version": "1.0.0",
    "dataset_revision": "d",
    "test": {"cos_sim": {"spearman": 0.5}, "evaluation_time": 3.1},
}


@FUZZ
@given(
    st.one_of(bent(result("STS12", 0.5)), bent(OLD), JSON),
    st.one_of(bent({"name": "org/a", "revision": "r1"}), JSON),
    bent({"tasks": [{"name": "Own", "family": "STS", "main_score": "ndcg"}]}),
)
@example(result("Own", 0.5), {"name": "org/a"}, {"tasks": [{"name": "Own", "family": 3, "main_score": ["x"]}]})
@example(result("Own", 0.5), {"name": "org/a"}, {"tasks": [{"name": []}]})
def test_any_json_in_a_tree(tmp_path, content, card, manifest):
    for path, good in TREE.items():
        put(tmp_path, path, good)
    put(tmp_path, "results/org__a/r1/STS12.json", json.dumps(content).encode())
    put(tmp_path, "results/org__a/r1/model_meta.json", json.dumps(card).encode())
    put(tmp_path, "results/manifest.json", json.dumps(manifest).encode())
    read = read_or_refuse(tmp_path / "results")
    assert read is not None  # the other files are whole
    assert read.table.loc["STS13", "org/b"] == 0.375


@FUZZ
@given(
    st.one_of(*(spoilt(content) for content in TREE.values()), spoilt(json.dumps(OLD).encode()), st.binary(max_size=50))
)
def test_a_spoilt_file_in_a_tree(tmp_path, content):
    for path, good in TREE.items():
        put(tmp_path, path, good)
    put(tmp_path, "results/org__a/r1/STS12.json", content)
    read = read_or_refuse(tmp_path / "results")
    assert read is not None
    assert read.table.loc["STS13", "org/b"] == 0.375


def packed(kind):
    """The tree as an archive; with a checksum, as the public one has."""
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in TREE.items():
                archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in TREE.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    if kind == "tar.gz":
        return gzip.compress(buffer.getvalue(), mtime=0)
    return zstandard.ZstdCompressor(write_checksum=True).compress(buffer.getvalue())


ARCHIVES = {kind: packed(kind) for kind in ("zip", "tar.gz", "tar.zst")}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_the_archive_is_the_tree(tmp_path, kind):
    pd.testing.assert_frame_equal(
        read_or_refuse(put(tmp_path, f"r.{kind}", ARCHIVES[kind])).table, EXPECTED, check_names=False
    )


@pytest.mark.parametrize("kind", ARCHIVES)
@FUZZ
@given(st.data())
def test_a_spoilt_archive_gives_its_scores_or_none(tmp_path, kind, data):
    content = data.draw(spoilt(ARCHIVES[kind]))
    read = read_or_refuse(put(tmp_path, f"r.{kind}", content))
    if read is None:
        return
    if kind == "zip":  # its directory has no checksum: a file may be lost with its name there, but no score be another
        assert set(read.models) <= set(EXPECTED.columns)
        here = read.table.notna()
        assert (read.table == EXPECTED.reindex_like(read.table))[here].fillna(True).all(axis=None)
    else:
        pd.testing.assert_frame_equal(read.table, EXPECTED, check_names=False)


@pytest.mark.parametrize("kind", ARCHIVES)
@FUZZ
@given(st.data())
def test_an_archive_cut_off_is_refused(tmp_path, kind, data):
    content = ARCHIVES[kind]
    # Of a .tar.zst the checksum may be missing without harm; it is read from the end mark of the tar on.
    end = len(content) - 1 - (4 if kind == "tar.zst" else 0)
    assert read_or_refuse(put(tmp_path, f"r.{kind}", content[: data.draw(st.integers(0, end))])) is None


# -- samples, designs, triples, comparisons --------------------------------------------------------------------


@FUZZ
@given(st.data())
def test_a_spoilt_file_of_samples(tmp_path, data):
    frame = pd.DataFrame({"sample": ["q1", "q2"], "score": [0.25, 0.75]})
    path = write_task(tmp_path, "t", "m", frame, {"metric": "mean", "main_score": 0.5})
    path.write_bytes(data.draw(spoilt(path.read_bytes())))
    samples = Samples.open(tmp_path)
    for use in (
        lambda: samples.meta("t", "m"),
        lambda: samples.read("t", "m"),
        lambda: samples.task("t"),
        lambda: samples.recompute("t", "m"),
        samples.scores,
    ):
        attempt(use)


@FUZZ
@given(
    bent(
        {
            "schema": 1,
            "task": "t",
            "model": "m",
            "metric": "mean",
            "main_score": 0.5,
            "family": "STS",
            "higher_is_better": True,
        }
    )
)
@example({"schema": 1, "metric": ["mean"], "main_score": "much"})
def test_any_metadata_of_samples(tmp_path, about):
    import pyarrow as pa
    import pyarrow.parquet as pq

    put(tmp_path, "samples/t/m.parquet", b"")
    table = pa.table({"sample": ["q1", "q2"], "score": [0.25, 0.75]}).replace_schema_metadata(
        {b"embsig.samples": json.dumps(about).encode()}
    )
    pq.write_table(table, tmp_path / "samples/t/m.parquet")
    samples = Samples.open(tmp_path)
    for use in (lambda: samples.task("t"), lambda: samples.recompute("t", "m"), lambda: sound(samples.scores())):
        attempt(use)


@FUZZ
@given(
    st.one_of(st.binary(max_size=80), spoilt(b"model,pooling,attention\na,mean,causal\nb,last,causal\nc,mean,both\n"))
)
def test_a_spoilt_design(tmp_path, content):
    design = attempt(lambda: Design.parse(read_design(put(tmp_path, "d.csv", content)), ["a", "b", "c"]))
    if design is not None:
        assert set(design.models) <= {"a", "b", "c"}
        assert all(len(levels) > 1 for levels in design.levels.values())


ROWS = [{"query": "q", "positive": "p", "negative": ["n"]}, {"query": "r", "positive": ["s"], "negative_1": "t"}]


@FUZZ
@given(
    st.one_of(bent(ROWS), JSON, spoilt("\n".join(map(json.dumps, ROWS)).encode()), st.binary(max_size=60)),
    st.sampled_from(["jsonl", "jsonl.gz", "parquet"]),
)
@example([{"query": "q", "positive": "p", "negative": 3}, {"query": "q", "positive": "p"}], "jsonl")
def test_any_triples(tmp_path, content, ending):
    if not isinstance(content, bytes):
        content = "\n".join(json.dumps(row) for row in (content if isinstance(content, list) else [content])).encode()
        content = gzip.compress(content) if ending == "jsonl.gz" else content
    found = attempt(lambda: read_triples(put(tmp_path, f"d.{ending}", content)))
    if found is not None:
        assert len(found.queries) == len(found.positives) == len(found.negatives) >= 2
        assert all(isinstance(text, str) for text in (*found.queries, *found.positives, *sum(found.negatives, ())))


@pytest.fixture(scope="module")
def comparison():
    frame = pd.DataFrame(
        {"task": list("wxyz"), "a": [0.5, 0.75, 0.25, 1 / 3], "b": [0.25, 0.5, 0.5, 0.1], "c": [0.1, 0.2, 0.3, 0.4]}
    )
    return compare(Scores.from_frame(frame), n_resamples=20, rng=0)


@FUZZ
@given(st.data())
def test_a_spoilt_comparison(tmp_path, comparison, data):
    path = tmp_path / "c.json"
    comparison.save(path)
    good = path.read_bytes()
    how = data.draw(st.sampled_from(["bytes", "json", "gz"]))
    if how == "bytes":
        path.write_bytes(data.draw(spoilt(good)))
    elif how == "json":
        path.write_text(json.dumps(data.draw(bent(json.loads(good)))))
    else:
        path.write_bytes(data.draw(spoilt(gzip.compress(good, mtime=0))))
    read = attempt(lambda: Comparison.load(path))
    if read is not None:  # the hash says that nothing has changed
        assert json.dumps(read.to_dict(), default=str) == json.dumps(comparison.to_dict(), default=str)
        assert str(read) == str(comparison)


# -- round trips -----------------------------------------------------------------------------------------------


def refused_names(raw):
    """Whether a list of names has to be refused: one without anything to see, two that look the same, one that is not text."""
    seen = [visible(clean(n)) for n in raw]
    return not all(seen) or len(set(seen)) < len(seen) or any("\ud800" <= c <= "\udfff" for n in raw for c in n)


@FUZZ
@given(named_tables(), st.booleans(), st.data())
@example(pd.DataFrame([[0.5, 0.25]], ["a\rb"], ["x", "y"]), True, None)
@example(pd.DataFrame([[0.5, 0.25]], ["t"], ["model", "y"]), True, None)
def test_what_is_written_reads_back_equal(tmp_path, frame, higher, data):
    assume(not {"model", "score"} <= {clean(str(c)).lower() for c in frame.columns})  # headings of a long table
    bad = refused_names(frame.index) or refused_names(frame.columns)
    scores = attempt(lambda: Scores.from_frame(frame, rows="tasks", higher_is_better=higher))
    assert (scores is None) == bad
    if scores is None:
        return
    sound(scores)
    assert scores.models == list(map(clean, frame.columns))
    assert scores.task_names == list(map(clean, frame.index))
    families = (
        [None] * scores.n_tasks
        if data is None
        else data.draw(
            st.lists(
                st.none() | st.sampled_from(["STS", "NA-1", "a, b", "x\ny", "<i>"]),
                min_size=scores.n_tasks,
                max_size=scores.n_tasks,
            )
        )
    )
    scores = Scores.build(scores.table, scores.tasks.assign(family=families), higher_is_better=higher)
    here = scores.table.dropna(how="all").dropna(how="all", axis=1)  # a long table has the scores that there are
    exact = {"check_exact": True, "check_like": True}
    for name in ("w.csv", "w.csv.gz", "w.csv.zst"):
        scores.to_csv(tmp_path / name)
        pd.testing.assert_frame_equal(
            Scores.from_csv(tmp_path / name, higher_is_better=higher).table, scores.table, check_exact=True
        )
    scores.to_frame().to_csv(tmp_path / "w.tsv", index=False, sep="\t", quoting=1)
    if any(re.search(r"[\x00-\x08\x0e-\x1f]", n) for n in [*scores.models, *scores.task_names]):
        with pytest.raises(InputError, match="control characters"):
            read_scores(tmp_path / "w.tsv")
    elif all(map(as_it_stands, [*scores.models, *scores.task_names])):
        pd.testing.assert_frame_equal(read_scores(tmp_path / "w.tsv").table, scores.table, check_exact=True)
    if here.empty:
        return
    known = {t: f for t, f in scores.tasks["family"].items() if t in here.index}
    scores.to_csv(tmp_path / "l.csv", long=True)
    scores.to_parquet(tmp_path / "l.parquet")
    for read in (
        Scores.from_csv(tmp_path / "l.csv", higher_is_better=higher),
        Scores.from_parquet(tmp_path / "l.parquet"),
    ):
        pd.testing.assert_frame_equal(read.table, here, **exact)
        assert read.tasks["family"].to_dict() == known
        assert read.higher_is_better == higher
        assert (np.signbit(read.table.loc[here.index, here.columns]) == np.signbit(here)).all(axis=None)
        if here.shape == scores.table.shape:
            assert read.sha256 == scores.sha256


@SLOW
@given(named_tables(most=3, cells=st.floats(0, 1)), st.booleans(), st.sampled_from(["c.json", "c.json.gz"]))
def test_a_comparison_reads_back_equal(tmp_path, frame, higher, name):
    found = attempt(
        lambda: compare(
            Scores.from_frame(frame, rows="tasks", higher_is_better=higher), missing="keep", n_resamples=20, rng=0
        )
    )
    if found is None:
        return
    found.save(tmp_path / name)
    read = Comparison.load(tmp_path / name)
    pd.testing.assert_frame_equal(read.scores.table, found.scores.table, check_exact=True)
    pd.testing.assert_frame_equal(read.pairs, found.pairs, check_exact=True)
    pd.testing.assert_frame_equal(read.ranks, found.ranks, check_exact=True)
    assert json.dumps(read.to_dict(), default=str) == json.dumps(found.to_dict(), default=str)
    assert str(read) == str(found)
