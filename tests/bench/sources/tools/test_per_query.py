"""Measures per query as JSON, a file a model, in both nestings; and what is no such thing."""

import json
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import ttest_rel

from bench.sources.tools.per_query import is_per_query
from bench.sources.tools.registry import Asked, read_tool
from stats import Samples, compare
from stats.common.errors import InputError

VALUES = {"bm25": [0.1, 0.4, 0.0, 0.7, 0.3, 0.2], "dense": [0.3, 0.5, 0.2, 0.6, 0.9, 0.4]}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for model, values in VALUES.items():
        content = {f"q{i}": {"ndcg_cut_10": v, "recip_rank": v / 2} for i, v in enumerate(values)}
        (tmp_path / f"{model}.json").write_text(json.dumps(content))
    return sorted(tmp_path.glob("*.json"))


def _read(paths: list[Path], **asked: Any) -> Samples:
    long = read_tool(paths, Asked(**asked))
    assert long is not None
    found = long.scores("files")
    assert isinstance(found, Samples)
    return found


def test_queries_are_compared_by_the_measure_that_is_named(files: list[Path]) -> None:
    samples = _read(files, metric=("ndcg_cut_10",))
    assert samples.items().table.to_dict("list") == VALUES
    found = compare(samples, test="paired-t", correction="none", rng=0)
    assert found.pairs["pvalue"].iloc[0] == pytest.approx(ttest_rel(VALUES["bm25"], VALUES["dense"]).pvalue, rel=1e-9)
    assert found.method["units"] == "queries"
    with pytest.raises(InputError, match=r"has 2 metrics \(ndcg_cut_10; recip_rank\): name one, --metric ndcg_cut_10"):
        _read(files)


def test_measures_outside_say_the_same(files: list[Path]) -> None:
    for path, values in zip(files, VALUES.values(), strict=True):
        path.write_text(json.dumps({"NDCG@10": {f"q{i}": v for i, v in enumerate(values)}}))
    assert _read(files).items().table.to_dict("list") == VALUES


def test_one_file_alone_may_be_a_table_of_models(files: list[Path]) -> None:
    assert read_tool(files[:1], Asked()) is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"a": 1},
        {"q": {}},
        {"q": {"ndcg": "x"}},
        {"q": {"ndcg": True}},
        {"e5": {"STS12": 0.5}},
        {"q": {"ndcg": 1, "x": 2}},
    ],
)
def test_what_is_not_per_query(content: Any) -> None:
    assert not is_per_query(content)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = []
    for model, values in VALUES.items():
        (tmp_path / model).mkdir()
        paths.append(tmp_path / model / "scores.json")
        paths[-1].write_text(json.dumps({f"q{i}": {"map": v} for i, v in enumerate(values)}))
    assert set(_read(paths).models) == {"bm25/scores", "dense/scores"}


def test_a_file_that_is_cut_off_is_one_line(files: list[Path]) -> None:
    third = files[0].with_name("hybrid.json")
    third.write_text(files[0].read_text()[:-7])
    with pytest.raises(
        InputError, match=r"hybrid\.json is not a result of a measure per query, as .*bm25\.json is"
    ) as caught:
        _read([*files, third])
    assert "\n" not in str(caught.value)
