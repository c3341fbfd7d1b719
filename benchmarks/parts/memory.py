"""What `embsig train --estimate` says beside what training takes: three bases, each trained in a process of its own.

Peak memory is the growth of the resident set over two updates, after an update of another model has loaded every library. Freed
tensors go back to the system at once, so that the resident set is what is alive.
"""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import Options, Row, child
from benchmarks.parts.pooling import _status

#: Title -> configuration class of transformers, its sizes, variant, and what the recipe is beside them.
CASES: dict[str, tuple[str, dict[str, int], str, dict[str, Any]]] = {
    "Llama, mean, plain loss": (
        "LlamaConfig",
        {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4},
        "mean+causal",
        {"batch_size": 16},
    ),
    "Mistral, model-5, GradCache": (
        "MistralConfig",
        {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4},
        "model-5",
        {"batch_size": 64, "mini_batch_size": 32},
    ),
    "Qwen2, model-4, checkpointing": (
        "Qwen2Config",
        {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6},
        "model-4",
        {"batch_size": 32, "gradient_checkpointing": True},
    ),
}
RECIPE = {
    "preset": "embedded", "steps": 2, "checkpoint_every": 0, "held_out": 0, "precision": "fp32", "save_dtype": "float32",
    "warmup_steps": 0, "max_length": 128,
}  # fmt: skip


def make_base(folder: Path, config: str, sizes: dict[str, int]) -> Path:
    """Write a random decoder with a byte-level tokenizer."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    alphabet = ["<pad>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = {"pad_token": "<pad>", "eos_token": "</s>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    made = getattr(transformers, config)(
        vocab_size=len(alphabet), num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=1024, **sizes
    )
    torch.manual_seed(0)
    transformers.AutoModel.from_config(made).save_pretrained(folder)
    return folder


def rows(count: int) -> list[dict[str, Any]]:
    """Rows of texts that are longer than is read."""
    return [{"query": f"{i} q" * 100, "positive": f"{i} p" * 100, "negative": [f"{i} n" * 100]} for i in range(count)]


def measured_and_estimated(title: str) -> list[float]:
    """Bytes at the peak, measured and estimated; for a process of its own."""
    import torch

    from bench import train
    from bench.training.memory import estimate_memory

    torch.set_num_threads(1)
    config, sizes, variant, options = CASES[title]
    recipe = {**RECIPE, **options}
    with tempfile.TemporaryDirectory(prefix="embsig-") as place:
        folder = Path(place)
        base = make_base(folder / "base", config, sizes)
        small = make_base(
            folder / "small", config, {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
        )
        few = {**recipe, "batch_size": 4, "mini_batch_size": min(2, recipe.get("mini_batch_size", 0)), "max_length": 8}
        train(small, variant, rows(8), folder / "first", **few)
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        train(base, variant, rows(2 * recipe["batch_size"]), folder / "second", **recipe)
        measured = (_status("VmHWM") - before) * 2**20
        estimated = estimate_memory(base, variant, device="cpu", **recipe).total
    return [measured, estimated]


def run(options: Options) -> list[Row]:
    """Every case in a process of its own; of a smoke test, the first alone."""
    env = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    found = []
    for title in list(CASES)[: 1 if options.tiny else None]:
        measured, estimated = child("benchmarks.parts.memory", "measured_and_estimated", title, env=env)
        ratio = estimated / measured
        found.append(
            Row(
                title, "measured peak", ratio=ratio, reach="0.85-1.15x", reached=abs(ratio - 1) <= 0.15,
                note=f"estimated {estimated / 2**20:,.0f} MiB, measured {measured / 2**20:,.0f} MiB",
            )
        )  # fmt: skip
    return found
