"""The study's archive: scores, samples and losses of every run in a few megabytes, with a hash of every file.

Layout of the folder::

    manifest.json            schema, corpus, base, recipe, runs (variant, seed, hashes, losses), files and their SHA-256
    scores.csv               task, family, metric, variant, seed, score
    curves.csv               variant, seed, step, loss, held_out_loss
    samples/<task>.parquet   what each run did on each sample: as in a run's folder, all runs of a task in one file
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from bench.task_families import metric_range
from bench.training_runs import by_name, together
from stats import Samples, Scores
from stats.common import text
from stats.common.errors import InputError, unknown
from stats.common.hashing import file_hash
from stats.common.parquet import reading_parquet
from stats.common.writing import csv_text, replacing, write_whole
from stats.metrics import METRICS
from stats.samples import file_name, write_task

from .protocol import ALPHA, SEEDS, VARIANTS, failed

SCHEMA = 1
MANIFEST, SCORES, CURVES, SAMPLES = "manifest.json", "scores.csv", "curves.csv", "samples"
#: Columns that place a sample; the others are the metric's.
_PLACES = ("split", "subset", "experiment", "level", "sample")
_SCORE_COLUMNS = ("task", "family", "metric", "variant", "seed", "score")
_RUN = "{}/seed-{}"
#: The archive that ships.
SHIPPED = Path(__file__).resolve().parent.parent / "data" / "study"


@dataclass(frozen=True, eq=False)
class Archive:
    """A study archive that was read and whose files are as its manifest says.

    Attributes
    ----------
    folder : Path
    manifest : dict
    table : DataFrame
        ``task, family, metric, variant, seed, score``.
    curves : DataFrame
        ``variant, seed, step, loss, held_out_loss``; a loss that was not computed at a step is missing.
    """

    folder: Path
    manifest: dict[str, Any]
    table: pd.DataFrame
    curves: pd.DataFrame

    @property
    def held_out(self) -> dict[tuple[str, int], float]:
        """(variant, seed) -> held-out loss at the end of training."""
        return {
            (run["variant"], int(run["seed"])): float("nan") if run["held_out_loss"] is None else run["held_out_loss"]
            for run in self.manifest["runs"]
        }

    @property
    def failed(self) -> list[tuple[str, int]]:
        """The runs that failed by the protocol's rule."""
        return failed(self.held_out)

    def sentence(self) -> str:
        """Say what the answers rest on."""
        of = {
            variant: {run["seed"] for run in self.manifest["runs"] if run["variant"] == variant}
            for variant in self.table["variant"].unique()
        }
        seeds = sorted({len(found) for found in of.values()})
        how_many = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
        asked = "" if seeds == [len(SEEDS)] else f" of the {len(SEEDS)} that the protocol asks for"
        failing = ", ".join(f"{variant} seed {seed}" for variant, seed in self.failed)
        said = (
            f"Failed by the protocol's rule, and in the answers all the same: {failing}."
            if failing
            else "No run failed by the protocol's rule."
        )
        return (
            f"{text.count(len(of), 'design')}, {how_many} training seeds{asked}, {self.table['task'].nunique()} tasks, "
            f"{len(self.table):,} scores. Intervals and p-values hold together over all claims at {text.percent(1 - ALPHA)}, for other tasks and other training seeds. {said}"
        )

    def scores(self, *, with_failed: bool = True) -> Scores:
        """Scores with the variants as models: means over training seeds, each of which ``cells["seed_scores"]`` keeps."""
        table = self.table
        if not with_failed:
            out = set(self.failed)
            keys = list(zip(table["variant"], table["seed"], strict=True))
            table = table[[key not in out for key in keys]]
        models = [_RUN.format(v, s) for v, s in zip(table["variant"], table["seed"], strict=True)]
        long = table.assign(model=models).drop(columns=["variant", "seed"])
        read = Scores.from_frame(long)
        found = together(read, by_name(read.models))
        order = sorted(found.models, key=lambda m: (VARIANTS.index(m) if m in VARIANTS else len(VARIANTS), m))
        # No mean lies beyond what its metrics can be: an interval over few tasks would.
        ends = [metric_range(metric) for metric in found.tasks["metric"]]
        tasks = found.tasks.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
        return replace(found, table=found.table[order], tasks=tasks)

    def expand(self, folder: str | PathLike[str], *, tasks: list[str] | None = None) -> Samples:
        """Write the samples as a run's folder has them, ``VARIANT/seed-SEED`` as models, each checked against its score.

        Parameters
        ----------
        folder : path-like
        tasks : list of str, optional
            Only these.

        Returns
        -------
        Samples

        Raises
        ------
        InputError
            If a task is unknown.
        """
        known = sorted(self.table["task"].unique())
        for task in known if tasks is None else tasks:
            if task not in known:
                raise unknown("task", task, known)
            place = self.folder / SAMPLES / f"{file_name(task)}.parquet"
            with reading_parquet(place):
                whole = pd.read_parquet(place)
            meta = self.manifest["samples"][task]
            for model, part in whole.groupby("model", sort=False, observed=True):
                frame = part.drop(columns="model").reset_index(drop=True)
                write_task(folder, task, str(model), frame, meta["of_task"] | meta["of_model"][str(model)])
        return Samples.open(folder)


