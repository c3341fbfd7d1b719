"""Random decoders of a few thousand parameters, each with a byte-level tokenizer, and triples to train them on."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

#: Architecture name -> (configuration class, what it needs beyond the common sizes).
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "mistral": ("MistralConfig", {"sliding_window": None}),
    "mistral-window": ("MistralConfig", {"sliding_window": 4}),
    "llama": ("LlamaConfig", {}),
    "qwen2": ("Qwen2Config", {}),
    "qwen3": ("Qwen3Config", {"head_dim": 8}),
    "gemma": ("GemmaConfig", {"head_dim": 8}),
    "gemma3": (
        "Gemma3TextConfig",
        {
            "head_dim": 8,
            "sliding_window": 4,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
}


def save_tokenizer(folder: Path, *, pad: bool = True, eos: bool = True) -> None:
    """Write a byte-level tokenizer with BOS, EOS and, if asked for, PAD."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<s>", "</s>", "<pad>"]
    vocabulary = {token: i for i, token in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = {"bos_token": "<s>", **({"eos_token": "</s>"} if eos else {}), **({"pad_token": "<pad>"} if pad else {})}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=4096, **names).save_pretrained(folder)


def save_decoder(
    folder: Path,
    architecture: str = "llama",
    *,
    layers: int = 3,
    hidden: int = 32,
    seed: int = 0,
    tokenizer: bool = True,
    **tokenizer_options: bool,
) -> Path:
    """Write a random decoder of the architecture, with its tokenizer, and return the folder."""
    import torch
    import transformers

    name, extra = ARCHITECTURES[architecture]
    config = getattr(transformers, name)(
        vocab_size=260,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        initializer_range=0.2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        **extra,
    )
    torch.manual_seed(seed)
    model = transformers.AutoModel.from_config(config)
    model.save_pretrained(folder)
    if tokenizer:
        save_tokenizer(folder, **tokenizer_options)
    return folder


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the function that gives the folder of a random decoder by the name of its architecture."""

    @cache
    def folder(architecture: str = "llama") -> Path:
        return save_decoder(tmp_path_factory.mktemp("decoder") / architecture, architecture)

    return folder


@pytest.fixture(scope="session")
def make_decoder() -> Callable[..., Path]:
    """Return `save_decoder`, for a decoder that lacks something."""
    return save_decoder


@pytest.fixture(scope="session")
def triples_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 triples whose query shares its words with the positive and not with the negatives."""
    words = [
        "cat",
        "dog",
        "bird",
        "fish",
        "tree",
        "sun",
        "moon",
        "rain",
        "snow",
        "wind",
        "fire",
        "rock",
        "sand",
        "leaf",
    ]
    generator = np.random.default_rng(0)
    rows = []
    for i in range(120):
        first, second, other = generator.choice(words, 3, replace=False).tolist()
        rows.append(
            {
                "query": f"{first} {second} {i}",
                "positive": f"{second} and {first}, number {i}",
                "negative": [f"{other} {i + 1}", f"nothing but {other}"],
            }
        )
    path = tmp_path_factory.mktemp("data") / "triples.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    return path
