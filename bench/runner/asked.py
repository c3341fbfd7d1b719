"""What a run is asked that can't be: counts, devices, places of work."""

import math
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from stats.common.errors import InputError, unknown


def check_places(workers: int, cluster: str | None, cpus_per_job: float, gpus_per_job: float) -> None:
    """Refuse workers beside a cluster, and a job that takes nothing."""
    if positive("workers", workers) != 1 and cluster is not None:
        raise InputError(
            f"workers={workers} and cluster={cluster!r}: expected one of them, since Ray has workers of its own"
        )
    if not (cpus_per_job > 0 and gpus_per_job >= 0 and math.isfinite(cpus_per_job + gpus_per_job)):
        raise InputError(
            f"cpus_per_job={cpus_per_job:g}, gpus_per_job={gpus_per_job:g}: expected more than 0 CPUs and at least 0 GPUs"
        )


def refuse_apart(workers: int, cluster: str | None) -> None:
    """Refuse places of work where cells or prompts of one model could not share an encoding."""
    if workers > 1 or cluster is not None:
        raise InputError(
            "dims, precision and prompts take one encoding for all cells of a model, in one process: leave out workers and cluster"
        )


def shared(ship: str, folder: str | PathLike[str] | None, cluster: str | None) -> str:
    """The absolute path of the folder that all nodes see, or empty."""
    if ship not in ("auto", "never"):
        raise unknown("ship", ship, ("auto", "never"))
    if folder is None:
        return ""
    if cluster is None or ship == "never":
        raise InputError(
            f"shared_folder={str(folder)!r} is for a cluster that files are sent to: give cluster, and leave ship at 'auto'"
        )
    if not Path(folder).is_dir():
        raise InputError(
            f"no shared folder {folder}: expected a folder that all nodes of the cluster see under this path"
        )
    return str(Path(folder).absolute())


def devices(device: str | Sequence[str] | None, cluster: str | None) -> tuple[str, ...]:
    """The devices asked for, each of which this machine has; what a cluster's machines have is not known here."""
    names = () if device is None else (device,) if isinstance(device, str) else tuple(device)
    if not names or cluster is not None:
        return names
    import torch

    for name in names:
        try:
            torch.empty(0, device=torch.device(name))
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                f"device {name!r} cannot be used ({' '.join(str(error).split())[:120]}): expected cpu, cuda:0 or another device of this machine"
            ) from error
    return names


def positive(name: str, value: int | None) -> int | None:
    """The value, if there is one, of 1 or more."""
    return value if value is None else at_least(1, name, value)


def at_least(least: int, name: str, value: int) -> int:
    """The value, which must be no less than `least`."""
    if value < least:
        raise InputError(f"{name}={value}: expected at least {least}")
    return value
