"""A per-sample analysis that is larger than memory: 700 models on 1,000 tasks, 5 GB of Parquet, read task by task.

The files are made in a temporary folder and deleted afterwards. They are valid samples files that differ in their scores and
in what their metadata say; to make 700,000 of them in minutes, one is written by pyarrow and the others from its bytes.
"""

import io
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Options, Row, child, peak

MODELS, TASKS, SAMPLES = 700, 1000, 360


def write_files(folder: Path, n_models: int, n_tasks: int, n_samples: int, seed: int = 0) -> int:
    """Write the samples of a run, and return their bytes."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(0, 0.03, n_models)
    total = 0
    for t in range(n_tasks):
        task = f"Task{t:04d}"
        template, at_scores, at_text, text = _template(task, n_samples)
        here = folder / "samples" / task
        here.mkdir(parents=True)
        difficulty = rng.normal(0.6, 0.2, n_samples)
        for m in range(n_models):
            scores = np.clip(difficulty + ability[m] + rng.normal(0, 0.1, n_samples), 0, 1)
            data = bytearray(template)
            data[at_scores : at_scores + scores.nbytes] = scores.tobytes()
            data[at_text : at_text + len(text)] = _metadata(task, f"org/model-{m:04d}", scores.mean())
            (here / f"org%2Fmodel-{m:04d}.parquet").write_bytes(data)
            total += len(data)
    return total


def _template(task: str, n_samples: int) -> tuple[bytes, int, int, bytes]:
    """A file, and where in it the scores and the metadata stand."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    scores = np.arange(n_samples) + 1 / 3
    text = _metadata(task, "org/model-0000", 0.0)
    table = pa.table({"sample": [f"q{i:06d}" for i in range(n_samples)], "score": scores})
    target = io.BytesIO()
    options: dict[str, Any] = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(target, table.schema, store_schema=False, **options) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"embsig.samples": text})
    data = target.getvalue()
    at = data.find(scores.tobytes()), data.find(text)
    assert min(at) > 0, "the template's values stand as they are in its bytes"
    return data, *at, text


def _metadata(task: str, model: str, mean: float) -> bytes:
    about = {"schema": 1, "task": task, "model": model, "metric": "mean", "family": "Retrieval"}
    return f'{json.dumps(about)[:-1]}, "main_score": {mean:.16f}}}'.encode()


def analyse(folder: str) -> dict[str, float]:
    """Analyse the samples of all tasks, all pairs of models; run in a process of its own."""
    from stats import Samples, sample_level

    start, cpu = time.perf_counter(), time.process_time()
    samples = Samples.open(folder)
    found = sample_level(samples, rng=0)
    assert len(found.pairs.to_frame()) == len(samples.models) * (len(samples.models) - 1) // 2
    assert len(found.tasks) == len(samples.models) * len(samples.tasks)
    return {
        "wall": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak(),
        "pairs": len(found.pairs.to_frame()),
    }


def run(options: Options) -> list[Row]:
    """Write, analyse, delete."""
    k, n, m = (6, 5, 20) if options.tiny else (MODELS, TASKS, SAMPLES)
    with tempfile.TemporaryDirectory(prefix="embsig-stream-", dir=options.scratch) as folder:
        size = write_files(Path(folder), k, n, m)
        found = child("benchmarks.parts.stream", "analyse", folder, threads=1)
    return [
        Row(
            f"samples of {k:,} models x {n:,} tasks, {size / 1e9:.1f} GB of Parquet, {found['pairs']:,} pairs",
            "–",
            ours=found["wall"],
            reach="peak memory < 2 GB",
            measured=f"peak {found['peak_mb'] / 1024:.2f} GB",
            reached=found["peak_mb"] < 2048,
            note=f"{1000 * found['cpu'] / (k * n):.2f} ms of CPU a file, all included; one thread",
        )
    ]
