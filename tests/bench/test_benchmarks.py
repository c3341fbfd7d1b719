"""The definitions of MTEB's benchmarks, and whether the installed mteb agrees with them."""

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from bench import families
from bench.sources.definitions import DATA_FILE, Definitions, load
from bench.sources.task_groups import Source, task_groups
from bench.task_families import metric_range
from stats.common.errors import InputError


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load()


def test_the_file_is_small() -> None:
    assert DATA_FILE.stat().st_size < 400_000


def test_the_second_english_benchmark(definitions: Definitions) -> None:
    tasks = {t.name: t for t in definitions.benchmark("MTEB(eng, v2)")}
    assert len(tasks) == 41
    assert pd.Series([t.family for t in tasks.values()]).value_counts().to_dict() == {
        "Retrieval": 10, "STS": 9, "Classification": 8, "Clustering": 8, "PairClassification": 3, "Reranking": 2,
        "Summarization": 1,
    }  # fmt: skip
    assert tasks["STS22.v2"].subsets == ("en",)
    assert tasks["STS17"].pairs == [("test", "en-en")]
    assert tasks["STS17"].n_samples == 250
    assert tasks["SciFact" if "SciFact" in tasks else "ArguAna"].n_samples == 1406  # queries, not documents
    assert tasks["MassiveIntentClassification"].all_languages == ("eng-Latn",)
    assert tasks["FEVERHardNegatives"].n_samples == 1000


def test_aggregates_know_their_parts(definitions: Definitions) -> None:
    aggregate = next(t for t in definitions.benchmark("MTEB(eng, v1)") if t.parts)
    assert aggregate.name == "CQADupstackRetrieval"
    assert len(aggregate.parts) == 12
    assert aggregate.pairs == [("test", "default")]


def test_a_task_of_all_pairs_of_languages_is_unfolded(definitions: Definitions) -> None:
    flores = definitions.task("FloresBitextMining")
    assert flores is not None
    assert len(flores.subsets) == 204 * 203
    assert flores.languages["ace_Arab-deu_Latn"] == ("ace-Arab", "deu-Latn")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MTEB(eng, v2)", "MTEB(eng, v2)"),
        ("mteb(ENG,v2)", "MTEB(eng, v2)"),
        ("eng v2", "MTEB(eng, v2)"),
        ("MTEB(eng)", "MTEB(eng, v2)"),
        ("MTEB(eng, classic)", "MTEB(eng, v1)"),
        ("MTEB", "MTEB(eng, v1)"),
        ("beir", "BEIR"),
    ],
)
def test_names_and_aliases(name: str, meant: str, definitions: Definitions) -> None:
    assert definitions.benchmark_name(name) == meant


@pytest.mark.parametrize("name", ["MTEB(eng, v9)", "", "()", "MTEB(englisch, v2)"])
def test_an_unknown_benchmark_is_one_line_with_the_nearest_names(name: str, definitions: Definitions) -> None:
    with pytest.raises(InputError, match="unknown benchmark") as error:
        definitions.benchmark(name)
    assert "\n" not in str(error.value)
    if len(name) > 2:
        assert "MTEB(eng, v2)" in str(error.value)


def test_what_models_were_trained_on(definitions: Definitions) -> None:
    seen = definitions.trained_on("codefuse-ai/F2LLM-4B")
    assert seen is not None
    assert "BiorxivClusteringP2P.v2" in seen
    assert definitions.trained_on("nobody/nothing") is None


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", gzip.compress(b"no json", mtime=0), gzip.compress(b'{"format": 0}', mtime=0)]
)
def test_a_damaged_file_says_to_reinstall(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.json.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="reinstall embsig"):
        load(path)


def test_groups_of_the_second_english_benchmark(definitions: Definitions) -> None:
    groups: dict[str, set[str]] = {}
    tasks = definitions.benchmark("MTEB(eng, v2)")
    for task in tasks:
        groups.setdefault(task.group or task.name, set()).add(task.name)
    shared = {frozenset(names) for names in groups.values() if len(names) > 1}
    assert shared == {
        frozenset({"ArXivHierarchicalClusteringP2P", "ArXivHierarchicalClusteringS2S"}),
        frozenset({"CQADupstackGamingRetrieval", "CQADupstackUnixRetrieval"}),
        frozenset({"MassiveIntentClassification", "MassiveScenarioClassification"}),
        frozenset({"MedrxivClusteringP2P.v2", "MedrxivClusteringS2S.v2"}),
        frozenset({"STS12", "STS13", "STS14", "STS15", "STS17", "STSBenchmark"}),
        frozenset({"StackExchangeClustering.v2", "StackExchangeClusteringP2P.v2"}),
    }


def test_groups_join_paths_origins_parts_and_twins() -> None:
    def source(path: str, *made_from: str, parts: tuple[str, ...] = ()) -> Source:
        return Source(path, made_from, parts)

    found = task_groups(
        {
            "NewsS2S": source("a"),
            "NewsP2P": source("b"),
            "Same": source("c"),
            "SamePath": source("c"),
            "Old": source("d"),
            "Old.v2": source("e", "Old"),
            "Sum": source("f", parts=("Part1", "Part2")),
            "Part1": source("g"),
            "Part2": source("h"),
            "Alone": source("i"),
            "BRIGHT1": source("mteb/BRIGHT"),
            "BRIGHT2": source("mteb/BRIGHT"),
        }
    )
    joined = [{n for n in found if found[n] == g} for g in dict.fromkeys(found.values())]
    assert sorted(map(sorted, joined)) == [
        ["NewsP2P", "NewsS2S"], ["Old", "Old.v2"], ["Part1", "Part2", "Sum"], ["Same", "SamePath"],
    ]  # fmt: skip


def test_families() -> None:
    table = families()
    assert {
        "Classification",
        "Clustering",
        "PairClassification",
        "Reranking",
        "Retrieval",
        "STS",
        "Summarization",
    } <= set(table.index)
    assert table.loc["Retrieval", ["metric", "low", "high"]].tolist() == ["ndcg_at_10", 0.0, 1.0]
    assert table.loc["STS", ["metric", "low", "high"]].tolist() == ["cosine_spearman", -1.0, 1.0]
    assert (table["asks"] != "").all()
    table.loc["STS", "low"] = np.nan
    assert families().loc["STS", "low"] == -1.0  # a copy


def test_metric_ranges() -> None:
    assert metric_range("accuracy") == (0.0, 1.0)
    assert metric_range("p-MRR") == (-1.0, 1.0)
    assert metric_range("avg_words_per_sec") == (0.0, math.inf)


def test_the_installed_mteb_agrees(definitions: Definitions) -> None:
    """When this fails after an update of mteb: python -m bench.sources.make_benchmarks, and look at the difference."""
    mteb = pytest.importorskip("mteb")
    from bench.sources.make_benchmarks import collect

    if mteb.__version__ != definitions.mteb_version:
        pytest.skip(f"definitions are of mteb {definitions.mteb_version}, installed is {mteb.__version__}")
    theirs = orjson.loads(orjson.dumps(collect()))
    ours: dict[str, Any] = orjson.loads(gzip.decompress(DATA_FILE.read_bytes()))
    for part in ("benchmarks", "tasks", "models", "trained_on"):
        assert theirs[part].keys() == ours[part].keys()
        differing = [name for name in ours[part] if ours[part][name] != theirs[part][name]]
        assert differing == []
    assert theirs == ours
