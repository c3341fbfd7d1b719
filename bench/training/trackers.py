"""Where the losses go besides the manifest: TensorBoard's files, or Weights & Biases."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stats.common.errors import InputError, unknown

from .manifest import LOGS

#: Tracker -> the package that it needs.
TRACKERS = {"tensorboard": "tensorboard", "wandb": "wandb"}


def check_tracker(name: str | None) -> None:
    """Raise `InputError` if there is no such tracker, or its package is not installed.

    Examples
    --------
    >>> check_tracker(None)
    """
    if name is None:
        return
    if name not in TRACKERS:
        raise unknown("tracker", name, TRACKERS)
    if find_spec(TRACKERS[name]) is None:
        raise InputError(
            f"--report-to {name} needs {TRACKERS[name]}, which is not installed; pip install {TRACKERS[name]}, or leave it out"
        )


def tracker(name: str, folder: Path) -> Any:
    """Return transformers' callback of a tracker; TensorBoard's files go to ``logs`` in the model's folder."""
    if name == "wandb":
        from transformers.integrations import WandbCallback

        return WandbCallback()
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    return TensorBoardCallback(SummaryWriter(log_dir=str(folder / LOGS)))
