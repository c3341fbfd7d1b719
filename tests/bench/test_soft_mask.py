"""A mask that opens from causal to bidirectional while a model is trained."""

import math

import pytest
import torch

from bench import build_variant, train
from bench.training.progress import OpeningMask
from bench.training.recipe import make_recipe
from stats.common.errors import InputError

TEXTS = ["a text", "another, longer one", "b"]
QUICK = {"preset": "embedded", "steps": 4, "batch_size": 8, "max_length": 16, "checkpoint_every": 0, "held_out": 0}


def states(model, openness):
    """States of the real tokens of every text, in a padded batch."""
    decoder = model[0].train()
    decoder.openness = openness
    with torch.no_grad():
        found = decoder(decoder.preprocess(TEXTS))
    return found["token_embeddings"][found["attention_mask"].bool()]


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_its_ends_are_causal_and_bidirectional_attention(tiny_decoder, architecture, implementation):
    both, causal = (
        build_variant(tiny_decoder(architecture), f"mean+{name}", attn_implementation=implementation)
        for name in ("bidirectional", "causal")
    )
    assert torch.allclose(states(both, 0.0), states(causal, None), atol=1e-5)
    assert torch.allclose(states(both, 1.0), states(both, None), atol=1e-5)
    half = states(both, 0.5)
    assert (half - states(both, None)).abs().max() > 1e-3
    assert (half - states(causal, None)).abs().max() > 1e-3


def test_what_lies_ahead_counts_by_its_openness():
    """Two tokens, one padded in the second text: the score of the token ahead gains the logarithm."""
    from transformers import LlamaConfig

    from bench.variants.attentions import soft_mask

    config = LlamaConfig(hidden_size=4, num_attention_heads=1, attn_implementation="eager")
    config.is_causal = False
    mask = soft_mask(config, torch.zeros(2, 2, 4), torch.tensor([[1, 1], [0, 1]]), 0.25)
    assert mask[0, 0].tolist() == [[0, pytest.approx(math.log(0.25))], [0, 0]]
    assert mask[1, 0, 1, 0] == torch.finfo(torch.float32).min
    assert mask[1, 0, 1, 1] == 0


def test_it_opens_over_a_share_of_the_updates(tiny_decoder, triples_file, tmp_path):
    class Decoder:
        openness = None

    class State:
        global_step = 0

    opening, seen = OpeningMask(Decoder(), 4), []
    for State.global_step in range(6):
        opening.on_step_begin(None, State, None)
        seen.append(opening.decoder.openness)
    assert seen == [0, 0.25, 0.5, 0.75, None, None]
    losses = [
        train(
            tiny_decoder("llama"), "mean+bidirectional", triples_file, tmp_path / str(share), soft_mask=share, **QUICK
        ).manifest["result"]["history"][0]["loss"]
        for share in (0.0, 1.0)
    ]
    assert losses[0] != losses[1]


def test_attention_that_cannot_open_is_refused(tiny_decoder, triples_file, tmp_path):
    with pytest.raises(InputError, match="variant 'mean\\+causal' is causal; leave it out"):
        train(tiny_decoder("llama"), "mean+causal", triples_file, tmp_path / "m", soft_mask=1.0, **QUICK)
    with pytest.raises(InputError, match="give a share of the updates"):
        make_recipe("default", soft_mask=2.0)
