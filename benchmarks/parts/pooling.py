"""What pooling over all layers costs beside last-token pooling of the same base, in time and peak memory.

Three ways over one set of texts and one random decoder: last-token pooling; pooling over layers with a tap per layer, as
embsig does it; and pooling over layers with ``output_hidden_states=True``, as it is usually done. Time is CPU time of
interleaved rounds, so that other work on the machine weighs on all alike; peak memory is the growth of the resident set
while encoding, each way in a process of its own. The ratios of one run are what counts.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Options, Row, child

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
    import torch

    from bench import build_variant

    torch.set_num_threads(1)  # threads that wait for each other on a busy machine count as CPU time
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


def measured_peak(base: str, attention: str, way: str, count: str) -> float:
    """`peak_memory`, for a process of its own."""
    return peak_memory(Path(base), attention, way, int(count))


def run(options: Options) -> list[Row]:
    """Both attentions: time of interleaved rounds, memory in processes of their own."""
    layers, hidden, count, rounds = (2, 32, 8, 1) if options.tiny else (12, 512, 96, options.rounds)
    # Freed tensors go back to the system at once, so that the resident set is what is alive.
    env = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    rows = []
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        make_base(Path(folder), layers, hidden)
        for attention in PAIRS:
            times = time_ratios(Path(folder), attention, count, rounds)
            memory = {
                way: child("benchmarks.parts.pooling", "measured_peak", folder, attention, way, str(count), env=env)
                for way in WAYS
            }
            for other in (WAYS[0], WAYS[2]):
                ratios = [a / b for a, b in zip(times[WAYS[1]], times[other], strict=True)]
                ratio, room = statistics.median(ratios), memory[WAYS[1]] / max(memory[other], 1e-9)
                asked = other == WAYS[0]
                rows.append(
                    Row(
                        f"multi-layer pooling, {attention} attention, {layers} layers of {hidden}",
                        "last-token pooling" if asked else "the hidden_states way",
                        statistics.median(times[WAYS[1]]),
                        statistics.median(times[other]),
                        ratio=ratio,
                        ratio_low=min(ratios),
                        ratio_high=max(ratios),
                        reach="<= 1.05x time, <= 1.1x memory" if asked else "",
                        reached=bool(ratio <= 1.05 and room <= 1.1) if asked else None,
                        note=f"peak memory {memory[WAYS[1]]:.0f} MB against {memory[other]:.0f} MB: {room:.2f}x; ratios are ours over theirs",
                    )
                )
    return rows
