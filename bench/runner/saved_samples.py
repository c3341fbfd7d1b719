"""``bench.read_samples``: the samples of a run, or of another tool's results."""

from os import PathLike
from pathlib import Path
from typing import Any

from bench.training_runs import Seeds, first_runs, runs_of
from stats.common.errors import InputError
from stats.samples import Samples


def read_samples(source: str | PathLike[str], *, seeds: Seeds = "together", **options: Any) -> Samples:
    """Open the samples that `bench.evaluate` wrote, which are read lazily, or read those of another tool.

    Parameters
    ----------
    source : path-like
        The output folder of a run; or logged samples, TREC runs, a table of queries or items, ... (see `read`).
    seeds : {"together", "separate"}
        Of a run's models that embsig trained from several seeds: the samples of the first of each variant, under the
        variant's name, as `read_scores` calls it; or all.
    **options
        As `read` takes them, such as ``qrels`` and ``metric``.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        If it holds no samples.
    """
    folder = next((p for p in (Path(source), Path(source) / "run") if (p / "samples").is_dir()), None)
    if folder is not None or Path(source).name == "samples":
        found = Samples.open(folder or source)
        runs = runs_of(source) if seeds == "together" else {}
        return first_runs(found, runs) if runs else found
    from bench.intake._read import read  # late: it needs what this module is imported with

    tool = read(source, samples=True, seeds=seeds, **options)
    if not isinstance(tool, Samples):
        raise InputError(
            f"{source} holds no samples: expected samples/<task>/<model>.parquet, as `embsig run` writes them, or "
            "another tool's results with a score for every query or item"
        )
    return tool
