"""The estimate of memory against what can be counted by hand, and against the peak of real training."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import estimate_memory
from bench.training.recipe import NF4_BYTES, PRESETS
from stats.common.errors import InputError

TAKES_MINUTES = pytest.mark.skipif(
    not os.environ.get("EMBSIG_SLOW_TESTS"), reason="takes a minute or two: EMBSIG_SLOW_TESTS=1 runs it"
)
ROOT = Path(__file__).parents[2]
SMALL = {"preset": "embedded", "batch_size": 8, "max_length": 32, "device": "cpu", "precision": "fp32"}


def test_weights_gradients_and_moments_by_hand(tiny_decoder):
    """Width 32, 3 layers, 4 heads of 8 with 2 keys, feed-forward 64, 260 tokens; LoRA of rank 8 on the seven projections."""
    found = estimate_memory(tiny_decoder("llama"), "mean+causal", **SMALL)
    shapes = [(32, 32), (16, 32), (16, 32), (32, 32), (64, 32), (64, 32), (32, 64)]
    base = 260 * 32 + 3 * (sum(a * b for a, b in shapes) + 2 * 32) + 32
    adapter = 3 * sum(8 * (a + b) for a, b in shapes)
    assert found.base == 4 * base
    assert found.adapter == found.gradients == 4 * adapter
    assert (found.head, found.optimiser) == (0, 2 * 4 * adapter)
    assert (found.texts, found.tokens) == (24, 32)
    packed = estimate_memory(tiny_decoder("llama"), "mean+causal", **SMALL, quantize="nf4")
    linear = 3 * sum(a * b for a, b in shapes)
    assert packed.base == int(4 * (base - linear) + NF4_BYTES * linear)


def test_activations_grow_with_texts_and_shrink_with_checkpointing_and_mini_batches(tiny_decoder):
    def activations(**options):
        return estimate_memory(tiny_decoder("qwen2"), "model-5", **{**SMALL, **options}).activations

    whole = activations()
    assert activations(batch_size=16) == pytest.approx(2 * whole, rel=0.05)
    assert activations(gradient_checkpointing=True) < 0.7 * whole
    assert activations(batch_size=16, mini_batch_size=4) < 0.5 * whole


def test_a_layer_is_recomputed_for_all_passages_at_once(tiny_decoder):
    """Positives and negatives share a pass: what is recomputed doubles from two columns of passages to four, where what is kept grows from three texts to five."""

    def activations(negatives, **options):
        return estimate_memory(
            tiny_decoder("qwen2"), "mean+causal", **SMALL, negatives=negatives, **options
        ).activations

    assert activations(3) / activations(1) == pytest.approx(5 / 3, rel=0.02)
    recomputed = activations(3, gradient_checkpointing=True) / activations(1, gradient_checkpointing=True)
    assert 1.8 < recomputed < 2


@pytest.mark.parametrize(
    "name", ["echo+causal", "landmarks+bidirectional", "compressed+causal", "nv-latent+causal", "causal2vec"]
)
def test_every_kind_of_design_is_counted(tiny_decoder, name):
    found = estimate_memory(tiny_decoder("mistral"), name, **SMALL)
    assert found.activations > 100_000
    assert str(found).splitlines()[-2].startswith("total")


def test_the_command_prints_a_table_and_needs_no_data(tiny_decoder, cli):
    arguments = ["train", "--base", str(tiny_decoder("llama")), "--variant", "model-1", "--estimate", "--device", "gpu"]
    code, printed, _ = cli(*arguments, "--set", "max_length=16")
    assert code == 0
    assert [line.split()[0] for line in printed.splitlines()[:7]] == [
        "base",
        "adapter",
        "head",
        "gradients",
        "optimiser",
        "activations",
        "total",
    ]
    assert "bfloat16 arithmetic on a GPU: 32 texts of 16 tokens per pass" in printed
    assert cli(*arguments[:5])[0] == 2
    assert "training needs --data and -o FOLDER" in cli(*arguments[:5])[2]
    assert "add --estimate" in cli(*arguments[:5], "--device", "gpu")[2]


def test_what_cannot_be_counted_is_refused(tiny_decoder):
    with pytest.raises(InputError, match="expected one of cpu, gpu"):
        estimate_memory(tiny_decoder("llama"), "model-1", device="tpu")
    with pytest.raises(InputError, match="nothing would be trained"):
        estimate_memory(tiny_decoder("llama"), "model-1", lora_rank=0)


def test_presets_for_large_bases_recompute_their_activations():
    assert PRESETS["default"].gradient_checkpointing
    assert PRESETS["paper"].gradient_checkpointing
    assert (PRESETS["qlora"].quantize, PRESETS["qlora"].mini_batch_size) == ("nf4", 16)


@TAKES_MINUTES
@pytest.mark.parametrize(("preset", "gigabytes"), [("default", 80), ("paper", 80), ("qlora", 24)])
def test_a_base_of_7b_fits_by_the_estimate(tmp_path, preset, gigabytes):
    """The shape of Mistral-7B and the paper's largest head, on one of its eight devices."""
    from transformers import MistralConfig

    MistralConfig(sliding_window=None, dtype="bfloat16").save_pretrained(tmp_path)
    share = {"batch_size": 1} if preset == "paper" else {}
    found = estimate_memory(tmp_path, "model-5", preset=preset, device="gpu", **share)
    assert found.base == pytest.approx(14.2e9 * (1 if preset != "qlora" else 0.27), rel=0.05)
    assert found.total < 0.85 * gigabytes * 1e9


@TAKES_MINUTES
def test_within_fifteen_percent_of_the_measured_peak():
    """Three bases, each trained in a process of its own; see `benchmarks.parts.memory`."""
    code = (
        "import json\nfrom benchmarks.harness import Options\nfrom benchmarks.parts.memory import run\n"
        "print(json.dumps([row.to_dict() for row in run(Options())]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(done.stdout.splitlines()[-1])
    assert len(rows) == 3
    for row in rows:
        assert row["ratio"] == pytest.approx(1, abs=0.15), row
