"""A decoder of the shape of a 7B model with random weights, in bfloat16: encoding, training steps, share of the peak.

Runs where a CUDA device is there; ``--tiny`` runs the same code on the processor with a few thousand parameters.
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
    from bench import build_variant
    from bench.runner.encoding.encode import Encoder

    device = "cpu" if options.tiny else "cuda"
    name = "the processor" if options.tiny else torch.cuda.get_device_name()
    layers, hidden, count = (2, 32, 12) if options.tiny else (32, 4096, 1000)
    content = texts(count)
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        make_base(Path(folder), layers, hidden)
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
            f"encode {count:,} texts, {parameters / 1e9:.1f}B parameters, bfloat16, {name}", "SentenceTransformer.encode",
            ours, theirs, ratio=theirs / ours, note=f"{count / ours:,.0f} texts/s, {tokens / ours:,.0f} tokens/s{share}",
        ),
        Row(f"forward and backward of 8 texts, {name}", "–", ours=step, note=f"{8 / step:,.1f} texts/s"),
    ]  # fmt: skip


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
