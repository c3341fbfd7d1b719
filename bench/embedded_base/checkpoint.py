"""Resumable state of pretraining, in safetensors: no pickle is ever written or read."""

import json
from pathlib import Path
from typing import Any

from stats.common.writing import replacing

#: In the base's folder, beside the weights: no part of what is loaded from it.
CHECKPOINT = "checkpoint.safetensors"


def _flatten(optimizers: list[Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    import torch

    tensors: dict[str, Any] = {}
    scalars: list[dict[str, Any]] = []
    for number, optimizer in enumerate(optimizers):
        plain: dict[str, Any] = {}
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                if isinstance(value, torch.Tensor):
                    tensors[f"optimizer.{number}.{index}.{key}"] = value.contiguous()
                else:
                    plain[f"{index}.{key}"] = value
        scalars.append(plain)
    return tensors, scalars


def save_checkpoint(path: Path, model: Any, optimizers: list[Any], state: dict[str, Any]) -> None:
    """Write model, optimizers and counters to one file, replacing the last one at once."""
    from safetensors.torch import save

    tensors, scalars = _flatten(optimizers)
    tensors |= {
        f"model.{name}": value.contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith("lm_head")
    }
    with replacing(path) as part:
        # `save_file` writes to a hidden file of its own first, which a kill would leave here for good.
        part.write_bytes(save(tensors, metadata={"state": json.dumps(state), "scalars": json.dumps(scalars)}))


def load_checkpoint(path: Path, model: Any, optimizers: list[Any]) -> dict[str, Any]:
    """Read a checkpoint back into model and optimizers; gives the counters."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    weights = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
    # "model.model.layers..." loses one prefix only; the tied head follows the embedding
    model.load_state_dict(weights, strict=False)
    model.tie_weights()
    for number, (optimizer, plain) in enumerate(zip(optimizers, json.loads(metadata["scalars"]), strict=True)):
        states: dict[int, dict[str, Any]] = {}
        for name, value in tensors.items():
            if name.startswith(f"optimizer.{number}."):
                index, key = name.split(".")[2:]
                states.setdefault(int(index), {})[key] = value
        for name, value in plain.items():
            index, key = name.split(".")
            states.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
    restored: dict[str, Any] = json.loads(metadata["state"])
    return restored
