"""Variants that differ in their pooling alone: one pass of the decoder, and every vector as each makes it by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compare_runs import differences

from bench import VARIANTS, build_variant, evaluate
from bench.runner.backends.in_process import Loaded
from bench.runner.encoding.shared_pass import Together, in_turn
from bench.runner.grid.jobs import Job, Settings
from bench.runner.grid.models import resolve_models
from bench.runner.grid.tasks import resolve_tasks
from bench.variants.decoder import Decoder
from bench.variants.shared_decoder import build_together

CAUSAL = ["model-1", "mean+causal", "model-3", "last-4-layers+causal", "model-2"]
TEXTS = ["a", "some words of a text " * 6, "b c", "", "x" * 40, "a longer text, with words: and more"] * 2


@pytest.mark.parametrize("names", [CAUSAL, ["model-5", "max+bidirectional", "model-4"], ["echo+causal"]])
def test_every_vector_is_to_the_last_bit_that_of_the_variant_alone(
    tiny_decoder: Callable[[str], Path], names: list[str]
) -> None:
    base = str(tiny_decoder("llama"))
    together, alone = build_together(base, names)
    parts = np.split(together.encode(TEXTS, batch_size=5), len(names), axis=1)
    for name, model, part in zip(names, alone, parts, strict=True):
        expected = build_variant(base, name).encode(TEXTS, batch_size=5)
        np.testing.assert_array_equal(part, expected, err_msg=name)
        np.testing.assert_array_equal(model.encode(TEXTS, batch_size=5), expected, err_msg=name)


def test_variants_of_different_passes_are_not_built_together(tiny_decoder: Callable[[str], Path]) -> None:
    for names in (["model-1", "model-5"], ["mean+causal", "echo+causal"]):
        with pytest.raises(ValueError, match="do not share a pass"):
            build_together(str(tiny_decoder("llama")), names)


def chosen_tasks(mock_tasks: list[Any]) -> list[Any]:
    names = ("MockSTSTask", "MockRetrievalTask")
    return [t for t in mock_tasks if t.metadata.name in names]


def test_a_run_has_one_pass_for_all_and_the_same_files_as_runs_one_by_one(
    tiny_decoder: Callable[[str], Path], mock_tasks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny_decoder("llama")
    tasks = chosen_tasks(mock_tasks)
    rows: list[int] = []
    forward = Decoder._output

    def counted(self: Decoder, given: Any, mask: Any) -> Any:
        rows.append(len(next(iter(given.values()))))
        return forward(self, given, mask)

    monkeypatch.setattr(Decoder, "_output", counted)
    models = [f"{name}@{base}" for name in (*CAUSAL[:3], "model-5")]
    run = evaluate(models, tasks, output=tmp_path / "together")
    together = sum(rows)
    assert run.exit_status == 0, str(run)
    assert [o.job.model.name for o in run.outcomes[:: len(tasks)]] == [f"embsig/{m.split('/')[0].split('@')[0]}@llama" for m in models]  # fmt: skip
    rows.clear()
    for model in models:
        evaluate(model, tasks, output=tmp_path / "apart")
    # Two attentions, so two passes in place of four; the probes of the attention are some rows more.
    assert together < 0.6 * sum(rows)
    differing = differences(tmp_path / "together", tmp_path / "apart")
    assert differing == ["manifest.json"]  # which lists the models of the last call


def test_nothing_is_shared_where_the_vectors_would_not_be_kept(
    tiny_decoder: Callable[[str], Path], mock_tasks: list[Any]
) -> None:
    specs = resolve_models([f"{name}@{tiny_decoder('llama')}" for name in CAUSAL])
    jobs = [Job(spec, task) for spec in specs for task in resolve_tasks(chosen_tasks(mock_tasks))]
    assert all(turn.sharing == () for turn in in_turn(jobs, Settings(cache_bytes=0)))
    assert all(turn.sharing == () for turn in in_turn(jobs, Settings(devices=("cpu", "cpu"))))
    turns = list(in_turn(jobs, Settings()))
    assert {turn.job for turn in turns} == set(jobs)
    assert [turn.job.task for turn in turns[:6]] == [jobs[0].task] * 5 + [jobs[1].task]
    assert [len(turn.ahead) for turn in turns[:6]] == [4, 3, 2, 1, 0, 4]
    small = Together(specs, Settings(cache_bytes=4 * 32 * len(specs) * 3))
    small.ahead = specs
    asking = small.members[specs[0]]
    assert small.encode(asking, ["a", "b", "c"], None, None) is not None
    assert small.encode(asking, ["a", "b", "c", "d"], None, None) is None
    small.ahead = ()
    assert small.encode(asking, ["a"], None, None) is None


def test_a_head_that_cannot_be_built_fails_alone(
    tiny_decoder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench import register_variant

    def broken(shape: Any) -> Any:
        raise RuntimeError("no such head")

    register_variant("broken", pooling=type("Broken", (), {"__new__": lambda cls, shape: broken(shape)}))
    try:
        base = tiny_decoder("llama")
        specs = tuple(resolve_models([f"model-1@{base}", f"broken@{base}"]))
        loaded = Loaded(Settings())
        (task, *_) = resolve_tasks(["STSBenchmark"])
        loaded.share(specs, specs[1:])
        assert loaded.get(Job(specs[0], task)).model is not None
        with pytest.raises(Exception, match=r"broken.* cannot be loaded: RuntimeError: no such head"):
            loaded.get(Job(specs[1], task))
    finally:
        from bench import POOLINGS

        VARIANTS.pop("broken")
        POOLINGS.pop("broken")