def write_archive(
    run: str | PathLike[str], models: str | PathLike[str], output: str | PathLike[str], *, about: Mapping[str, Any]
) -> Path:
    """Write the archive of an evaluated study.

    Parameters
    ----------
    run : path-like
        Folder of the evaluation, whose models are named ``VARIANT/seed-SEED``.
    models : path-like
        Folder of the trained models, ``VARIANT-sSEED`` each with its manifest.
    output : path-like
        Folder to write.
    about : mapping
        What the manifest says beside: corpus, base, protocol.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If a model of the run has no manifest, or a run no samples.
    """
    folder = Path(output)
    (folder / SAMPLES).mkdir(parents=True, exist_ok=True)
    samples = Samples.open(run)
    runs = by_name(samples.models)
    if not runs:
        raise InputError(
            f"{run} holds no models named VARIANT/seed-SEED; evaluate the study's models under these names"
        )
    described: dict[str, Any] = {}
    rows: list[tuple[Any, ...]] = []
    for task in samples.tasks:
        described[task] = _write_samples(samples, task, runs, folder, rows)
    listed, curves = _runs_and_curves(Path(models), sorted(set(runs.values())))
    write_whole(folder / SCORES, csv_text(pd.DataFrame(rows, columns=list(_SCORE_COLUMNS))))
    write_whole(folder / CURVES, csv_text(curves))
    names = [SCORES, CURVES, *(f"{SAMPLES}/{file_name(task)}.parquet" for task in samples.tasks)]
    manifest = {
        "schema": SCHEMA,
        **about,
        "runs": listed,
        "samples": described,
        "files": {name: file_hash(folder / name) for name in names},
    }
    write_whole(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return folder


def _write_samples(
    samples: Samples, task: str, runs: Mapping[str, tuple[str, int]], folder: Path, rows: list[tuple[Any, ...]]
) -> dict[str, Any]:
    """One file of a task, sorted so that equal columns lie together; adds the task's scores to `rows`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts, of_model, of_task = [], {}, {}
    for model, (variant, seed) in sorted(runs.items(), key=lambda item: item[1]):
        if model not in samples.files[task]:
            continue
        meta = samples.meta(task, model)
        frame = samples.read(task, model)
        own = METRICS[meta["metric"]].columns
        kept = [
            c for c in frame.columns if c in _PLACES or c in own or (c.startswith("similarity") and "similarity" in own)
        ]
        frame = frame[kept].sort_values([c for c in _PLACES if c in kept], kind="stable")
        parts.append(frame.assign(model=model))
        of_model[model] = {key: meta[key] for key in ("main_score", "model_revision") if key in meta}
        of_task = {
            k: v for k, v in meta.items() if k not in ("schema", "task", "model", "main_score_mteb", *of_model[model])
        }
        rows.append((task, meta.get("family", ""), meta.get("main_score_name", ""), variant, seed, meta["main_score"]))
    whole = pd.concat(parts, ignore_index=True)
    table = pa.Table.from_pandas(whole, preserve_index=False)
    with replacing(folder / SAMPLES / f"{file_name(task)}.parquet") as place:
        pq.write_table(table, place, compression="zstd", compression_level=19)
    return {"of_task": of_task, "of_model": of_model}


def _runs_and_curves(models: Path, runs: list[tuple[str, int]]) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """What the manifests of the trained models say, and their losses by step."""
    listed, curves = [], []
    for variant, seed in runs:
        place = models / f"{variant}-s{seed}" / MANIFEST
        if not place.is_file():
            raise InputError(f"no {place}: expected the trained model that the run evaluated")
        found = json.loads(place.read_text(encoding="utf-8"))
        result = found["result"]
        listed.append(
            {
                "variant": variant,
                "seed": seed,
                "run_sha256": found["run_sha256"],
                "base_sha256": found["base"]["sha256"],
                "data_sha256": found["data"]["sha256"],
                "files_sha256": hashlib.sha256(json.dumps(found["files"], sort_keys=True).encode()).hexdigest(),
                "loss": result["loss"],
                "held_out_loss": result["held_out_loss"],
                "seconds": result["seconds"],
            }
        )
        curves += [{"variant": variant, "seed": seed, **entry} for entry in result["history"]]
    columns = ["variant", "seed", "step", "loss", "held_out_loss"]
    return listed, pd.DataFrame(curves, columns=columns)


def read_archive(folder: str | PathLike[str]) -> Archive:
    """Read an archive and check every file against its hash.

    Raises
    ------
    InputError
        If it is none, of a later schema, or a file is missing or another.
    """
    root = Path(folder)
    try:
        manifest: Any = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{root} is no study archive: it has no {MANIFEST} that can be read") from error
    if not isinstance(manifest, dict) or not {"schema", "runs", "samples", "files"} <= set(manifest):
        raise InputError(
            f"{root / MANIFEST} is no manifest of a study archive; expected schema, runs, samples and files"
        )
    if manifest["schema"] not in range(1, SCHEMA + 1):
        raise InputError(
            f"{root} has schema {str(manifest['schema'])[:40]}; this version reads {SCHEMA}: update embsig"
        )
    for name, stated in manifest["files"].items():
        place = root / name
        if not place.is_file() or file_hash(place) != stated:
            raise InputError(
                f"{place} is {'not what its manifest says' if place.is_file() else 'missing'}; copy the archive anew"
            )
    return Archive(root, manifest, pd.read_csv(root / SCORES), pd.read_csv(root / CURVES))


def study_archive() -> Archive:
    """Read the study's archive that ships with embsig: every run's score on every task, its samples and its losses.

    Returns
    -------
    Archive

    Raises
    ------
    InputError
        If this installation has none, or a file of it is not what its manifest says.

    Examples
    --------
    >>> import embsig
    >>> archive = embsig.study_archive()
    >>> sorted(archive.table.columns)
    ['family', 'metric', 'score', 'seed', 'task', 'variant']
    """
    return read_archive(SHIPPED)
