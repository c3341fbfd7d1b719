"""``embsig.read_samples``: the samples of a run, or of another tool's results."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from bench.prompt_runs import prompts_of, samples_together
from bench.sources.checked_files import stated_by_run
from bench.sources.recorded import said_of_run
from bench.training_runs import Seeds, first_runs, runs_of
from stats.common.errors import InputError
from stats.held_samples import Held
from stats.samples import Samples


def is_run(source: str | PathLike[str]) -> bool:
    """Whether a source is the output folder of a run that has samples."""
    return _folder(source) is not None


def _folder(source: str | PathLike[str]) -> Path | None:
    return next((p for p in (Path(source), Path(source) / "run") if (p / "samples").is_dir()), None)


def _merged(sources: Sequence[str | PathLike[str]], seeds: Seeds, options: dict[str, Any]) -> Samples:
    """The samples of several runs as if they were one's."""
    files: dict[str, dict[str, Path | Held]] = {}
    checksums: dict[Path, Collection[str]] = {}
    halted: list[Any] = []
    sizes: dict[str, float] = {}
    for source in sources:
        found = read_samples(source, seeds=seeds, **options)
        halted += found.provenance.get("stopped", [])
        sizes |= found.provenance.get("bytes_per_vector", {})
        checksums |= found.checksums
        for task, models in found.files.items():
            of_task = files.setdefault(task, {})
            twice = [m for m in models if m in of_task]
            if twice:
                raise InputError(
                    f"{source}: {twice[0]!r} on {task!r} has samples in another source, too: give one of them"
                )
            of_task |= models
    said = {"stopped": halted, "bytes_per_vector": sizes}
    return Samples(files, {name: value for name, value in said.items() if value}, checksums=checksums)


def _checked(samples: Samples, run: Path) -> Samples:
    """Samples that are refused, when they are read, where they are not as the run wrote them."""
    stated = stated_by_run(run)
    of_run = [
        (f"samples/{p.parent.name}/{p.name}", p)
        for of in samples.files.values()
        for p in of.values()
        if isinstance(p, Path)
    ]
    known = {path: stated[name] for name, path in of_run if name in stated}
    silent = len(of_run) - len(known) if (run / "manifest.json").is_file() else 0
    about = {**samples.provenance, **({"without_checksum": silent} if silent else {})}
    return replace(samples, checksums=known, provenance=about)


def read_samples(
    source: str | PathLike[str] | Sequence[str | PathLike[str]], *, seeds: Seeds = "together", **options: Any
) -> Samples:
    """Open the samples that `evaluate` wrote, which are read lazily, or read those of another tool.

    Parameters
    ----------
    source : path-like, or sequence of them
        The output folder of a run, or of several; or logged samples, TREC runs, a table of queries or items, ... (see `read`).
    seeds : {"together", "separate"}
        Of a run's models that embsig trained from several seeds: the samples of the first of each variant, under the
        variant's name, as `read_scores` calls it; of models asked with several prompts those of all, as experiments of one; or every run by itself.
    **options
        As `read` takes them, such as ``qrels`` and ``metric``.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        If it holds no samples.

    Examples
    --------
    >>> import tempfile
    >>> import embsig
    >>> import pandas as pd
    >>> from stats.samples import write_task
    >>> folder = tempfile.mkdtemp()
    >>> frame = pd.DataFrame({"sample": ["q1", "q2"], "score": [0.2, 0.6]})
    >>> _ = write_task(folder, "SciFact", "a", frame, {"metric": "mean", "main_score": 0.4})
    >>> samples = embsig.read_samples(folder)
    >>> samples.recompute("SciFact", "a")
    0.4
    """
    if not isinstance(source, str | PathLike):
        return _merged(source, seeds, options)
    folder = _folder(source)
    if folder is not None or Path(source).name == "samples":
        run = folder or Path(source).absolute().parent
        found = _checked(Samples.open(folder or source), run)
        found = replace(found, provenance={**found.provenance, **said_of_run([run])})
        if seeds == "together":
            found = samples_together(found, prompts_of(source))
            found = first_runs(found, runs) if (runs := runs_of(source)) else found
        return found
    from bench.intake._read import read  # late: it needs what this module is imported with

    tool = read(source, samples=True, seeds=seeds, **options)
    if not isinstance(tool, Samples):
        raise InputError(
            f"{source} holds no samples: expected samples/<task>/<model>.parquet, as `embsig run` writes them, or "
            "another tool's results with a score for every query or item"
        )
    return tool
