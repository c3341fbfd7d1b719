"""The study in small: the trained variants that ship with embsig, on the offline suite."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from stats import Samples, Scores
from stats.common.errors import InputError
from stats.common.threads import n_cores

from . import paper
from ._read_scores import read_scores
from .training_runs import by_name, first_runs, runs_of, together

if TYPE_CHECKING:
    from .runner._evaluate import Evaluation

#: The trained variants, one folder each, ``VARIANT-sSEED`` as `bench.train_series` names them.
SHIPPED = Path(__file__).resolve().parent / "data" / "variants"

#: What `quick` runs: one training seed on two small tasks of two families.
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
    """List the trained variants in a folder that `train_series` wrote; by default those that ship with embsig.

    Parameters
    ----------
    folder : path-like
        Holds a folder ``VARIANT-sSEED`` for each.

    Returns
    -------
    list of TrainedVariant
        In the paper's order, then by seed.

    Raises
    ------
    InputError
        If the folder holds none.

    Examples
    --------
    Seven designs with three seeds each ship with embsig:

    >>> import embsig
    >>> len({model.variant for model in embsig.trained_variants()})
    7
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
    order = {variant: position for position, variant in enumerate(paper.DESIGN)}
    return sorted(found, key=lambda m: (order.get(m.variant, len(order)), m.variant, m.seed))


def evaluate_study(
    output: str | PathLike[str],
    models: Sequence[TrainedVariant] | None = None,
    *,
    quick: bool = False,
    workers: int | None = None,
    progress: Callable[[Any], None] | None = None,
) -> "Evaluation":
    """Evaluate trained variants on the suite ``docstrings``; resumes where an earlier call stopped.

    Parameters
    ----------
    output : path-like
        The folder of the run.
    models : sequence of TrainedVariant, optional
        Default: those that ship with embsig.
    quick : bool
        One training seed and `QUICK_TASKS` only: a smoke test, no study.
    workers : int, optional
        Processes, of one thread each, so that their number changes no byte; default: one per core, `MOST_WORKERS` at most.
    progress : callable, optional
        As in `bench.evaluate`.

    Returns
    -------
    Evaluation
    """
    from .runner._evaluate import evaluate
    from .suites.registry import suite

    models = trained_variants() if models is None else models
    tasks = suite("docstrings")
    if quick:
        models = [m for m in models if m.seed == min(n.seed for n in models)]
        tasks = [task for task in tasks if task.metadata.name in QUICK_TASKS]
    return evaluate(
        [f"{m.name}={m.folder}" for m in models],
        tasks,
        output=output,
        workers=min(n_cores(), MOST_WORKERS) if workers is None else workers,
        threads=1,
        progress=progress,
    )


def study_scores(run: str | PathLike[str]) -> Scores:
    """Read a run of `embsig demo` with the variants as models.

    Parameters
    ----------
    run : path-like
        The folder of the run.

    Returns
    -------
    Scores
        The score of a variant on a task is the mean over its training seeds; ``cells["seed_scores"]`` keeps each.

    Examples
    --------
    A folder that is none is said, as every reader says it:

    >>> import embsig
    >>> try:
    ...     embsig.study_scores("no-such-run")
    ... except embsig.InputError as error:
    ...     print(str(error)[:37])
    no-such-run: no such file or folder
    """
    read = read_scores(run, seeds="separate")
    by_variant = together(read, runs_of(run) or by_name(read.models))
    known = [variant for variant in paper.DESIGN if variant in by_variant.models]
    order = known + [m for m in sorted(by_variant.models) if m not in known]
    return replace(by_variant, table=by_variant.table[order])


def study_samples(run: str | PathLike[str]) -> Samples:
    """Open the samples of a run of `evaluate_study` with the variants as models: those of each one's first seed."""
    read = Samples.open(run)
    return first_runs(read, runs_of(run) or by_name(read.models))


def design_table(models: Sequence[str]) -> pd.DataFrame:
    """Return the factors of the study's variants: index model, columns pooling and attention.

    Parameters
    ----------
    models : sequence of str
        Names of variants, also with ``/seed-N`` behind.

    Returns
    -------
    DataFrame
        A row a model.

    Examples
    --------
    >>> import embsig
    >>> embsig.design_table(["model-1"]).loc["model-1"].to_dict()
    {'pooling': 'eos', 'attention': 'causal'}
    """
    rows = {model: paper.DESIGN[model] for model in models if model in paper.DESIGN}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["pooling", "attention"]).rename_axis("model")
