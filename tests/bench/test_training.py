"""Training: recipes, the run itself, its resumption, and two processes for one."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import VARIANTS, build_variant, load_model, train, train_series
from bench.training._train import Trained
from bench.training.recipe import PRESETS, make_recipe
from bench.training.triples import read_triples
from stats.common.errors import InputError

#: A run of a second.
QUICK = {
    "preset": "embedded",
    "steps": 6,
    "batch_size": 16,
    "max_length": 32,
    "checkpoint_every": 0,
    "held_out": 10,
    "precision": "fp32",
}
TEXTS = ["cat and dog, number 3", "snow", ""]


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_first_dimensions_trained_to_stand_alone(tiny_decoder, triples_file, tmp_path):
    """The loss is the sum over the widths, so it is larger than that of the whole alone; a width that is none is refused."""
    whole = train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "a", **QUICK)
    both = train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "b", matryoshka="8,4", **QUICK)
    assert both.loss > 1.5 * whole.loss
    assert both.manifest["recipe"]["matryoshka"] == "8,4"
    assert "matryoshka" not in whole.manifest["recipe"]
    assert make_recipe("default", matryoshka=8).widths == [8]
    with pytest.raises(InputError, match="dimensions; give smaller widths"):
        train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "c", matryoshka="4096", **QUICK)
    with pytest.raises(InputError, match="give widths such as"):
        make_recipe("default", matryoshka="8;4")


def test_other_numbers_are_another_run(tiny_decoder, triples_file, tmp_path):
    """A run in bfloat16, or by another attention implementation, is not gone on with in float32."""
    train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "m", dtype="bfloat16", **QUICK)
    with pytest.raises(InputError, match="holds another run"):
        train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "m", **QUICK)
    with pytest.raises(InputError, match="holds another run"):
        train(
            tiny_decoder("llama"),
            "mean+causal",
            triples_file,
            tmp_path / "m",
            dtype="bfloat16",
            attn_implementation="eager",
            **QUICK,
        )


def test_presets_say_what_they_contrast():
    paper = PRESETS["paper"]
    assert (paper.lora_rank, paper.lora_alpha, paper.lora_dropout, paper.scale) == (16, 32, 0.1, 20)
    assert (paper.learning_rate, paper.warmup_steps, paper.steps, paper.weight_decay, paper.max_length) == (
        1e-5,
        100,
        1000,
        0.01,
        1024,
    )
    assert (
        paper.contrast(1)
        == "each query against 8 positives and 8 hard negatives (one of the 16 is right); 256 such batches per update"
    )
    assert (
        PRESETS["default"].contrast(1)
        == "each query against 2048 positives and 2048 hard negatives (one of the 4096 is right)"
    )
    assert paper.batch_size * paper.accumulation == PRESETS["default"].batch_size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "papper"}, "did you mean 'paper'"),
        ({"preset": "paper", "step": 3}, "did you mean 'steps'"),
        ({"preset": "paper", "steps": 0}, "steps=0"),
        ({"preset": "paper", "steps": 1.5}, "a whole number"),
        ({"preset": "paper", "precision": "fp8"}, "expected one of bf16, fp32"),
        ({"preset": "paper", "fidelity": "sane"}, "expected one of paper, default, embedded"),
        ({"preset": "paper", "gradient_checkpointing": "yes"}, "give true or false"),
    ],
)
def test_bad_recipes_get_one_line(options, message):
    with pytest.raises(InputError, match=message):
        make_recipe(**options)


@pytest.mark.parametrize("architecture", ["mistral", "llama", "qwen2", "qwen3", "gemma"])
def test_trains_saves_and_reloads_to_the_same_vectors(tiny_decoder, triples_file, tmp_path, architecture):
    from safetensors.torch import load_file

    reports = []
    before = (tiny_decoder(architecture) / "model.safetensors").read_bytes()
    done = train(
        tiny_decoder(architecture),
        "model-5",
        triples_file,
        tmp_path / "m",
        progress=reports.append,
        **{**QUICK, "steps": 12},
    )
    assert isinstance(done, Trained)
    messages = [str(report) for report in reports if report.message]
    assert messages[0].startswith("base 36,384 parameters (frozen), adapter 12,288, head ") or architecture != "qwen2"
    reports = [report for report in reports if not report.message]
    assert done.loss < reports[0].loss
    assert math.isfinite(done.held_out_loss)
    assert reports[-1].held_out_loss is not None
    assert reports[0].tokens_per_second > 0
    assert (tiny_decoder(architecture) / "model.safetensors").read_bytes() == before
    model = load_model(done.path)
    model.save(str(tmp_path / "again"), create_model_card=False)
    assert abs(model.encode(TEXTS) - load_model(tmp_path / "again").encode(TEXTS)).max() < 1e-6
    adapter = load_file(done.path / "adapter_model.safetensors")
    layers = {name.rsplit(".lora_", 1)[0].rsplit(".", 1)[-1] for name in adapter}
    assert layers == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    assert {str(tensor.dtype) for tensor in adapter.values()} == {"torch.float16"}
    assert max(float(t.abs().max()) for name, t in adapter.items() if "lora_B" in name) > 0, (
        "the adapter was not trained"
    )
    assert done.parameters["adapter"] == sum(tensor.numel() for tensor in adapter.values())
    assert not list(done.path.rglob("*.bin"))
    assert not (done.path / "checkpoints").exists()


def test_manifest_tells_everything_and_no_run_is_made_twice(tiny_decoder, triples_file, tmp_path):
    done = train(
        tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", prompts={"query": "find: "}, seed=5, **QUICK
    )
    manifest = json.loads((done.path / "manifest.json").read_text())
    assert manifest == done.manifest
    assert manifest["variant"] == {
        "name": "model-1",
        "attention": "causal",
        "pooling": "eos",
        "source": "tokens",
        "echo": False,
    }
    assert manifest["seed"] == 5
    assert manifest["data"]["sha256"] == read_triples(triples_file).sha256
    assert manifest["data"]["held_out"] == 10
    assert {"torch", "transformers", "sentence-transformers", "peft", "python", "embsig"} <= set(manifest["versions"])
    assert manifest["head"] == {"latents": 16, "heads": 4, "head_dim": 32, "ff_mult": 1.0}
    assert manifest["contrast"].startswith("each query against 16 positives and 16 hard negatives")
    assert set(manifest["files"]) >= {"adapter_model.safetensors", "decoder.json", "modules.json"}
    assert str(triples_file.parent) not in json.dumps(manifest), "the manifest must not name the place of the data"
    assert load_model(done.path).prompts["query"] == "find: "
    again = train(
        tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", prompts={"query": "find: "}, seed=5, **QUICK
    )
    assert again == done
    with pytest.raises(InputError, match="holds another run"):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", seed=6, **QUICK)
    other = train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", seed=6, overwrite=True, **QUICK)
    assert other.manifest["data"]["order_sha256"] != done.manifest["data"]["order_sha256"]


def test_series_shares_data_order_and_seed(tiny_decoder, triples_file, tmp_path):
    series = train_series(
        tiny_decoder("qwen2"), ["model-1", "mean+bidirectional"], triples_file, tmp_path, seeds=(0, 1), **QUICK
    )
    assert [done.path.name for done in series] == [
        "model-1-s0",
        "model-1-s1",
        "mean+bidirectional-s0",
        "mean+bidirectional-s1",
    ]
    order = [done.manifest["data"]["order_sha256"] for done in series]
    assert order[0] == order[2]
    assert order[1] == order[3]
    assert order[0] != order[1]


class Stop(Exception):
    """What kills a run in these tests."""


def test_a_killed_run_goes_on_where_it_was(tiny_decoder, triples_file, tmp_path):
    options = {**QUICK, "steps": 8, "checkpoint_every": 3, "lora_dropout": 0.1}
    whole = train(tiny_decoder("qwen3"), "model-3", triples_file, tmp_path / "whole", **options)

    def kill(report):
        if report.step == 5:
            raise Stop

    with pytest.raises(Stop):
        train(tiny_decoder("qwen3"), "model-3", triples_file, tmp_path / "killed", progress=kill, **options)
    assert not (tmp_path / "killed" / "manifest.json").exists()
    said = []
    resumed = train(
        tiny_decoder("qwen3"), "model-3", triples_file, tmp_path / "killed", progress=said.append, **options
    )
    assert "resuming from checkpoint-3" in map(str, said)
    assert resumed.manifest["result"]["resumed_from"] == 3
    assert resumed.steps == 8
    assert [e["loss"] for e in resumed.manifest["result"]["history"] if "loss" in e] == pytest.approx(
        [e["loss"] for e in whole.manifest["result"]["history"] if "loss" in e], rel=1e-5
    )
    assert abs(load_model(resumed.path).encode(TEXTS) - load_model(whole.path).encode(TEXTS)).max() < 1e-5
    assert not (resumed.path / "checkpoints").exists()


def test_one_seed_one_model(tiny_decoder, triples_file, tmp_path):
    vectors = [
        load_model(
            train(tiny_decoder("llama"), "model-5", triples_file, tmp_path / str(i), seed=seed, **QUICK).path
        ).encode(TEXTS)
        for i, seed in enumerate((1, 1, 2))
    ]
    assert np.array_equal(vectors[0], vectors[1])
    assert abs(vectors[0] - vectors[2]).max() > 1e-4
    manifests = [json.loads((tmp_path / str(i) / "manifest.json").read_text()) for i in range(2)]
    assert manifests[0]["files"] == manifests[1]["files"], "the same seed must give the same bytes"


def test_cached_loss_and_checkpointing_change_nothing_but_memory(tiny_decoder, triples_file, tmp_path):
    losses = []
    for i, options in enumerate(({}, {"mini_batch_size": 5}, {"gradient_checkpointing": True})):
        done = train(tiny_decoder("llama"), "model-5", triples_file, tmp_path / str(i), **QUICK, **options)
        losses.append([entry["loss"] for entry in done.manifest["result"]["history"] if "loss" in entry])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert losses[2] == pytest.approx(losses[0], rel=1e-4)


def test_small_data_shrink_the_default_recipe_and_say_so(tiny_decoder, triples_file, tmp_path):
    done = train(
        tiny_decoder("llama"),
        "mean+causal",
        triples_file,
        tmp_path / "m",
        epochs=2.0,
        negatives=3,
        max_length=32,
        precision="fp32",
    )
    assert done.steps == 2
    assert done.manifest["recipe"]["batch_size"] == 108
    assert len(done.manifest["notes"]) == 3
    assert (
        done.manifest["contrast"] == "each query against 108 positives and 216 hard negatives (one of the 324 is right)"
    )


def test_pairs_without_negatives_train(tiny_decoder, tmp_path):
    pairs = [{"query": f"word {i}", "positive": f"{i} is the word"} for i in range(20)]
    done = train(tiny_decoder("llama"), "model-1", pairs, tmp_path / "m", **{**QUICK, "batch_size": 8})
    assert done.manifest["contrast"] == "each query against 8 positives (one of the 8 is right)"


def test_nothing_to_train_is_an_error(tiny_decoder, triples_file, tmp_path):
    with pytest.raises(InputError, match="nothing would be trained"):
        train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "m", **QUICK, lora_rank=0)
    train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "m", **QUICK)  # the failure holds no one up
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "full", **QUICK)


def test_head_alone_trains(tiny_decoder, triples_file, tmp_path):
    done = train(tiny_decoder("llama"), "model-4", triples_file, tmp_path / "m", **QUICK, lora_rank=0)
    assert done.parameters["adapter"] == 0
    assert abs(load_model(done.path).encode(TEXTS)).max() > 0


@pytest.mark.parametrize("options", [{}, {"mini_batch_size": 5, "gradient_checkpointing": True}])
def test_the_encoder_of_a_contextual_token_is_trained_and_kept(tiny_decoder, triples_file, tmp_path, options):
    """Every one of its weights has a gradient, is saved, and is there again."""
    before = build_variant(tiny_decoder("llama"), "causal2vec", fidelity="embedded")[0].context.state_dict()
    done = train(
        tiny_decoder("llama"),
        "causal2vec",
        triples_file,
        tmp_path / "m",
        **{**QUICK, "steps": 2, "save_dtype": "float32"},
        **options,
    )
    model = load_model(done.path)
    after = model[0].context.state_dict()
    assert all((after[name] - before[name]).abs().max() > 1e-6 for name in before)
    assert done.parameters["head"] == VARIANTS["causal2vec"].head_parameters(32, 3, "embedded")
    assert model.encode(TEXTS).shape == (len(TEXTS), 64)
    model.save(str(tmp_path / "again"), create_model_card=False)
    assert abs(model.encode(TEXTS) - load_model(tmp_path / "again").encode(TEXTS)).max() < 1e-6


TWO_PROCESSES = """
import sys
from bench import train
train(sys.argv[1], "model-5", sys.argv[2], sys.argv[3], preset="embedded", steps=4, batch_size=16, warmup_steps=0,
      max_length=32, checkpoint_every=0, held_out=0, save_dtype="float32", precision="fp32")
