"""Launchers, trackers and prompts: what was asked for is done, or refused in one line before anything is trained."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bench import load_model, train
from bench.training.launch import check_spread
from bench.training.manifest import lasting_files
from bench.training.trainer import VariantTrainer
from stats.common.errors import InputError

QUICK = {"preset": "embedded", "steps": 4, "batch_size": 8, "max_length": 16, "checkpoint_every": 0, "held_out": 0}
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("name", "variable"), [("FSDP", "FSDP"), ("DeepSpeed", "DEEPSPEED")])
def test_parameters_are_spread_over_accelerators_or_not_at_all(
    monkeypatch, tiny_decoder, triples_file, tmp_path, name, variable
):
    monkeypatch.setenv(f"ACCELERATE_USE_{variable}", "true")
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    with pytest.raises(InputError, match=f"^{name} spreads a model over accelerators, and this machine has none"):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", **QUICK)
    assert not (tmp_path / "m").exists()


def test_deepspeed_that_is_not_installed_is_named(monkeypatch, tiny_decoder, triples_file, tmp_path):
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setitem(sys.modules, "deepspeed", None)
    monkeypatch.setattr("bench.training.launch.find_spec", lambda name: None)
    with pytest.raises(InputError, match="DeepSpeed, which is not installed; pip install deepspeed"):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", **QUICK)


@pytest.mark.parametrize("file", ["fsdp.yaml", "deepspeed.yaml"])
def test_the_given_files_are_refused_in_one_line_where_there_is_no_accelerator(
    file, tiny_decoder, triples_file, tmp_path
):
    """As `accelerate launch` sets its environment from the file, in a process of its own."""
    if torch.accelerator.is_available():
        pytest.skip("an accelerator is there, on which they run")
    given = (ROOT / "docs" / "accelerate" / file).read_text()
    kind = next(line.split(": ")[1] for line in given.splitlines() if line.startswith("distributed_type"))
    environment = {**os.environ, f"ACCELERATE_USE_{kind}": "true"}
    arguments = ["--base", str(tiny_decoder("llama")), "--variant", "model-1", "--data", str(triples_file)]
    done = subprocess.run(
        [sys.executable, "-m", "embsig", "train", *arguments, "-o", str(tmp_path / "m")],
        env=environment, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "this machine has none" in done.stderr


#: accelerate takes FSDP to be asked for on accelerators alone; what it then does works on processors, too.
SPREAD = """
import json, os, sys
import accelerate.state
import torch
from accelerate.utils import DistributedType
import bench.training.launch, bench.training.progress
from bench import train

made = accelerate.state.AcceleratorState.__init__

def spread(self, *args, fsdp_plugin=None, **kwargs):
    made(self, *args, fsdp_plugin=fsdp_plugin, **kwargs)
    if fsdp_plugin is not None and self.distributed_type == DistributedType.MULTI_CPU:
        self.distributed_type, self.fsdp_plugin = DistributedType.FSDP, fsdp_plugin

def count(model):
    parameters = list(model.parameters())
    here = sum(p.to_local().numel() for p in parameters)  # fails for one that is not spread
    with open(f"{sys.argv[3]}-{os.environ['RANK']}.json", "w") as file:
        json.dump([here, sum(p.numel() for p in parameters)], file)

