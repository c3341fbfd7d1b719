"""Encoding texts of mixed length, and several poolings from one pass of the decoder."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Options, Row, against
from benchmarks.parts.pooling import make_base

VARIANTS = ("model-1", "mean+causal", "weighted-mean+causal", "max+causal", "last-4-layers+causal")


def texts(count: int) -> list[str]:
    """Texts of 10 to about 900 characters, most of them short, in no order."""
    rng = np.random.default_rng(0)
    words = [
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "a",
        "lazy",
        "dog",
        "while",
        "analysts",
        "compare",
        "models",
    ]
    lengths = np.clip(rng.lognormal(2.7, 0.9, count), 2, 160).astype(int)
    return [" ".join(rng.choice(words, n)) + f" {i}" for i, n in enumerate(lengths)]


def run(options: Options) -> list[Row]:
    """The runner's encoder against sentence-transformers; five variants together against one by one."""
    import torch

    from bench import build_variant
    from bench.runner.encoding.encode import Encoder
    from bench.variants.shared_decoder import build_together

    count, few = (20, 8) if options.tiny else (2000, 300)
    rounds = 1 if options.tiny else options.rounds
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine count as CPU time
    content = texts(count)
    rows = []
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        base = folder if options.tiny else "embedded"
        if options.tiny:
            make_base(Path(folder), 2, 32)
        model = build_variant(base, "mean+causal")
        encoder = Encoder(model, None)

        def ours() -> Any:
            return encoder.encode_distinct(content, None, None)

        def theirs() -> Any:
            return model.encode(content, show_progress_bar=False)

        apart = float(np.abs(ours() - theirs()).max())
        rows.append(against(f"encode {count:,} texts of mixed length, the embedded base, processor", "SentenceTransformer.encode, same weights, its defaults", ours, theirs, at_least=1.15, rounds=rounds, note=f"largest difference of a vector {apart:.1e}"))  # fmt: skip
        some = content[:few]
        joint = Encoder(build_together(base, VARIANTS)[0], None)
        single = [Encoder(build_variant(base, name), None) for name in VARIANTS]

        def together() -> Any:
            return np.split(joint.encode_distinct(some, None, None), len(VARIANTS), axis=1)

        def one_by_one() -> Any:
            return [e.encode_distinct(some, None, None) for e in single]

        same = all(np.array_equal(a, b) for a, b in zip(together(), one_by_one(), strict=True))
        row = against(f"{len(VARIANTS)} poolings of one attention, {few:,} texts, the embedded base", "one pass per pooling", together, one_by_one, at_least=0.7 * len(VARIANTS), rounds=rounds, note=f"one pass of the decoder serves all; vectors equal to the last bit: {'yes' if same else 'NO'}")  # fmt: skip
        rows.append(row)
    return rows
