"""Encoding: the vectors of sentence-transformers, in batches within the budget, each text once, kept within a bound."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.runner.encoding.embeddings import EmbeddingCache
from bench.runner.encoding.load_encoder import load_encoder
from bench.runner.grid.jobs import Settings
from bench.runner.grid.models import resolve_models
from bench.runner.grid.prompts import Prompts

TEXTS = ["a", "some words of a text " * 6, "b c", "a", "", "x" * 40, "a longer text, with words: and more", "b c"] * 2


@pytest.fixture(scope="module")
def sts() -> Any:
    from mteb.get_tasks import _TASKS_REGISTRY

    return _TASKS_REGISTRY["STSBenchmark"]().metadata


def encode(encoder: Any, texts: list[str], metadata: Any, role: Any = None) -> Any:
    from mteb._create_dataloaders import _create_dataloader_from_texts

    inputs = _create_dataloader_from_texts(texts)
    return encoder.encode(inputs, task_metadata=metadata, hf_split="test", hf_subset="default", prompt_type=role)


def loaded(folder: Path, **settings: Any) -> Any:
    (spec,) = resolve_models([folder])
    return load_encoder(spec, Settings(**settings))


@pytest.mark.parametrize("budget", [1, 50, 4096])
def test_the_vectors_are_those_of_sentence_transformers(tiny_model: Path, sts: Any, budget: int) -> None:
    encoder = loaded(tiny_model, batch_tokens=budget)
    expected = encoder.model.encode(TEXTS, show_progress_bar=False)
    found = encode(encoder, TEXTS, sts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_batches_hold_each_distinct_text_once_within_the_budget(tiny_model: Path, sts: Any) -> None:
    encoder = loaded(tiny_model, batch_tokens=60)
    sizes: list[tuple[int, int]] = []
    run = encoder.model.encode

    def spy(texts: list[str], **options: Any) -> Any:
        sizes.append((len(texts), int(encoder._lengths(texts).max())))
        return run(texts, **options)

    encoder.model.encode = spy
    encode(encoder, TEXTS, sts)
    assert sum(n for n, _ in sizes) == len(set(TEXTS))
    assert all(n * longest <= 60 or n == 1 for n, longest in sizes)
    assert [longest for _, longest in sizes] == sorted((longest for _, longest in sizes), reverse=True)


def test_lengths_are_in_tokens_cut_at_the_models_longest(tiny_model: Path) -> None:
    encoder = loaded(tiny_model)
    assert encoder._lengths(["", "abc", "y " * 5000]).tolist() == [2, 5, encoder.model.max_seq_length]


def test_lengths_do_not_count_the_padding_that_a_tokenizer_comes_with(tiny_model: Path) -> None:
    encoder = loaded(tiny_model)
    backend = encoder.model.tokenizer.backend_tokenizer
    backend.enable_padding(length=64)
    backend.enable_truncation(4)
    assert encoder._lengths(["a", "a b c d e"]).tolist() == [3, 7]
    assert backend.padding["length"] == 64


def test_prompts_go_before_the_text(tiny_model: Path, sts: Any) -> None:
    encoder = loaded(tiny_model, prompts=Prompts.parse({"default": "say: "}))
    expected = encoder.model.encode(["say: hello"], show_progress_bar=False)
    np.testing.assert_allclose(encode(encoder, ["hello"], sts), expected, atol=1e-6)
    bare = loaded(tiny_model, prompts=Prompts.parse("none"))
    assert not np.allclose(encode(bare, ["hello"], sts), expected, atol=1e-3)


def test_the_same_list_is_encoded_once(tiny_model: Path, sts: Any) -> None:
    encoder = loaded(tiny_model)
    first = encode(encoder, TEXTS, sts)
    assert encoder.cache.hits == 0
    np.testing.assert_array_equal(encode(encoder, TEXTS, sts), first)
    encode(encoder, TEXTS[:3], sts)
    assert encoder.cache.hits == 1


def test_a_pool_of_two_processes_gives_the_same_vectors_as_sentence_transformers_own(
    tiny_model: Path, sts: Any
) -> None:
    encoder = loaded(tiny_model, devices=("cpu", "cpu"))
    calls: list[Any] = []
    encoder.model.start_multi_process_pool = lambda devices: calls.append(devices) or {"processes": []}
    encoder.model.stop_multi_process_pool = calls.append
    run = encoder.model.encode
    encoder.model.encode = lambda texts, pool, **options: calls.append(pool) or run(texts, **options)
    assert encode(encoder, ["a", "b", "a"], sts).shape == (3, 16)
    encoder.close()
    assert calls == [["cpu", "cpu"], {"processes": []}, {"processes": []}]


def test_the_cache_keeps_to_its_bound_and_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    vectors = {c: np.full((4, 8), i, dtype=np.float32) for i, c in enumerate("abcd")}  # 128 bytes each
    cache = EmbeddingCache(300, tmp_path / "kept")
    for key in "ab":
        cache.put(key, vectors[key])
    assert cache.get("a") is vectors["a"]
    cache.put("c", vectors["c"])
    assert {k for k in "abc" if k in cache._kept} == {"a", "c"}
    cache.put("d", np.zeros((40, 8), dtype=np.float32))
    assert cache.get("d") is None
    files = sorted(tmp_path.joinpath("kept").glob("*.npy"))
    assert sum(f.stat().st_size for f in files) <= 300
    later = EmbeddingCache(300, tmp_path / "kept")
    np.testing.assert_array_equal(later.get(files[0].stem), vectors[files[0].stem])
    files[0].write_bytes(b"damaged")
    assert EmbeddingCache(300, tmp_path / "kept").get(files[0].stem) is None


def test_the_key_of_a_list_knows_its_context_and_its_boundaries() -> None:
    keys = {
        EmbeddingCache.key(context, texts)
        for context, texts in [(("r", None), ["ab", "c"]), (("r", None), ["a", "bc"]), (("s", None), ["ab", "c"]),
                               (("r", ""), ["ab", "c"]), (("r", None), ["abc"])]
    }  # fmt: skip
    assert len(keys) == 5
