"""A sentence-transformers model of a few thousand parameters, and mteb's mock tasks."""

import string
import sys
from pathlib import Path
from typing import Any

import pytest

# `compare_runs` stands beside the tests: the crash script, which is no test, uses it too.
sys.path.insert(0, str(Path(__file__).parent))


def save_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Write a random BERT of two layers with a letter vocabulary, mean pooling, as a sentence-transformers folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = folder.parent / f"{folder.name}-base"
    base.mkdir(parents=True)
    letters = string.ascii_lowercase + string.digits + string.punctuation
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    torch.manual_seed(seed)
    BertModel(
        BertConfig(
            vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
            initializer_range=0.5, max_position_embeddings=128,
        )
    ).save_pretrained(base)  # fmt: skip
    BertTokenizerFast(vocab={t: i for i, t in enumerate(vocabulary)}, model_max_length=128).save_pretrained(base)
    words = Transformer(str(base))
    model = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension())], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder that loads in no time."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def mock_tasks() -> list[Any]:
    """Mteb's 29 mock tasks of text."""
    from mteb.mocks import ALL_MOCK_TASK_TEST_GRID

    return [t for t in ALL_MOCK_TASK_TEST_GRID if list(t.metadata.modalities) == ["text"]]
