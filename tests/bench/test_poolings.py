"""The poolings: by hand, against an independent formulation, and with the layers tapped rather than kept."""

import math

import pytest
import torch
import transformers
from packaging.version import Version

from bench import POOLINGS, VARIANTS, build_variant
from bench.training.trainer import checkpoint_activations
from bench.variants.pooling.heads import LatentQueryHead, LayerQueryHead, TokenQueryHead
from bench.variants.pooling.table import HeadShape, head_parameters, head_shape
from bench.variants.pooling.taps import decoder_layers, reducer
from stats.common.errors import InputError

# One text of three tokens with padding on both sides, width 2: states 1..5 in the first dimension, 10 times in the second.
STATES = torch.tensor([[[1.0, 50.0], [2.0, 40.0], [3.0, 30.0], [4.0, 20.0], [5.0, 10.0]]])
MASK = torch.tensor([[False, True, True, True, False]])
SHAPE = HeadShape(hidden_size=2, layers=5, latents=3, heads=2, head_dim=2, ff_mult=1.5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eos", [4, 20]),
        ("first", [2, 40]),
        ("mean", [3, 30]),
        ("weighted-mean", [(1 * 2 + 2 * 3 + 3 * 4) / 6, (1 * 40 + 2 * 30 + 3 * 20) / 6]),
        ("max", [4, 40]),
        ("attention", [3, 30]),  # starts as the mean
        ("late-chunks", [1 / math.sqrt(101), 10 / math.sqrt(101)]),  # one chunk: the direction of the mean
        ("context-eos", [2, 40, 4, 20]),
    ],
)
def test_by_hand(name, expected):
    pooled = POOLINGS[name].build(SHAPE)(STATES, MASK)
    assert pooled.tolist() == [pytest.approx(expected, rel=1e-6)]


@pytest.mark.parametrize(("name", "expected"), [("layer-mix", [3, 30]), ("last-4-layers", [3.5, 25])])
def test_over_layers_by_hand(name, expected):
    pooled = POOLINGS[name].build(SHAPE)(STATES, torch.ones(1, 5, dtype=torch.bool))
    assert pooled.tolist() == [pytest.approx(expected, rel=1e-6)]


def test_each_chunk_of_32_tokens_counts_once():
    """33 tokens: 32 along one axis, whatever their length, and one along the other."""
    states = torch.zeros(1, 35, 2)
    states[0, 1:33, 0], states[0, 33, 1] = torch.linspace(1, 5, 32), 0.5
    mask = torch.zeros(1, 35, dtype=torch.bool)
    mask[0, 1:34] = True
    pooled = POOLINGS["late-chunks"].build(SHAPE)(states, mask)
    assert pooled.tolist() == [pytest.approx([0.5, 0.5], rel=1e-6)]


def test_attention_pooling_follows_its_score():
    """One dimension decides: tanh(3 x) scored by 2, softmax over the three real tokens."""
    module = POOLINGS["attention"].build(SHAPE)
    with torch.no_grad():
        module.project.weight.copy_(torch.tensor([[3.0, 0.0], [0.0, 0.0]]))
        module.project.bias.zero_()
        module.score.weight.copy_(torch.tensor([[2.0, 0.0]]))
    states = STATES / 10
    scores = [math.exp(2 * math.tanh(3 * x)) for x in (0.2, 0.3, 0.4)]
    expected = sum(w * x for w, x in zip(scores, (0.2, 0.3, 0.4), strict=True)) / sum(scores)
    assert module(states, MASK)[0, 0].item() == pytest.approx(expected, rel=1e-5)


def written_down():
    """The state of a cross-attention block as plain tensors: width 2, 2 heads of 2, feed-forward of 3."""

    def numbers(*shape):
        count = math.prod(shape)
        return (torch.arange(count, dtype=torch.float32).reshape(shape) - count / 3) * 0.1

    return {
        "norm_query.weight": torch.tensor([1.0, 0.5]),
        "norm_query.bias": torch.tensor([0.1, -0.1]),
        "norm_context.weight": torch.tensor([0.9, 1.1]),
        "norm_context.bias": torch.tensor([0.0, 0.2]),
        "to_query.weight": numbers(4, 2),
        "to_key_value.weight": numbers(8, 2).flip(0),
        "to_out.weight": numbers(2, 4),
        "norm_feed.weight": torch.tensor([1.2, 0.8]),
        "norm_feed.bias": torch.tensor([-0.2, 0.3]),
        "feed_in.weight": numbers(6, 2).flip(1),
        "feed_in.bias": numbers(6),
        "feed_out.weight": numbers(2, 3),
        "feed_out.bias": torch.tensor([0.05, -0.05]),
    }


