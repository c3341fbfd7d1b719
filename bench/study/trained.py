"""The study's trained models: those of a folder, those that ship, and their evaluation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError
from stats.common.threads import n_cores

from .protocol import VARIANTS

if TYPE_CHECKING:
    from bench.runner._evaluate import Evaluation

#: The models that ship: the first seed of every variant, ``VARIANT-sSEED`` each.
SHIPPED = Path(__file__).resolve().parent.parent / "data" / "variants"

#: A smoke test's tasks: small ones of two families.
QUICK_TASKS = (
    "DocstringsNumericsSTS",
    "DocstringsSymbolicsSTS",
    "DocstringsNumericsPairClassification",
    "DocstringsDescriptionPairClassification",
)

#: Each takes nearly a gigabyte of memory, and beyond a few the rest of the demo takes longer than the evaluation.
MOST_WORKERS = 4


@dataclass(frozen=True)
class TrainedVariant:
    """One trained variant of the study: which design, which training seed, and its folder."""

    variant: str
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        """Name in results: ``VARIANT/seed-SEED``."""
        return f"{self.variant}/seed-{self.seed}"


def trained_variants(folder: str | PathLike[str] = SHIPPED) -> list[TrainedVariant]:
    """List the trained variants in a folder of models ``VARIANT-sSEED``; by default those that ship with embsig.

    Parameters
    ----------
    folder : path-like
        As `embsig.train_series` and `bench.study.making.make_study` write it.

    Returns
    -------
    list of TrainedVariant
        In the study's order, then by seed.

    Raises
    ------
    InputError
        If the folder holds none.

    Examples
    --------
    The ten designs of the study ship with embsig, trained from one seed each:

    >>> import embsig
    >>> len({model.variant for model in embsig.trained_variants()})
    10
    """
    found = []
    for path in sorted(Path(folder).glob("*-s*")):
        variant, _, seed = path.name.rpartition("-s")
        if (path / "modules.json").is_file() and seed.isdigit():
            found.append(TrainedVariant(variant, int(seed), path))
    if not found:
        raise InputError(
            f"no trained variants in {folder}: expected folders VARIANT-sSEED, as `embsig train` writes them"
        )
    order = {variant: position for position, variant in enumerate(VARIANTS)}
    return sorted(found, key=lambda m: (order.get(m.variant, len(order)), m.variant, m.seed))


def evaluate_trained(
    models: Sequence[TrainedVariant],
    output: str | PathLike[str],
    *,
    quick: bool = False,
    workers: int | None = None,
    progress: Callable[[Any], None] | None = None,
) -> "Evaluation":
    """Evaluate trained variants on the suite ``study``; resumes where an earlier call stopped.

    Parameters
    ----------
    models : sequence of TrainedVariant
    output : path-like
        The folder of the run.
    quick : bool
        `QUICK_TASKS` only.
    workers : int, optional
        Processes, of one thread each, so that their number changes no byte; default: one per core, `MOST_WORKERS` at most.
    progress : callable, optional
        As in `embsig.evaluate`.

    Returns
    -------
    Evaluation
    """
    from bench.runner._evaluate import evaluate
    from bench.suites.registry import suite

    tasks = [task for task in suite("study") if not quick or task.metadata.name in QUICK_TASKS]
    return evaluate(
        [f"{m.name}={m.folder}" for m in models],
        tasks,
        output=output,
        workers=min(n_cores(), MOST_WORKERS) if workers is None else workers,
        threads=1,
        progress=progress,
    )
