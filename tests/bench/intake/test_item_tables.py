"""Tables with a row a query, item or document, in every layout that is met: Samples, called what they are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from bench import read
from stats import Samples, Scores, compare
from stats.common.errors import InputError

RNG = np.random.default_rng(5)
NAMES = [f"Q{i}" for i in range(24)]
WIDE = pd.DataFrame(RNG.beta(2, 2, (24, 3)).round(4), columns=["bm25", "dense", "hybrid"], index=NAMES)
LONG = WIDE.rename_axis("query_id").reset_index().melt(id_vars="query_id", var_name="model", value_name="score")
TRUE = WIDE.to_dict()


def _csv(frame: pd.DataFrame, **how: Any) -> Callable[[Path], list[Path]]:
    def write(folder: Path) -> list[Path]:
        path = folder / "scores.csv"
        frame.to_csv(path, index=False, **how)
        return [path]

    return write


def _parquet(frame: pd.DataFrame) -> Callable[[Path], list[Path]]:
    def write(folder: Path) -> list[Path]:
        frame.to_parquet(folder / "scores.parquet")
        return [folder / "scores.parquet"]

    return write


def _lines(folder: Path) -> list[Path]:
    path = folder / "scores.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in LONG.to_dict("records")))
    return [path]


def _one_a_model(folder: Path) -> list[Path]:
    paths = []
    for model in WIDE:
        paths.append(folder / f"{model}.csv")
        WIDE[[model]].set_axis(["ndcg@10"], axis=1).rename_axis("qid").reset_index().to_csv(paths[-1], index=False)
    return paths


def _headed(heading: str) -> pd.DataFrame:
    return WIDE.rename_axis(heading).reset_index()


LAYOUTS: dict[str, tuple[Callable[[Path], list[Path]], str]] = {
    "long": (_csv(LONG), "query"),
    "long, other words": (_csv(LONG.set_axis(["Topic", "System", "nDCG@10"], axis=1)), "query"),
    "long, semicolons": (_csv(LONG, sep=";"), "query"),
    "long, with a data set": (_csv(LONG.assign(dataset="SciFact")), "query"),
    "long, with texts": (_csv(LONG.assign(answer="some text")), "query"),
    "long, one metric of one": (_csv(LONG.assign(metric="ndcg")), "query"),
    "long, in Parquet": (_parquet(LONG), "query"),
    "long, in JSON lines": (_lines, "query"),
    "wide": (_csv(_headed("query")), "query"),
    "wide, items": (_csv(_headed("item_id")), "item"),
    "wide, documents": (_csv(_headed("Document")), "document"),
    "wide, samples": (_csv(_headed("sample")), "item"),
    "wide, in Parquet": (_parquet(_headed("qid")), "query"),
    "wide, numbered rows headed as tasks": (_csv(_headed("task")), "query"),
    "wide, with the mean of all": (
        _csv(pd.concat([_headed("query"), pd.DataFrame([{"query": "all", **WIDE.mean().round(4)}])])),
        "query",
    ),
    "one file a model": (_one_a_model, "query"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_samples(tmp_path: Path, layout: str) -> None:
    write, unit = LAYOUTS[layout]
    paths = write(tmp_path)
    found = read(paths if len(paths) > 1 else paths[0])
    assert isinstance(found, Samples)
    items = found.items()
    assert items.table.to_dict() == TRUE
    assert items.unit == unit
    assert found.provenance["read"]["sentence"].startswith(
        f"read as a table of {'queries' if unit == 'query' else unit + 's'}: 24 "
    )


def test_frames_are_read_as_files_are() -> None:
    for frame in (LONG, WIDE.rename_axis("query"), _headed("query")):
        found = read(frame)
        assert isinstance(found, Samples)
        assert found.items().table.to_dict() == TRUE


def test_the_mean_of_all_is_set_aside_by_arithmetic_alone(tmp_path: Path) -> None:
    found = read(LAYOUTS["wide, with the mean of all"][0](tmp_path)[0])
    assert found.provenance["read"]["set_aside"] == {"row all": "the mean of the others"}
    odd = pd.concat([_headed("query"), pd.DataFrame([{"query": "all", "bm25": 0.1, "dense": 0.9, "hybrid": 0.1}])])
    with pytest.raises(InputError, match=r"is 'all' a query, or a row over all of them\? rename or remove it"):
        read(_csv(odd)(tmp_path)[0])


@pytest.mark.parametrize("words", [("0", "1"), ("False", "True"), ("FALSE", "TRUE")])
def test_right_and_wrong_in_any_words_give_mcnemars_exact_p(tmp_path: Path, words: tuple[str, str]) -> None:
    base, tuned = [0] * 19 + [1] * 5 + [1] * 120 + [0] * 76, [1] * 19 + [0] * 5 + [1] * 120 + [0] * 76
    rows = [f"doc{i},{words[a]},{words[b]}" for i, (a, b) in enumerate(zip(base, tuned, strict=True))]
    path = tmp_path / "docs.csv"
    path.write_text("\n".join(["task,base,tuned", *rows]))
    found = compare(read(path), rng=0)
    assert found.pairs["pvalue"].iloc[0] == pytest.approx(mcnemar([[120, 5], [19, 76]], exact=True).pvalue, rel=1e-9)
    assert found.method["units"] == "documents"
    assert not found.warnings


def test_runs_of_an_item_are_averaged_and_it_is_said(tmp_path: Path) -> None:
    both = pd.concat([LONG.assign(seed=0), LONG.assign(seed=1, score=LONG["score"] / 2)])
    found = read(_csv(both)(tmp_path)[0])
    assert isinstance(found, Samples)
    assert np.allclose(found.items().table, WIDE * 0.75)
    assert "a query's score is its mean over 2 runs" in found.provenance["read"]["notes"]


def test_several_data_sets_are_several_tasks(tmp_path: Path) -> None:
    both = pd.concat([LONG.assign(dataset=d) for d in ("SciFact", "NFCorpus")])
    found = read(_csv(both)(tmp_path)[0])
    assert isinstance(found, Samples)
    assert found.tasks == ["SciFact", "NFCorpus"]


def test_of_several_measures_one_is_asked_for(tmp_path: Path) -> None:
    path = _csv(LONG.rename(columns={"score": "ndcg"}).assign(map=0.5))(tmp_path)[0]
    with pytest.raises(InputError, match=r"task 'all' has 2 metrics \(ndcg; map\): name one, --metric ndcg"):
        read(path)
    found = read(path, metric="ndcg")
    assert isinstance(found, Samples)
    assert found.items().table.to_dict() == TRUE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("query,a,b\nq1,0.1,good\nq2,0.2,0.3\nq3,0.2,0.3\n", "query 'q1', 'b' holds 'good', which is not a number"),
        ("query,model,score\nq1,a,0.1\nq1,a,0.2\n", "model 'a' has several scores of query 'q1'"),
        ("query,model,score\nq1,a,good\nq1,b,bad\n", "query 'q1', 'score' holds 'good', which is not a number"),
        ("query,model,answer\nq1,a,good\nq1,b,bad\n", "has no column of scores beside 'query', 'model' and 'answer'"),
        ("query,model,score\nq1,a,0.1\nq2,b,inf\n", "infinite"),
    ],
)
def test_odd_tables_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        compare(read(path), rng=0)
    assert "\n" not in str(caught.value)


def test_other_items_on_both_sides_are_one_line(tmp_path: Path) -> None:
    other = LONG.assign(query_id=[f"{m}{q}" for m, q in zip(LONG["model"], LONG["query_id"], strict=True)])
    with pytest.raises(InputError, match="has a score on all 72 queries, nor has any query one of all of them"):
        compare(read(_csv(other)(tmp_path)[0]), rng=0)


def test_a_table_of_tasks_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("task,a,b\nSTS12,0.1,0.2\nSTS13,0.3,0.4\n")
    assert isinstance(read(path), Scores)
    path.write_text("task,a,b\n" + "".join(f"q{i},0.{i},0.2\n" for i in range(4)))  # too few to be called queries
    assert isinstance(read(path), Scores)


# -- items that belong together --------------------------------------------------------------------------------------


def _clustered(heading: str) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"item": range(40), heading: [f"p{i // 5}" for i in range(40)]})
    return frame.assign(bert=(rng.random(40) < 0.4) * 1, e5=(rng.random(40) < 0.7) * 1)


@pytest.mark.parametrize("heading", ["group", "cluster", "cluster_id"])
def test_items_of_one_group_are_one_unit(tmp_path, heading):
    frame = _clustered(heading)
    frame.to_csv(tmp_path / "s.csv", index=False)
    read_ = read(tmp_path / "s.csv")
    found = compare(read_, test="paired-t", rng=0)
    assert (found.n_tasks, found.method.n_units) == (40, 8)
    flips = compare(read_, test="sign-flip", rng=0).pairs.iloc[0]
    sums = (frame["bert"] - frame["e5"]).groupby(frame[heading]).sum().to_numpy()
    signs = np.array(np.meshgrid(*[[1, -1]] * len(sums))).reshape(len(sums), -1)  # every sign of every group
    assert flips["pvalue"] == pytest.approx((np.abs(sums @ signs) >= abs(sums.sum()) - 1e-9).mean())
    said = " ".join(compare(read_, rng=0).conclusions)
    assert "The 40 items count as 8 units: items of one group move together" in said
    assert "McNemar" not in said
    alone = compare(read_, groups="none", rng=0)
    assert alone.method.n_units == 40
    assert "McNemar" in " ".join(alone.conclusions)


def test_a_column_in_which_items_have_one_name_is_proposed_as_their_group(tmp_path):
    _clustered("passage").to_csv(tmp_path / "s.csv", index=False)
    assert (
        "if items of one passage belong together, head that column 'group'"
        in read(tmp_path / "s.csv").provenance["read"]["sentence"]
    )


def test_weights_are_no_model(tmp_path):
    (tmp_path / "s.csv").write_text("task,weight,a,b\nx,.1,.5,.4\ny,.2,.6,.5\nz,.3,.7,.5\n")
    assert read(tmp_path / "s.csv").models == ["a", "b"]