accelerate.state.AcceleratorState.__init__ = spread
bench.training.launch.refuse_impossible = lambda: None
bench.training.progress.check_spread = count
torch.set_num_threads(1)
train(sys.argv[1], "model-5", sys.argv[2], sys.argv[3], **json.loads(sys.argv[4]))
"""
#: As `accelerate launch --config_file docs/accelerate/fsdp.yaml` sets them.
FSDP = {
    "ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2", "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_RESHARD_AFTER_FORWARD": "true", "FSDP_CPU_RAM_EFFICIENT_LOADING": "false", "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT",
}  # fmt: skip


@pytest.mark.skipif(not os.environ.get("EMBSIG_SLOW_TESTS"), reason="two processes: EMBSIG_SLOW_TESTS=1 runs it")
def test_two_processes_with_half_the_parameters_each_give_the_loss_and_the_model_of_one(
    tiny_decoder, triples_file, tmp_path
):
    recipe = {
        **QUICK, "steps": 3, "batch_size": 16, "save_dtype": "float32", "precision": "fp32", "warmup_steps": 0,
    }  # fmt: skip
    (tmp_path / "both.py").write_text(SPREAD)
    base, data = str(tiny_decoder("llama")), str(triples_file)
    launch = ["-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, str(tmp_path / "both.py"), base, data, str(tmp_path / "two"), json.dumps(recipe)],
        env={**os.environ, **FSDP, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    held = [json.loads((tmp_path / f"two-{rank}.json").read_text()) for rank in (0, 1)]
    assert held[0][0] + held[1][0] == held[0][1] == held[1][1]
    assert max(here for here, _ in held) < 0.51 * held[0][1]
    alone = train(base, "model-5", data, tmp_path / "one", **recipe)
    together = json.loads((tmp_path / "two" / "manifest.json").read_text())
    losses = [
        [entry["loss"] for entry in result["history"]] for result in (together["result"], alone.manifest["result"])
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    texts = ["cat dog", "a bird, number 3"]
    assert abs(load_model(tmp_path / "two").encode(texts) - load_model(tmp_path / "one").encode(texts)).max() < 1e-4


def test_a_spread_run_that_was_killed_is_not_gone_on_with(monkeypatch, tiny_decoder, triples_file, tmp_path):
    """The trainer says that it is spread, and there is a checkpoint."""
    made = VariantTrainer.__init__

    def spread(self, **kwargs):
        made(self, **kwargs)
        self.is_fsdp_enabled = True

    monkeypatch.setattr(VariantTrainer, "__init__", spread)
    monkeypatch.setattr("bench.training.fit._last_checkpoint", lambda folder: str(folder / "checkpoint-2"))
    with pytest.raises(
        InputError, match=r"cannot go on from its checkpoint 'checkpoint-2': delete '.*checkpoints' and start"
    ):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", **QUICK)


def test_whole_copies_are_not_taken_for_shards():
    with pytest.raises(InputError, match="none of the parameters is spread over the devices; give fsdp_version: 2"):
        check_spread(torch.nn.Linear(2, 2))
    spread = torch.nn.Linear(2, 2)
    spread.weight.placements = ("as a DTensor has them",)
    check_spread(spread)


def test_tensorboard_has_the_losses(tiny_decoder, triples_file, tmp_path):
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    done = train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", report_to="tensorboard", **QUICK)
    events = reading.EventAccumulator(str(tmp_path / "m" / "logs"))
    events.Reload()
    losses = [event.value for event in events.Scalars("train/loss")]
    assert losses == pytest.approx([entry["loss"] for entry in done.manifest["result"]["history"] if "loss" in entry])
    assert not any("logs" in path.parts for path in lasting_files(tmp_path / "m"))
    assert load_model(tmp_path / "m").encode(["a"]).shape == (1, 32)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tensorbord", "did you mean 'tensorboard'"),
        ("wandb", "needs wandb, which is not installed; pip install wandb"),
    ],
)
def test_trackers_that_are_not_there_are_named(monkeypatch, tiny_decoder, triples_file, tmp_path, name, message):
    monkeypatch.setattr("bench.training.trackers.find_spec", lambda name: None)
    with pytest.raises(InputError, match=message):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", report_to=name, **QUICK)
    assert not (tmp_path / "m").exists()


def test_a_base_in_four_bits_needs_its_package(monkeypatch, tiny_decoder, triples_file, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="quantize=nf4 needs bitsandbytes, which is not installed"):
        train(tiny_decoder("llama"), "model-1", triples_file, tmp_path / "m", quantize="nf4", **QUICK)


def test_instructions_of_a_file_by_the_command(cli, tiny_decoder, triples_file, tmp_path):
    prompts = tmp_path / "prompts.json"
    prompts.write_text(json.dumps({"query": "find: ", "document": ""}))
    numbers = [part for name, value in QUICK.items() if name != "preset" for part in ("--set", f"{name}={value}")]
    code, out, err = cli(
        "train", "--base", tiny_decoder("llama"), "--variant", "model-1", "--data", triples_file, "--preset", "embedded",
        "-o", tmp_path / "m", "--prompts", prompts, *numbers,
    )  # fmt: skip
    assert code == 0, err
    assert out == f"{tmp_path / 'm'}\n"
    assert load_model(tmp_path / "m").prompts["query"] == "find: "
