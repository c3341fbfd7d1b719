"""TREC runs: ir_measures' own per-query values, scipy's own p, and one line for whatever is wrong."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_rel

from bench.sources.tools.registry import Asked, read_tool
from bench.sources.tools.trec import read_runs
from bench.sources.tools.trec_files import is_run
from stats import Samples, compare
from stats.common.errors import InputError

ir_measures = pytest.importorskip("ir_measures")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs on 25 judged queries, of which one run lacks two; one query is not judged."""
    rng = np.random.default_rng(7)
    judged, relevant = [], {}
    for q in range(25):
        relevant[q] = rng.choice(40, size=4, replace=False).tolist()
        judged += [f"{q} 0 d{d} {1 + q % 2}" for d in relevant[q]]
    (tmp_path / "qrels.txt").write_text("\n".join(judged) + "\n")
    for name, lift in (("bm25", 0.0), ("dense", 0.8), ("hybrid", 1.2)):
        lines = []
        for q in range(26):
            if name == "hybrid" and q in (3, 9):
                continue
            scores = rng.normal(size=40)
            scores[relevant.get(q, [])] += lift
            lines += [f"{q} Q0 d{d} {r} {scores[d]:.6f} {name}" for r, d in enumerate(np.argsort(-scores)[:20], 1)]
        (tmp_path / f"run_{name}.trec").write_text("\n".join(lines) + "\n")
    return tmp_path


def _runs(folder: Path) -> list[Path]:
    return sorted(folder.glob("run_*.trec"))


@pytest.mark.parametrize(
    "measure", ["nDCG@10", "AP", "RR@5", "R@20", "P(rel=2)@5", "Success@1", "Judged@10", "ndcg_cut_10"]
)
def test_the_values_of_every_query_are_those_of_ir_measures(folder: Path, measure: str) -> None:
    found = read_runs(_runs(folder), folder / "qrels.txt", measure).frame
    asked = ir_measures.nDCG @ 10 if measure.startswith("ndcg") else ir_measures.parse_measure(measure)
    judged = list(ir_measures.read_trec_qrels(str(folder / "qrels.txt")))
    for path in _runs(folder):
        expected = {
            m.query_id: m.value for m in ir_measures.iter_calc([asked], judged, ir_measures.read_trec_run(str(path)))
        }
        name = path.stem.removeprefix("run_")
        assert found[found["model"] == name].set_index("sample")["score"].to_dict() == expected
        assert len(expected) == 25


def test_the_p_values_are_those_of_a_paired_test_by_scipy(folder: Path) -> None:
    long = read_tool([folder], Asked(qrels=folder / "qrels.txt", measure="nDCG@10"))
    assert long is not None
    samples = long.scores("runs")
    assert isinstance(samples, Samples)
    table = samples.items().table
    for row in compare(samples, test="paired-t", correction="none", rng=0).pairs.to_dict("records"):
        assert row["pvalue"] == pytest.approx(ttest_rel(table[row["model_a"]], table[row["model_b"]]).pvalue, rel=1e-9)
        assert row["n"] == 25


def test_queries_that_a_run_lacks_count_0_or_are_left_out_of_all_and_it_is_said(folder: Path) -> None:
    zero = read_runs(_runs(folder), folder / "qrels.txt")
    lacking = zero.frame.query("model == 'hybrid' and sample in ['3', '9']")
    assert lacking["score"].tolist() == [0, 0]
    assert zero.notes[0].startswith(
        "hybrid lacks 2 of 25 judged queries (3 and 9): they count 0 (--missing-queries drop"
    )
    assert zero.notes[1] == "1 query without judgements left out (25)"
    drop = read_runs(_runs(folder), folder / "qrels.txt", missing_queries="drop")
    assert drop.frame.groupby("model")["sample"].nunique().tolist() == [23, 23, 23]
    assert "left out of all runs" in drop.notes[0]
    both = zero.frame.merge(drop.frame, on=["model", "sample"])
    assert (both["score_x"] == both["score_y"]).all()


