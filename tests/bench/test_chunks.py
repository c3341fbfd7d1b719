"""Late chunking: the states of a document read whole, pooled by its chunks."""

import numpy as np
import pytest
import torch

from bench import build_variant, encode_chunks, export_model, load_model
from stats.common.errors import InputError

DOCUMENTS = [["abc", "de"], ["a longer chunk", "b", "the third of them"], ["one"]]


def unit(states):
    """The direction of the mean of some states."""
    mean = states.mean(0)
    return (mean / mean.norm()).numpy()


def test_a_chunk_is_the_mean_of_its_own_states_by_hand(tiny_decoder):
    """A token a letter: a b c, the space that stands before d, d, e, and the EOS, which is the last chunk's; the instruction is nobody's."""
    model = build_variant(tiny_decoder("llama"), "mean+bidirectional")
    decoder = model[0]
    for prompt in ("", "q: "):
        with torch.no_grad():
            states = decoder(decoder.preprocess(["abc de"], prompt=prompt))["token_embeddings"][0, len(prompt) :]
        [found] = encode_chunks(model, [["abc", "de"]], prompt=prompt)
        assert states.shape[0] == 7
        assert abs(found[0] - unit(states[:3])).max() < 1e-6
        assert abs(found[1] - unit(states[3:])).max() < 1e-6


@pytest.mark.parametrize("name", ["mean+bidirectional", "late-chunks+causal", "nv-latent+bidirectional", "max+causal"])
def test_batch_and_padding_move_no_chunk_and_one_chunk_is_the_text(tiny_decoder, name):
    model = build_variant(tiny_decoder("qwen3"), name, fidelity="embedded")
    together = encode_chunks(model, DOCUMENTS)
    assert [found.shape for found in together] == [(2, 32), (3, 32), (1, 32)]
    alone = [encode_chunks(model, [document])[0] for document in DOCUMENTS]
    assert max(abs(a - b).max() for a, b in zip(together, alone, strict=True)) < 1e-5
    assert abs(together[2][0] - model.encode("one")).max() < 1e-6
    assert all(np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5) for found in together)


def test_a_chunk_knows_what_the_attention_lets_it_see(tiny_decoder):
    for attention, ahead in (("causal", False), ("bidirectional", True)):
        model = build_variant(tiny_decoder("llama"), f"mean+{attention}")
        first, second = encode_chunks(model, [["a chunk", "as this"], ["a chunk", "or that"]])
        assert (abs(first[0] - second[0]).max() > 1e-4) == ahead
        assert abs(encode_chunks(model, [["another", "as this"]])[0][1] - first[1]).max() > 1e-4


def test_an_exported_model_gives_the_same_chunks(tiny_decoder, tmp_path):
    model = build_variant(tiny_decoder("llama"), "nv-latent+bidirectional", fidelity="embedded")
    export_model(model, tmp_path / "m")
    for a, b in zip(encode_chunks(model, DOCUMENTS), encode_chunks(load_model(tmp_path / "m"), DOCUMENTS), strict=True):
        assert abs(a - b).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "documents", "message"),
    [
        ("model-1", DOCUMENTS, r"the pooling of this model \(eos\) does not read the states of all tokens"),
        ("model-5", DOCUMENTS, r"\(multi-layer\) does not read"),
        ("causal2vec", DOCUMENTS, r"\(context-eos\) does not read"),
        ("echo+causal", DOCUMENTS, "reads other tokens than those of the text"),
        ("mean+causal", ["a text"], "document 1 is 'a text': expected a list of its chunks"),
        ("mean+causal", [["a"], []], r"document 2 is \[\]"),
        ("mean+causal", [["a", " "]], "chunk 2 of document 1 is ' '"),
        (
            "mean+causal",
            [["a"], ["x" * 20, "y" * 20]],
            r"document 2 has 41 tokens and the model reads 31 \(max_length=32\)",
        ),
    ],
)
def test_what_has_no_chunks_is_refused(tiny_decoder, name, documents, message):
    model = build_variant(tiny_decoder("llama"), name, fidelity="embedded", max_length=32)
    with pytest.raises(InputError, match=message):
        encode_chunks(model, documents)
