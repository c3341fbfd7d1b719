"""A decoder of the shape of a 7B model with random weights, in bfloat16: encoding, training steps, share of the peak; some eight minutes.

Beside it: whether vectors in bfloat16 order pairs of texts as those in float32 do, what a step of LoRA and of QLoRA takes beside the estimate, and tokens
per second of a 0.5B shape with recomputed activations. Runs where a CUDA device is there; ``--tiny`` runs the same code on the processor with a few
thousand parameters.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import Options, Row
from benchmarks.parts.encoding import texts
from benchmarks.parts.pooling import make_base

#: Dense bfloat16 peak in TFLOP/s by a part of the device's name.
PEAKS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "L40S": 362.0, "4090": 165.0}


def run(options: Options) -> list[Row]:
    """Encoding against sentence-transformers with the same weights, and training steps of a LoRA-free last layer."""
    import torch

    if not (torch.cuda.is_available() or options.tiny):
        return [Row("a 7B-shaped decoder in bfloat16", "sentence-transformers", note="not measured: no CUDA device")]
    device = "cpu" if options.tiny else "cuda"
    layers, hidden, count = (2, 32, 12) if options.tiny else (32, 4096, 1000)
    content = texts(count)
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as place:
        folder = Path(place)
        make_base(folder, layers, hidden)
        # Each in a function of its own, so that its models are gone when the next begins.
        rows = _encoding(folder, content, device, options)
        rows.append(_in_float32(folder, content[: 12 if options.tiny else 400], device))
        rows += [_step_and_estimate(folder, preset, options.tiny) for preset in ("default", "qlora")]
        rows.append(_tokens_per_second(folder / "half", options.tiny))
    return rows


def _encoding(folder: Path, content: list[str], device: str, options: Options) -> list[Row]:
    """Encoding both ways in turn, and a forward and backward pass."""
    import torch

    from bench import build_variant
    from bench.runner.encoding.encode import Encoder

    name = "the processor" if options.tiny else torch.cuda.get_device_name()
    model = build_variant(folder, "mean+bidirectional", dtype="bfloat16", device=device)
    encoder = Encoder(model, None)
    parameters = sum(p.numel() for p in model.parameters())
    tokens = int(encoder._lengths(content).sum())
    ways: dict[str, Any] = {
        "ours": lambda: encoder.encode_distinct(content, None, None),
        "theirs": lambda: model.encode(content, show_progress_bar=False),
    }
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for i in range(1 if options.tiny else options.rounds + 1):
        for way, encode in ways.items():
            seconds = _timed(encode, device)
            if i or options.tiny:
                spent[way].append(seconds)
    step = _timed(lambda: _train_step(model, content[:8]), device)
    ours, theirs = median(spent["ours"]), median(spent["theirs"])
    peak = next((v for k, v in PEAKS.items() if k in name), None)
    share = "" if peak is None else f", {100 * 2 * parameters * tokens / ours / peak / 1e12:.0f} % of the peak"
    return [
        Row(
            f"encode {len(content):,} texts, {parameters / 1e9:.1f}B parameters, bfloat16, {name}", "SentenceTransformer.encode",
            ours, theirs, ratio=theirs / ours, note=f"{len(content) / ours:,.0f} texts/s, {tokens / ours:,.0f} tokens/s{share}",
        ),
        Row(f"forward and backward of 8 texts, {name}", "–", ours=step, note=f"{8 / step:,.1f} texts/s"),
    ]  # fmt: skip


def _rows(count: int) -> list[dict[str, Any]]:
    """Training rows of texts that are longer than is read."""
    return [{"query": f"{i} q" * 600, "positive": f"{i} p" * 600, "negative": [f"{i} n" * 600]} for i in range(count)]


def _in_float32(base: Path, content: list[str], device: str) -> Row:
    """Cosines of pairs of texts in bfloat16 beside those in float32."""
    import numpy as np
    from scipy.stats import spearmanr

    from bench import build_variant

    cosines, start = [], time.perf_counter()
    for dtype in ("bfloat16", "float32"):
        vectors = build_variant(base, "mean+bidirectional", dtype=dtype, device=device).encode(content)
        cosines.append(np.einsum("id,id->i", vectors[::2].astype(float), vectors[1::2].astype(float)))
    rank = float(spearmanr(*cosines).statistic)
    moved = float(np.abs(cosines[0] - cosines[1]).max())
    return Row(
        f"cosines of {len(cosines[0])} pairs in bfloat16", "float32", ours=time.perf_counter() - start,
        measured=f"Spearman {rank:.4f}, largest difference {moved:.2g}",
    )  # fmt: skip


def _step_and_estimate(base: Path, preset: str, tiny: bool) -> Row:
    """Two updates of a preset, and the memory that they took beside the estimate."""
    from importlib.util import find_spec

    import torch

    from bench import estimate_memory, train

    work = f"an update by preset {preset}"
    if preset == "qlora" and (tiny or find_spec("bitsandbytes") is None):
        preset, work = ("default", f"{work}, unpacked") if tiny else (preset, work)
        if not tiny:
            return Row(work, "the estimate", note="not measured: bitsandbytes is not installed")
    recipe: dict[str, Any] = {"steps": 2, "batch_size": 64, "held_out": 0, "checkpoint_every": 0}
    if tiny:
        recipe |= {"batch_size": 4, "mini_batch_size": 2, "max_length": 16, "precision": "fp32"}
    options = {} if tiny else {"dtype": "bfloat16"}
    start = time.perf_counter()
    if not tiny:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    with tempfile.TemporaryDirectory(prefix="embsig-") as place:
        train(base, "model-5", _rows(2 * recipe["batch_size"]), Path(place) / "m", preset=preset, **options, **recipe)
    taken = 0.0 if tiny else float(torch.cuda.max_memory_allocated())
    seconds = (time.perf_counter() - start) / 2
    said = estimate_memory(base, "model-5", preset=preset, device="cpu" if tiny else "gpu", **options, **recipe).total
    ratio = said / taken if taken else None
    return Row(
        work, "the estimate", ours=seconds, ratio=ratio, reach="0.85-1.15x", reached=None if ratio is None else abs(ratio - 1) <= 0.15,
        note=f"estimated {said / 2**30:.2f} GiB" + (f", measured {taken / 2**30:.2f} GiB" if taken else ", not measured here"),
    )  # fmt: skip


def _tokens_per_second(folder: Path, tiny: bool) -> Row:
    """Training of the shape of Qwen2-0.5B with recomputed activations."""
    from bench import train

    make_base(folder, *((2, 32) if tiny else (24, 1024)))
    recipe: dict[str, Any] = {"steps": 4, "batch_size": 256, "held_out": 0, "checkpoint_every": 0}
    if tiny:
        recipe |= {"steps": 2, "batch_size": 4, "mini_batch_size": 2, "max_length": 16, "precision": "fp32"}
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="embsig-") as place:
        done = train(folder, "model-1", _rows(4 * recipe["batch_size"]), Path(place) / "m", **recipe)
    return Row(
        "training of a 0.5B shape, recomputed activations", "–", ours=time.perf_counter() - start,
        note=f"{done.tokens_per_second:,.0f} tokens/s",
    )  # fmt: skip


def _timed(run: Any, device: str) -> float:
    import torch

    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _train_step(model: Any, content: list[str]) -> None:
    """Forward and backward through the whole decoder."""
    features = {k: v.to(model.device) for k, v in model[0].preprocess(content).items()}
    vectors = model(features)["sentence_embedding"]
    (vectors @ vectors.T).float().logsumexp(dim=1).sum().backward()
    model.zero_grad(set_to_none=True)