LATENTS = torch.tensor([[0.3, -0.2], [0.1, 0.4], [-0.5, 0.2]])


def norm(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias


def block_by_einsum(state, x, context, mask):
    """Cross-attention and GEGLU written index by index: b batch, h head, q query, k key, d head width, e model width."""
    heads, width = 2, 2
    query = torch.einsum(
        "hde,bqe->bhqd",
        state["to_query.weight"].reshape(heads, width, 2),
        norm(x, state["norm_query.weight"], state["norm_query.bias"]),
    )
    key_weight, value_weight = state["to_key_value.weight"].reshape(2, heads, width, 2)
    normed = norm(context, state["norm_context.weight"], state["norm_context.bias"])
    key, value = torch.einsum("hde,bke->bhkd", key_weight, normed), torch.einsum("hde,bke->bhkd", value_weight, normed)
    weights = torch.einsum("bhqd,bhkd->bhqk", query, key).div(math.sqrt(width)).exp()
    if mask is not None:
        weights = weights * mask[:, None, None, :]
    weights = weights / weights.sum(-1, keepdim=True)
    x = x + torch.einsum("ehd,bhkd,bhqk->bqe", state["to_out.weight"].reshape(2, heads, width), value, weights)
    fed = (
        torch.einsum(
            "fe,bqe->bqf", state["feed_in.weight"], norm(x, state["norm_feed.weight"], state["norm_feed.bias"])
        )
        + state["feed_in.bias"]
    )
    gate = fed[..., 3:]
    gated = fed[..., :3] * gate * 0.5 * (1 + torch.erf(gate / math.sqrt(2)))
    return x + torch.einsum("ef,bqf->bqe", state["feed_out.weight"], gated) + state["feed_out.bias"]


def test_latent_query_head_equals_einsum():
    head = LatentQueryHead(SHAPE)
    state = written_down()
    head.load_state_dict({"latents": LATENTS, **{f"block.{name}": tensor for name, tensor in state.items()}})
    expected = block_by_einsum(state, LATENTS[None], STATES / 10, MASK.float()).mean(1)
    assert torch.allclose(head(STATES / 10, MASK), expected, atol=1e-6)


def test_layer_query_head_equals_einsum():
    head = LayerQueryHead(SHAPE)
    state, positions = written_down(), torch.linspace(-1, 1, 10).reshape(5, 2)
    head.load_state_dict(
        {
            "positions": positions,
            "head.latents": LATENTS,
            **{f"head.block.{name}": tensor for name, tensor in state.items()},
        }
    )
    expected = block_by_einsum(state, LATENTS[None], STATES / 10 + positions, None).mean(1)
    assert torch.allclose(head(STATES / 10, torch.ones(1, 5, dtype=torch.bool)), expected, atol=1e-6)


def test_token_query_head_equals_einsum():
    head = TokenQueryHead(SHAPE)
    state = written_down()
    head.load_state_dict({"latents": LATENTS, **{f"block.{name}": tensor for name, tensor in state.items()}})
    mixed = block_by_einsum(state, STATES / 10, LATENTS[None], None)
    assert torch.allclose(head(STATES / 10, MASK), mixed[:, 1:4].mean(1), atol=1e-6)


@pytest.mark.parametrize("name", [name for name, pooling in POOLINGS.items() if pooling.reads == "tokens"])
def test_what_is_masked_does_not_count(name):
    torch.manual_seed(0)
    module = POOLINGS[name].build(HeadShape(8, 3, latents=4, heads=2, head_dim=4))
    states = torch.randn(2, 6, 8)
    mask = torch.tensor([[0, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]]).bool()
    moved = states.clone()
    moved[0, 0], moved[0, 4:] = 100.0, -100.0
    assert torch.allclose(module(states, mask), module(moved, mask), atol=1e-6)
    assert torch.allclose(module(states, mask)[:1], module(states[:1, 1:4], mask[:1, 1:4]), atol=1e-6)


@pytest.mark.parametrize("source", ["eos", "mean"])
@pytest.mark.parametrize("architecture", ["mistral", "qwen3", "gemma"])
def test_tapped_layers_equal_kept_layers(tiny_decoder, architecture, source):
    variant = {"eos": "model-3", "mean": "model-5"}[source]
    decoder = build_variant(tiny_decoder(architecture), variant)[0]
    features = decoder.preprocess(["a longer text than the other", "short"])
    with torch.no_grad():
        found = decoder(dict(features))["layer_embeddings"]
        assert not any(layer._forward_hooks for layer in decoder_layers(decoder.model, 3)), "hooks were left behind"
        kept = decoder.model(features["input_ids"], features["attention_mask"], output_hidden_states=True).hidden_states
    expected = torch.stack([reducer(source, features["attention_mask"].bool())(layer) for layer in kept[1:]], dim=1)
    assert found.shape == (2, 3, 32)
    assert torch.equal(found, expected)


def test_gradients_through_taps_equal_those_of_kept_layers(tiny_decoder):
    """With autograd, plain or checkpointed either way, the layers' gradients are those of ``output_hidden_states``."""
    gradients = []
    for mode in ("kept", "plain", "checkpointed", "re-entrant"):
        decoder = build_variant(tiny_decoder("llama"), "model-5")[0].train()
        features = decoder.preprocess(["a longer text than the other", "short"])
        if mode in ("checkpointed", "re-entrant"):
            checkpoint_activations(decoder.model, use_reentrant=mode == "re-entrant")
        if mode == "re-entrant" and Version(transformers.__version__) < Version("5.23"):  # which hides the layers
            with pytest.raises(InputError, match="use_reentrant=False"):
                decoder(features)
            continue
        if mode == "kept":
            kept = decoder.model(
                features["input_ids"], features["attention_mask"], output_hidden_states=True
            ).hidden_states[1:]
            stack = torch.stack([reducer("mean", features["attention_mask"].bool())(layer) for layer in kept], dim=1)
        else:
            stack = decoder(features)["layer_embeddings"]
        (stack * torch.arange(1.0, 4.0)[None, :, None]).pow(2).sum().backward()
        gradients.append(torch.cat([p.grad.flatten() for p in decoder.model.parameters() if p.grad is not None]))
    for other in gradients[1:]:
        assert (gradients[0] - other).abs().max() < 1e-5 * other.abs().max()


def test_paper_head_has_over_a_billion_parameters():
    """Width 4096: latents 768 d, queries, keys, values and output 4 d 65536, GEGLU 8 d^2 + 4 d^2, norms and biases."""
    d, inner = 4096, 32 * 2048
    norms_and_biases = 3 * 2 * d + 8 * d + d
    expected = 768 * d + 4 * d * inner + 12 * d * d + norms_and_biases
    assert head_parameters("last-layer", head_shape(4096, 32, "paper")) == expected
    assert head_parameters("multi-layer", head_shape(4096, 32, "paper")) == expected + 32 * d
    assert VARIANTS["model-5"].head_parameters(4096, 32, "paper") > 1.2e9
    assert VARIANTS["model-5"].head_parameters(4096, 32) < 1e8
    assert VARIANTS["model-5"].head_parameters(256, 8, "embedded") < 400_000


def test_sizes_out_of_range_are_named():
    with pytest.raises(InputError, match="latents=0 is not positive"):
        head_shape(8, 2, latents=0)
    with pytest.raises(InputError, match="did you mean 'paper'"):
        head_shape(8, 2, "papers")
    with pytest.raises(InputError, match="did you mean 'latents'"):
        head_shape(8, 2, latent=4)


def test_the_papers_head_starts_as_its_code_does():
    """N(0, 1) for latents and layer embeddings under fidelity="paper"; small and zero elsewhere."""
    torch.manual_seed(0)
    small = {"latents": 64, "heads": 2, "head_dim": 4, "ff_mult": 1.0}
    paper = POOLINGS["multi-layer"].build(head_shape(256, 32, "paper", **small))
    ours = POOLINGS["multi-layer"].build(head_shape(256, 32, **small))
    for drawn in (paper.positions.detach(), paper.head.latents.detach()):
        assert abs(float(drawn.std()) - 1) < 0.03
        assert abs(float(drawn.mean())) < 0.05
    assert float(ours.positions.detach().abs().max()) == 0
    assert abs(float(ours.head.latents.detach().std()) - 0.02) < 0.001


def test_projected_mean_starts_as_the_mean():
    module = POOLINGS["projected-mean"].build(SHAPE)
    states, mask = torch.randn(3, 4, 2), torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]], dtype=torch.bool)
    assert torch.allclose(module(states, mask), POOLINGS["mean"].build(SHAPE)(states, mask), atol=1e-6)
    assert head_parameters("projected-mean", SHAPE) == 2 * 2 * 8