"""


def test_two_processes_give_the_loss_of_one(tiny_decoder, triples_file, tmp_path):
    """The batch is split over two gloo processes and gathered: the loss of every step is that of one process."""
    script = tmp_path / "both.py"
    script.write_text(TWO_PROCESSES)
    arguments = [str(script), str(tiny_decoder("llama")), str(triples_file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--local-addr=127.0.0.1",  # else the machine's name is looked up
            "--nproc_per_node",
            "2",
            *arguments,
            str(tmp_path / "two"),
        ],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    alone = train(
        tiny_decoder("llama"),
        "model-5",
        triples_file,
        tmp_path / "one",
        preset="embedded",
        steps=4,
        batch_size=16,
        warmup_steps=0,
        max_length=32,
        checkpoint_every=0,
        held_out=0,
        save_dtype="float32",
        precision="fp32",
    )
    manifest = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert manifest["result"]["processes"] == 2
    losses = [
        [entry["loss"] for entry in result["history"]] for result in (manifest["result"], alone.manifest["result"])
    ]
    assert len(losses[0]) == 4
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_prompts_may_be_a_file(tiny_decoder, triples_file, tmp_path):
    (tmp_path / "prompts.json").write_text('{"query": "find: "}')
    done = train(
        tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", prompts=tmp_path / "prompts.json", **QUICK
    )
    assert done.manifest["prompts"] == {"query": "find: "}
    for prompts, message in ((tmp_path / "none.json", "no prompts file"), ({"query": 3}, "must map names")):
        with pytest.raises(InputError, match=message):
            train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "n", prompts=prompts, **QUICK)


def test_a_diverging_loss_stops_with_one_line(tiny_decoder, triples_file, tmp_path):
    with pytest.raises(InputError, match="lower learning_rate"):
        train(
            tiny_decoder("llama"),
            "model-5",
            triples_file,
            tmp_path / "m",
            **QUICK,
            learning_rate=1e30,
            warmup_steps=0,
            max_grad_norm=0.0,
        )
