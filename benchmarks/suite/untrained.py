"""The floor of the suite's tables: model-1 on the base that ships, untrained, and on the same decoder with random weights."""

import shutil
from pathlib import Path

from bench import evaluate, read_scores, suite
from bench.embedded_base import base_folder
from stats.common.errors import InputError


def untrained_scores(folder: Path) -> dict[tuple[str, str], float]:
    """Evaluate both on the suite ``study``; resumes where it stopped.

    Returns
    -------
    dict
        (``"random weights"`` or ``"untrained"``, task) -> main score.
    """
    folder.mkdir(parents=True, exist_ok=True)
    models = {"random weights": f"model-1@{_random_base(folder / 'base')}", "untrained": "model-1"}
    found = {}
    for name, model in models.items():
        run = folder / name.replace(" ", "-")
        done = evaluate([model], suite("study"), output=run, workers=1, threads=1)
        if done.failed:
            raise InputError(f"{done}; see {run / 'jobs'} for the reasons, and start again")
        [scores] = [column for _, column in read_scores(run).table.items()]
        found |= {(name, str(task)): float(score) for task, score in scores.items()}
    return found


def _random_base(folder: Path) -> Path:
    """The embedded base with weights as they are before the first update."""
    from safetensors.torch import save_file
    from transformers import AutoConfig, Qwen2ForCausalLM, set_seed

    if not (folder / "model.safetensors").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(base_folder(), folder)
        set_seed(0)
        weights = Qwen2ForCausalLM(AutoConfig.from_pretrained(folder)).state_dict()
        kept = {name: value.half().contiguous() for name, value in weights.items() if not name.startswith("lm_head")}
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