def test_runs_are_called_by_their_tags_or_else_by_their_files(folder: Path) -> None:
    assert set(read_runs(_runs(folder), folder / "qrels.txt").frame["model"]) == {"bm25", "dense", "hybrid"}
    for path in _runs(folder):
        path.write_text("\n".join(line.rpartition(" ")[0] + " Anserini" for line in path.read_text().splitlines()))
    assert set(read_runs(_runs(folder), folder / "qrels.txt").frame["model"]) == {"run_bm25", "run_dense", "run_hybrid"}


def test_beirs_judgements_compressed_runs_and_json_say_the_same(folder: Path) -> None:
    expected = read_runs(_runs(folder), folder / "qrels.txt").frame
    rows = [line.split() for line in (folder / "qrels.txt").read_text().splitlines()]
    beir = folder / "test.tsv"
    beir.write_text("query-id\tcorpus-id\tscore\n" + "\n".join(f"{q}\t{d}\t{r}" for q, _, d, r in rows))
    as_json: dict[str, dict[str, int]] = {}
    for q, _, d, r in rows:
        as_json.setdefault(q, {})[d] = int(r)
    (folder / "q.json").write_text(json.dumps(as_json))
    packed = []
    for path in _runs(folder):
        packed.append(folder / f"{path.name}.gz")
        packed[-1].write_bytes(gzip.compress(path.read_bytes()))
    for judgements in (beir, folder / "q.json"):
        found = read_runs(packed, judgements).frame
        assert found["score"].tolist() == expected["score"].tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t[:-9], r"line \d+: .* is not a line of a TREC run; expected query, Q0, document, rank, score, tag"),
        (lambda t: t.replace("Q0", "Q0 x", 1), "line 1: .*not a line of a TREC run"),
        (lambda t: t + t.splitlines()[0], "document 'd[0-9]+' is listed twice for query '0'; keep one"),
        (lambda t: "", "is empty: expected a TREC run"),
        (lambda t: t.replace("0 Q0 ", "z0 Q0 ", 1).splitlines()[0], r"none of its 1 queries \(z0\) is judged in"),
        (lambda t: "0 Q0 d1 1 nan t", "not a line of a TREC run"),
    ],
)
def test_damaged_runs_are_one_line(folder: Path, change, message: str) -> None:
    path = _runs(folder)[0]
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=message) as caught:
        read_runs(_runs(folder), folder / "qrels.txt")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("nDGC@10", "measure 'nDGC@10': measure not found: nDGC; expected one such as nDCG@10"),
        ("P", "measure 'P': it needs a cutoff; expected one such as"),
        ("nDCG@10; import os", "measure 'nDCG@10; import os'"),
        ("nDCG(dcg=3)@10", "measure 'nDCG"),
    ],
)
def test_measures_that_are_none_are_one_line(folder: Path, measure: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_runs(_runs(folder), folder / "qrels.txt", measure)


def test_what_is_missing_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        InputError,
        match=r"run_bm25.trec is a TREC run: give the judgements it is scored by, --qrels FILE --measure nDCG@10",
    ):
        read_tool([folder], Asked())
    with pytest.raises(InputError, match=r"--qrels .*nowhere: no such file"):
        read_tool([folder], Asked(qrels=folder / "nowhere"))
    (folder / "bad.txt").write_text("1 0 d1 1\n1 0 d2 high\n")
    with pytest.raises(
        InputError, match=r"bad.txt, line 2: '1 0 d2 high' is not a judgement; expected query, 0, document, relevance"
    ):
        read_runs(_runs(folder), folder / "bad.txt")
    monkeypatch.setitem(__import__("sys").modules, "ir_measures", None)
    with pytest.raises(InputError, match=r"pip install 'embsig\[retrieval\]'"):
        read_runs(_runs(folder), folder / "qrels.txt")


def test_what_looks_like_a_run() -> None:
    assert is_run(b"q1 Q0 d1 1 2.5 bm25\nq1 ...")
    assert is_run(b"q1\tQ0\td1\t1\t2.5e-3\tbm25")
    for other in (b"task,a,b", b"1 0 d1 1", b"a b c d e f", b"", b"{"):
        assert not is_run(other)
