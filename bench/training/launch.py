"""What a launcher asked for, and whether this machine can do it: nothing runs as something else than was asked for."""

import os
from importlib.util import find_spec
from typing import Any

from stats.common.errors import InputError

#: Variables by which `accelerate launch` says what its configuration file asks for.
_FSDP, _DEEPSPEED = "ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"


def refuse_impossible() -> None:
    """Raise `InputError` where parameters are to be spread over devices and cannot be here.

    Without accelerators accelerate trains with a whole copy in every process, and says nothing.
    """
    import torch

    for name, variable in (("FSDP", _FSDP), ("DeepSpeed", _DEEPSPEED)):
        if os.environ.get(variable, "").lower() != "true":
            continue
        if not torch.accelerator.is_available():
            raise InputError(
                f"{name} spreads a model over accelerators, and this machine has none (each process would hold the whole model); launch with "
                "torchrun --nproc_per_node N -m embsig train ..., which splits the batch"
            )
        if variable == _DEEPSPEED and find_spec("deepspeed") is None:
            raise InputError(
                "this launch asks for DeepSpeed, which is not installed; pip install deepspeed, or launch with fsdp.yaml"
            )


def not_resumed(checkpoint: str) -> InputError:
    """The error for a run that was spread over devices and killed: two processes that went on from its checkpoint waited for one another for ever."""
    folder, name = os.path.split(checkpoint)
    return InputError(
        f"a run whose model is spread over devices (FSDP, DeepSpeed) cannot go on from its checkpoint {name!r}: delete {folder!r} and start it again, "
        "with checkpoint_every=0 to write none"
    )


def check_spread(model: Any) -> None:
    """Raise `InputError` where every parameter of a model that FSDP was to spread is whole on this device."""
    if not any(hasattr(parameter, "placements") for parameter in model.parameters()):
        raise InputError(
            "FSDP was asked for and none of the parameters is spread over the devices; give fsdp_version: 2 and an auto_wrap_policy "
            "that names the base's layers, as docs/accelerate/fsdp.yaml does"
        )
