"""Local task data as it should not be: refused before a model sees it, in one line that names the file."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.runner.task_data import files
from bench.runner.task_data.data_root import attach
from stats.common.errors import InputError

STS, CLASSES, PAIRS, SEARCH = "STSBenchmark", "Banking77Classification", "SprintDuplicateQuestions", "SciFact"
RERANK, SUMMARIES = "SciDocsRR", "SummEvalSummarization.v2"
CLUSTERS, OLD_CLUSTERS = "TwentyNewsgroupsClustering.v2", "TwentyNewsgroupsClustering"


def jsonl(*rows: Any) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def sts(n: int = 10, **over: Any) -> bytes:
    """Pairs with scores; `over` replaces fields of the last."""
    rows = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "score": i / 2} for i in range(n)]
    return jsonl(*rows[:-1], {k: v for k, v in {**rows[-1], **over}.items() if v is not ...})


def classes(n: int = 8, **over: Any) -> bytes:
    rows = [{"text": f"text {i}", "label": i % 2} for i in range(n)]
    return jsonl(*rows[:-1], {**rows[-1], **over})


def pairs(**over: Any) -> bytes:
    rows = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "labels": i % 2} for i in range(6)]
    return jsonl(*rows[:-1], {**rows[-1], **over})


def summary(**over: Any) -> bytes:
    row = {"text": "a", "human_summaries": ["x"], "machine_summaries": ["p", "q"], "relevance": [1, 3]}
    return jsonl(row, {**row, **over})


def clusters(**over: Any) -> bytes:
    rows = [{"sentences": f"t {i}", "labels": i % 4} for i in range(12)]
    return jsonl(*rows[:-1], {**rows[-1], **over})


def sets(**over: Any) -> bytes:
    row = {"sentences": ["a", "b", "c"], "labels": [0, 1, 0]}
    return jsonl(row, {**row, **over})


CORPUS = [{"_id": f"d{i}", "title": "", "text": f"document {i}"} for i in range(4)]
QUERIES = [{"_id": f"q{i}", "text": f"query {i}"} for i in range(3)]
HEAD = b"query-id\tcorpus-id\tscore\n"


def search(qrels: bytes = b"q1\td1\t1\nq2\td2\t1\n", *, head: bytes = HEAD, **over: Any) -> dict[str, bytes]:
    """A retrieval task; `over` replaces or adds a file, by its name without the ending."""
    made = {"corpus": jsonl(*CORPUS), "queries": jsonl(*QUERIES), **over}
    return {f"{k}.jsonl": v for k, v in made.items()} | {"qrels/test.tsv": head + qrels}


def ranked(*rows: Any) -> dict[str, bytes]:
    return search(top_ranked=jsonl(*rows))


def table(folder: Path, frame: dict[str, Any]) -> None:
    pd.DataFrame(frame).to_parquet(folder / "test.parquet", index=False)


def pair_table(folder: Path, scores: list[Any]) -> None:
    table(folder, {"sentence1": ["a", "b", "c"], "sentence2": ["d", "e", "f"], "score": scores})


def bent(data: bytes) -> bytes:
    return data[:40] + bytes(b ^ 0xFF for b in data[40:50]) + data[50:]


ZIPPED = gzip.compress(sts())
TRIO = b"sentence1,sentence2,score\na,b,3\n"

# fmt: off
REFUSED: dict[str, tuple[str, Any, str]] = {
    # -- files ------------------------------------------------------------------------------------------------
    "an empty folder": (STS, {}, "is not data of STSBenchmark"),
    "another split": (STS, {"dev.jsonl": sts()}, "is not data of STSBenchmark"),
    "a train split alone": (STS, {"train.jsonl": sts()}, "has no test split of STSBenchmark"),
    "no bytes": (STS, {"test.jsonl": b""}, "test.jsonl is empty: expected at least one row"),
    "no bytes in a table": (STS, {"test.csv": b""}, "test.csv is empty"),
    "blank lines": (STS, {"test.jsonl": b"\n \n\n"}, "test.jsonl is empty"),
    "a heading alone": (STS, {"test.csv": b"sentence1,sentence2,score\n"}, "test.csv is empty"),
    "a Parquet table without rows": (STS, lambda f: table(f, {"sentence1": [], "sentence2": [], "score": []}), "test.parquet is empty"),
    "two files of one split": (STS, {"test.jsonl": sts(), "test.csv": TRIO}, "holds both test.jsonl and test.csv"),
    "a folder as a file": (STS, lambda f: (f / "test.jsonl").mkdir(), "is not data of STSBenchmark"),
    "a link to nowhere": (STS, lambda f: (f / "test.jsonl").symlink_to("/nowhere"), "is not data of STSBenchmark"),
    "a link to itself": (STS, lambda f: (f / "test.jsonl").symlink_to("test.jsonl"), "is not data of STSBenchmark"),
    "a link to another file": (STS, lambda f: (f / "test.jsonl").symlink_to("/etc/passwd"), "line 1: not a JSON object"),
    "a script": (STS, {"STSBenchmark.py": b"raise SystemExit('run')"}, "scripts are no longer supported"),
    "a snapshot of another form": (STS, {"README.md": b"---\nconfigs: 5\n---\n", "data/test.jsonl": sts()}, "Expected configs to be a list"),
    "cut off": (STS, {"test.jsonl": sts()[:-9]}, "line 10: not a JSON object"),
    "gzip cut off": (STS, {"test.jsonl.gz": ZIPPED[:-12]}, "ended before the end-of-stream marker"),
    "gzip cut in its head": (STS, {"test.jsonl.gz": ZIPPED[:5]}, "cannot be read"),
    "gzip cut in its end": (STS, {"test.jsonl.gz": ZIPPED[:-3]}, "ended before the end-of-stream marker"),
    "gzip bent": (STS, {"test.jsonl.gz": bent(ZIPPED)}, "while decompressing"),
    "no gzip": (STS, {"test.jsonl.gz": sts()}, "Not a gzipped file"),
    "no Parquet": (STS, {"test.parquet": sts()}, "cannot be read as Parquet"),
    "Parquet cut off": (STS, lambda f: (pair_table(f, [1, 2, 3]), (f / "test.parquet").write_bytes((f / "test.parquet").read_bytes()[:-20])), "cannot be read as Parquet"),
    "Parquet bent": (STS, lambda f: (pair_table(f, [1, 2, 3]), (f / "test.parquet").write_bytes(bent((f / "test.parquet").read_bytes()))), "cannot be read as Parquet"),
    "Latin-1": (STS, {"test.jsonl": '{"sentence1": "é"}'.encode("latin-1")}, "codec can't decode"),
    "UTF-16": (STS, {"test.jsonl": sts().decode().encode("utf-16")}, "codec can't decode"),
    "half a surrogate": (STS, {"test.jsonl": b'{"sentence1": "\\ud800"}'}, "no low surrogate"),
    "nested 100,000 deep": (STS, {"test.jsonl": b"[" * 100_000}, "depth limit"),
    "an array of objects": (STS, {"test.json": b"[" + sts(1) + b"]"}, "one object a line"),
    "a number a line": (STS, {"test.jsonl": b"5\n6\n"}, "line 1: not a JSON object"),
    "a row too short": (STS, {"test.csv": TRIO + b"c,d\n"}, "line 3: has 2 cells where the heading has 3"),
    "a row too long": (STS, {"test.csv": TRIO + b"c,d,1,2\n"}, "line 3: has 4 cells"),
    "all rows too long": (STS, {"test.csv": b"sentence1,sentence2,score\na,b,3,1\nc,d,1,5\n"}, "line 2: has 4 cells"),
    "an open quote": (STS, {"test.csv": TRIO + b'"c,d,1\n'}, "unexpected end of data"),
    "semicolons": (STS, {"test.csv": TRIO.replace(b",", b";")}, "no column 'sentence1': its columns are sentence1;sentence2;score"),
    "a column twice": (STS, {"test.csv": b"sentence1,sentence2,score,score\na,b,3,4\n"}, "has two columns named 'score'"),
    # -- columns ----------------------------------------------------------------------------------------------
    "no text": (STS, {"test.jsonl": jsonl({"sentence1": "a", "score": 1})}, "no column 'sentence2'"),
    "no score": (STS, {"test.jsonl": jsonl({"sentence1": "a", "sentence2": "b"})}, "no column 'score'"),
    "a score in words": (STS, {"test.csv": TRIO + b"c,d,high\n"}, "column 'score' holds string"),
    "a score as text": (STS, {"test.jsonl": jsonl({"sentence1": "a", "sentence2": "b", "score": "0.5"})}, "column 'score' holds string (such as '0.5')"),
    "a score missing": (STS, {"test.jsonl": sts(score=None)}, "column 'score' holds nothing in row 10"),
    "a score left out": (STS, {"test.jsonl": sts(score=...)}, "column 'score' holds nothing in row 10"),
    "a cell left empty": (STS, {"test.csv": TRIO + b"c,d,\n"}, "column 'score' holds string"),
    "NaN in JSON": (STS, {"test.jsonl": sts().replace(b"4.5", b"NaN")}, "line 10: not a JSON object"),
    "Infinity in JSON": (STS, {"test.jsonl": sts().replace(b"4.5", b"Infinity")}, "line 10: not a JSON object"),
    "NaN in CSV": (STS, {"test.csv": TRIO + b"c,d,nan\n"}, "column 'score' holds nan in row 2"),
    "NaN in Parquet": (STS, lambda f: pair_table(f, [1, float("nan"), 2]), "column 'score' holds"),
    "infinity": (STS, lambda f: pair_table(f, [1, float("inf"), 2]), "column 'score' holds inf in row 2"),
    "truth values": (STS, lambda f: pair_table(f, [True, False, True]), "column 'score' holds bool"),
    "dates": (STS, lambda f: pair_table(f, list(pd.date_range("2020", periods=3))), "column 'score' holds timestamp"),
    "lists as scores": (STS, lambda f: pair_table(f, [[1], [2], [3]]), "column 'score' holds list"),
    "one row": (STS, {"test.jsonl": sts(1)}, "for which no score is defined"),
    "one score": (STS, {"test.csv": TRIO * 2 + b"c,d,3\n"}, "column 'score' holds string"),
    "every score the same": (STS, {"test.csv": TRIO + b"c,d,3\n"}, "holds only 3"),
    "a text missing": (STS, {"test.jsonl": sts(sentence1=None)}, "column 'sentence1' holds nothing in row 10"),
    "a text left out": (STS, {"test.jsonl": sts(sentence2=...)}, "column 'sentence2' holds nothing in row 10"),
    "numbers as texts": (STS, lambda f: table(f, {"sentence1": [1, 2], "sentence2": ["a", "b"], "score": [1, 2]}), "column 'sentence1' holds int64"),
    "a number among texts": (STS, {"test.jsonl": sts(sentence1=5)}, "values of several kinds"),
    "lists as texts": (STS, lambda f: table(f, {"sentence1": [["a"], ["b"]], "sentence2": ["a", "b"], "score": [1, 2]}), "column 'sentence1' holds list"),
    "objects as texts": (STS, lambda f: table(f, {"sentence1": [{"x": 1}] * 2, "sentence2": ["a", "b"], "score": [1, 2]}), "column 'sentence1' holds struct"),
    "bytes as texts": (STS, lambda f: table(f, {"sentence1": [b"a", b"b"], "sentence2": ["a", "b"], "score": [1, 2]}), "column 'sentence1' holds binary"),
    # -- classification ---------------------------------------------------------------------------------------
    "nothing to train on": (CLASSES, {"test.jsonl": classes()}, "no train split of Banking77Classification"),
    "an empty train split": (CLASSES, {"test.jsonl": classes(), "train.jsonl": b""}, "train.jsonl is empty"),
    "a label missing": (CLASSES, {"test.jsonl": classes(), "train.jsonl": classes(label=None)}, "column 'label' holds nothing in row 8"),
    "a label missing in test": (CLASSES, {"test.jsonl": classes(label=None), "train.jsonl": classes()}, "test.jsonl: column 'label' holds nothing"),
    "a fraction as label": (CLASSES, {"test.jsonl": classes(label=.5), "train.jsonl": classes()}, "column 'label' holds double"),
    "a list as label": (CLASSES, {"test.jsonl": jsonl({"text": "a", "label": [1, 2]}), "train.jsonl": classes()}, "column 'label' holds list"),
    "one label": (CLASSES, {"test.jsonl": classes(), "train.jsonl": jsonl({"text": "a", "label": 1}, {"text": "b", "label": 1})}, "has the label 1; expected two labels or more"),
    "labels that nobody learns": (CLASSES, {"test.jsonl": jsonl({"text": "a", "label": 7}), "train.jsonl": classes()}, "no label of test (7) is one of train (0, 1)"),
    "labels as text and as numbers": (CLASSES, {"test.jsonl": jsonl({"text": "a", "label": "1"}), "train.jsonl": classes()}, "no label of test ('1') is one of train (0, 1)"),
    # -- pairs, clusters, summaries ---------------------------------------------------------------------------
    "pairs: three labels": (PAIRS, {"test.jsonl": pairs(labels=2)}, "column 'labels' holds 2 in row 6; expected 0 or 1"),
    "pairs: half a label": (PAIRS, {"test.jsonl": pairs(labels=.5)}, "column 'labels' holds 0.5 in row 6"),
    "pairs: minus one": (PAIRS, {"test.jsonl": pairs(labels=-1)}, "column 'labels' holds -1 in row 6"),
    "pairs: yes": (PAIRS, {"test.jsonl": jsonl({"sentence1": "a", "sentence2": "b", "labels": "yes"})}, "column 'labels' holds string"),
    "pairs: all alike": (PAIRS, {"test.jsonl": jsonl({"sentence1": "a", "sentence2": "b", "labels": 1})}, "column 'labels' holds only 1"),
    "pairs: all in one row, uneven": (PAIRS, {"test.jsonl": jsonl({"sentence1": ["a", "b"], "sentence2": ["c", "d"], "labels": [0, 1, 1]})}, "row 1: 'sentence2' has 2 values and 'labels' 3"),
    "clusters: a label missing": (CLUSTERS, {"test.jsonl": clusters(labels=None)}, "column 'labels' holds nothing in row 12"),
    "clusters: a text missing": (CLUSTERS, {"test.jsonl": clusters(sentences=None)}, "column 'sentences' holds nothing in row 12"),
    "clusters: of the old form": (CLUSTERS, {"test.jsonl": sets()}, "column 'sentences' holds list"),
    "old clusters: of the new form": (OLD_CLUSTERS, {"test.jsonl": clusters()}, "column 'sentences' holds string"),
    "old clusters: uneven": (OLD_CLUSTERS, {"test.jsonl": sets(labels=[0, 1])}, "row 2: 'sentences' has 3 values and 'labels' 2"),
    "old clusters: a gap": (OLD_CLUSTERS, {"test.jsonl": sets(sentences=["a", None, "b"])}, "a list with an empty element"),
    "summaries: uneven": (SUMMARIES, {"test.jsonl": summary(relevance=[1])}, "row 2: 'relevance' has 1 values and 'machine_summaries' 2"),
    "summaries: a gap": (SUMMARIES, {"test.jsonl": summary(machine_summaries=["p", None])}, "a list with an empty element"),
    "summaries: no relevance": (SUMMARIES, {"test.jsonl": summary(relevance=[1, None])}, "column 'relevance' holds a list with an empty element"),
    # -- retrieval --------------------------------------------------------------------------------------------
    "search: no corpus": (SEARCH, {"queries.jsonl": jsonl(*QUERIES)}, "is not data of SciFact"),
    "search: no queries": (SEARCH, {"corpus.jsonl": jsonl(*CORPUS)}, "has no queries of SciFact"),
    "search: another split": (SEARCH, {**{k: v for k, v in search().items() if "qrels" not in k}, "qrels/dev.tsv": HEAD + b"q1\td1\t1\n"}, "has no qrels/test of SciFact"),
    "search: an empty corpus": (SEARCH, search(corpus=b""), "corpus.jsonl is empty"),
    "search: no judgements": (SEARCH, search(b""), "test.tsv is empty"),
    "search: an unknown document": (SEARCH, search(b"q1\td1\t1\nq1\tzz\t1\n"), "names documents that corpus.jsonl does not have (1, the first is 'zz')"),
    "search: an unknown query": (SEARCH, search(b"q1\td1\t1\nzz\td1\t1\n"), "names queries that queries.jsonl does not have (1, the first is 'zz')"),
    "search: a document twice": (SEARCH, search(corpus=jsonl(*CORPUS, {**CORPUS[1], "text": "other"})), "the id 'd1' more than once"),
    "search: a query twice": (SEARCH, search(queries=jsonl(*QUERIES, QUERIES[1])), "the id 'q1' more than once"),
    "search: an id as number and text": (SEARCH, search(corpus=jsonl({"_id": 1, "text": "a"}, {"_id": "1", "text": "b"})), "values of several kinds"),
    "search: judged twice": (SEARCH, search(b"q1\td1\t1\nq1\td1\t0\n"), "judges document 'd1' for query 'q1' twice"),
    **{f"search: a grade of {grade}": (SEARCH, search(f"q1\td1\t{grade}\n".encode()), f"is {grade!r}; expected a whole number") for grade in ("high", "nan", "inf", "0.5", "1e400")},
    "search: no grade": (SEARCH, search(b"q1\td1\t\n"), "a row has no score"),
    "search: nothing relevant": (SEARCH, search(b"q1\td1\t0\nq2\td2\t-1\n"), "calls no document relevant"),
    "search: no heading": (SEARCH, search(head=b""), "has no column query-id: expected a heading"),
    "search: as TREC has it": (SEARCH, search(b"q1\t0\td1\t1\nq2\t0\td2\t1\n", head=b""), "has no column query-id"),
    "search: two columns": (SEARCH, search(b"q1\td1\n", head=b"query-id\tcorpus-id\n"), "has no column score"),
    "search: other headings": (SEARCH, search(head=b"doc\tquery\trel\n"), "got doc, query, rel"),
    "search: a text missing": (SEARCH, search(corpus=jsonl(*CORPUS, {"_id": "d9", "text": None})), "column 'text' holds nothing in row 5"),
    "search: a query missing": (SEARCH, search(queries=jsonl(*QUERIES, {"_id": "q9", "text": None})), "queries.jsonl: column 'text' holds nothing"),
    "search: an id missing": (SEARCH, search(corpus=jsonl(*CORPUS, {"_id": None, "text": "a"})), "column '_id' holds nothing in row 5"),
    "search: no ids": (SEARCH, search(corpus=jsonl({"text": "a"})), "no column '_id'"),
    "search: no texts": (SEARCH, search(corpus=jsonl({"_id": "d1", "title": "a"})), "no column 'text'"),
    "search: numbers as texts": (SEARCH, search(corpus=jsonl({"_id": "d1", "text": 5})), "column 'text' holds int64"),
    "search: lists as ids": (SEARCH, search(corpus=jsonl({"_id": [1], "text": "a"})), "column '_id' holds list"),
    "rerank: no candidates": (RERANK, search(), "has no top_ranked/test of SciDocsRR"),
    "rerank: an unknown document": (RERANK, ranked({"query-id": "q1", "corpus-ids": ["d1", "zz"]}, {"query-id": "q2", "corpus-ids": ["d2"]}), "names documents that corpus.jsonl does not have (1, the first is 'zz')"),
    "rerank: a query left out": (RERANK, ranked({"query-id": "q1", "corpus-ids": ["d1"]}), "lacks 1 of the judged queries, the first is 'q2'"),
    "rerank: ids in one text": (RERANK, ranked({"query-id": "q1", "corpus-ids": "d1 d2"}), "query 'q1' has corpus-ids 'd1 d2'; expected a list"),
    "rerank: none for a query": (RERANK, ranked({"query-id": "q1", "corpus-ids": []}), "query 'q1' has corpus-ids '[]'"),
    "rerank: other columns": (RERANK, ranked({"query": "q1", "docs": ["d1"]}), "has no column query-id"),
}

#: Odd, but what it seems to be: (task, files, what the first split then holds).
READ: dict[str, tuple[str, dict[str, bytes], Callable[[Any], Any], Any]] = {
    "a byte order mark": (STS, {"test.jsonl": b"\xef\xbb\xbf" + sts(2)}, lambda d: d["test"]["score"], [0.0, 0.5]),
    "a byte order mark in CSV": (STS, {"test.csv": b"\xef\xbb\xbf" + TRIO + b"c,d,1\n"}, lambda d: d["test"]["sentence1"], ["a", "c"]),
    "CRLF": (STS, {"test.jsonl": sts(2).replace(b"\n", b"\r\n")}, lambda d: d["test"]["sentence2"], ["b 0", "b 1"]),
    "blank lines": (STS, {"test.jsonl": sts(2).replace(b"\n", b"\n\n") + b"\n\n"}, lambda d: d["test"]["score"], [0.0, 0.5]),
    "texts that read as numbers": (STS, {"test.csv": b"sentence1,sentence2,score\n007,1e3,3\n08,nan,1\n"}, lambda d: (d["test"]["sentence1"], d["test"]["sentence2"], d["test"]["score"]), (["007", "08"], ["1e3", "nan"], [3, 1])),
    "a line break in a cell": (STS, {"test.csv": b'sentence1,sentence2,score\n"a\nb",c,3\nd,e,1\n'}, lambda d: d["test"]["sentence1"], ["a\nb", "d"]),
    "a cell of 200,000 characters": (STS, {"test.csv": b"sentence1,sentence2,score\n" + b"x" * 200_000 + b",b,3\nc,d,1\n"}, lambda d: len(d["test"]["sentence1"][0]), 200_000),
    "an empty text": (STS, {"test.jsonl": sts(2, sentence1="")}, lambda d: d["test"]["sentence1"], ["a 0", ""]),
    "control characters": (STS, {"test.jsonl": sts(2, sentence1="\x00\x07\u202e")}, lambda d: d["test"]["sentence1"][1], "\x00\x07\u202e"),
    "columns in another order": (STS, {"test.csv": b"score,sentence2,sentence1,more\n3,b,a,x\n1,d,c,y\n"}, lambda d: d["test"]["sentence1"], ["a", "c"]),
    "words as labels": (CLASSES, {"test.jsonl": jsonl({"text": "a", "label": "x"}), "train.jsonl": jsonl({"text": "a", "label": "x"}, {"text": "b", "label": "y"})}, lambda d: d["train"]["label"], ["x", "y"]),
    "all pairs in one row": (PAIRS, {"test.jsonl": jsonl({"sentence1": ["a", "b"], "sentence2": ["c", "d"], "labels": [0, 1]})}, lambda d: d["test"]["labels"], [[0, 1]]),
    "ids with zeros before": (SEARCH, search(b"q1\t001\t1\n", corpus=jsonl({"_id": "001", "text": "a"}, {"_id": "1", "text": "b"})), lambda d: d["default"]["test"]["relevant_docs"], {"q1": {"001": 1}}),
    "numbers as ids": (SEARCH, search(b"q1\t1\t1.0\n", corpus=jsonl({"_id": 1, "text": "a"})), lambda d: d["default"]["test"]["relevant_docs"], {"q1": {"1": 1}}),
    "columns of qrels in another order": (SEARCH, search(b"d1\t2\tq1\n", head=b"corpus_id\tscore\tquery_id\n"), lambda d: d["default"]["test"]["relevant_docs"], {"q1": {"d1": 2}}),
    "one judgement twice": (SEARCH, search(b"q1\td1\t1\nq1\td1\t1\n"), lambda d: d["default"]["test"]["relevant_docs"], {"q1": {"d1": 1}}),
    "a title missing": (SEARCH, search(b"q1\td1\t1\n", corpus=jsonl({"_id": "d1", "title": None, "text": "a"}, {"_id": "d2", "title": "t", "text": "b"})), lambda d: d["default"]["test"]["corpus"]["title"], ["", "t"]),
}
# fmt: on


def load(name: str, folder: Path) -> Any:
    from mteb.get_tasks import _TASKS_REGISTRY

    task: Any = _TASKS_REGISTRY[name]()
    attach(task, folder)
    task.load_data()
    return task


def place(folder: Path, made: Any) -> None:
    folder.mkdir(parents=True)
    if callable(made):
        made(folder)
        return
    for name, content in made.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path) -> None:
    name, made, expected = REFUSED[case]
    place(tmp_path / name, made)
    with pytest.raises(InputError) as caught:
        load(name, tmp_path / name)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", READ)
def test_read_as_it_stands(case: str, tmp_path: Path) -> None:
    name, made, take, expected = READ[case]
    place(tmp_path / name, made)
    got = take(load(name, tmp_path / name).dataset)
    assert (
        tuple(map(list, got)) if isinstance(expected, tuple) else list(got) if isinstance(expected, list) else got
    ) == expected


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 1 << 16)
    place(tmp_path / STS, {"test.jsonl.gz": gzip.compress(b" " * (1 << 20))})
    with pytest.raises(InputError, match="line 1: has more than 65,536 characters: refused"):
        load(STS, tmp_path / STS)
