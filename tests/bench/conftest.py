"""Random decoders of a few thousand parameters, each with a byte-level tokenizer, and triples to train them on."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tiny_models import save_decoder


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
