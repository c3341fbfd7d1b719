"""What pooling over all layers costs beside last-token pooling of the same base, in time and peak memory.

Three ways over one set of texts and one random decoder: last-token pooling; pooling over layers with a tap per layer, as
embsig does it; and pooling over layers with ``output_hidden_states=True``, as it is usually done. Time is CPU time of
interleaved rounds, so that other work on the machine weighs on all alike; peak memory is the growth of the resident set
while encoding, each way in a process of its own. The ratios of one run are what counts.

    python benchmarks/pooling_cost.py [--layers 12] [--hidden 512] [--texts 128] [--rounds 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WAYS = ("last token", "layers, tapped", "layers, hidden_states")
PAIRS = {"causal": ("model-1", "model-3"), "bidirectional": ("eos+bidirectional", "model-5")}


def make_base(folder: Path, layers: int, hidden: int) -> None:
    """Write a random decoder of Qwen2's shape with a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import AutoModel, PreTrainedTokenizerFast, Qwen2Config

    alphabet = ["<pad>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = {"pad_token": "<pad>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    config = Qwen2Config(
        vocab_size=len(alphabet),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=1024,
    )
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)


def texts(count: int) -> list[str]:
    """Return texts of 60 to 250 characters."""
    return [("the quick brown fox jumps over the lazy dog " * 6)[: 60 + (37 * i) % 190] for i in range(count)]


def keep_hidden_states(model: Any) -> None:
    """Make a variant keep all layers' states and reduce them afterwards."""
    import torch

    from bench.variants.pooling.taps import reducer

    decoder = model[0]

    def forward(features: dict[str, Any], **_: Any) -> dict[str, Any]:
        mask = features["attention_mask"]
        features["pooled_tokens"] = pooled = mask.bool()
        output = decoder.model(
            input_ids=features["input_ids"], attention_mask=mask, use_cache=False, output_hidden_states=True
        )
        reduce = reducer(decoder.layer_source, pooled)
        features["layer_embeddings"] = torch.stack([reduce(states) for states in output.hidden_states[1:]], dim=1)
        features["token_embeddings"] = output.last_hidden_state
        return features

    decoder.forward = forward


def build(base: Path, attention: str, way: str) -> Any:
    """Build the variant that goes a way."""
    from bench import build_variant

    model = build_variant(base, PAIRS[attention][way != WAYS[0]])
    if way == WAYS[2]:
        keep_hidden_states(model)
    return model


def peak_memory(base: Path, attention: str, way: str, count: int) -> float:
    """Return by how many MB the resident set grows while encoding, measured in this process."""
    model = build(base, attention, way)
    content = texts(count)
    model.encode(content, batch_size=32)  # kernels and caches are there before the measurement
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    model.encode(content, batch_size=32)
    return _status("VmHWM") - before


def _status(field: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def time_ratios(base: Path, attention: str, count: int, rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of every round and way."""
    import numpy as np

    models = {way: build(base, attention, way) for way in WAYS}
    content = texts(count)
    vectors = {way: model.encode(content[:32], batch_size=32) for way, model in models.items()}
    assert np.allclose(vectors[WAYS[1]], vectors[WAYS[2]], atol=1e-6), (
        "both ways over layers must give the same vectors"
    )
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, model in models.items():
            start = time.process_time()
            model.encode(content, batch_size=32)
            seconds[way].append(time.process_time() - start)
    return seconds


def main() -> None:
    """Measure, and print one table per attention."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("layers", 12), ("hidden", 512), ("texts", 128), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--memory", nargs=3, metavar=("BASE", "ATTENTION", "WAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        base, attention, way = options.memory
        print(json.dumps(peak_memory(Path(base), attention, way, options.texts)))
        return
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        make_base(base, options.layers, options.hidden)
        for attention in PAIRS:
            seconds = time_ratios(base, attention, options.texts, options.rounds)
            first = seconds[WAYS[0]]
            memory = {}
            for way in WAYS:
                command = [sys.executable, __file__, "--texts", str(options.texts), "--memory", folder, attention, way]
                # Freed tensors go back to the system at once, so that the resident set is what is alive.
                environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
                run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
                memory[way] = float(run.stdout.splitlines()[-1])
            print(
                f"\n{attention} attention, {options.layers} layers of {options.hidden}, {options.texts} texts, {options.rounds} rounds"
            )
            print(f"{'':24}{'CPU s':>8}{'ratio':>8}{'peak MB':>10}{'ratio':>8}")
            for way in WAYS:
                ratio = statistics.median(a / b for a, b in zip(seconds[way], first, strict=True))
                print(
                    f"{way:24}{statistics.median(seconds[way]):8.2f}{ratio:8.3f}{memory[way]:10.0f}{memory[way] / memory[WAYS[0]]:8.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
