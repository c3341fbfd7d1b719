"""Every attention on every architecture: what a token may see, with and without padding on either side."""

import itertools

import pytest
import torch

from bench import ATTENTIONS, VARIANTS, build_variant
from bench.variants.attentions import PADDING, PREFIX, TEXT, check_attention
from stats.common.errors import InputError

ARCHITECTURES = ["mistral", "mistral-window", "llama", "qwen2", "qwen3", "gemma", "gemma3"]
IMPLEMENTATIONS = ["eager", "sdpa"]
#: A variant per attention; the pooling does not touch the states.
VARIANT_OF = {
    "causal": "mean+causal",
    "bidirectional": "mean+bidirectional",
    "prefix-bidirectional": "mean+prefix-bidirectional",
}


def states(decoder, rows, side, width=None, prefix=0):
    """Return the token states of each row of ids, padding removed, from one padded batch."""
    width = width or max(map(len, rows))
    ids = torch.full((len(rows), width), 2)
    mask, segments = torch.zeros_like(ids), torch.full_like(ids, PADDING)
    spans = []
    for i, row in enumerate(rows):
        start = width - len(row) if side == "left" else 0
        spans.append(slice(start, start + len(row)))
        ids[i, spans[i]], mask[i, spans[i]], segments[i, spans[i]] = torch.tensor(row), 1, TEXT
        segments[i, start : start + prefix] = PREFIX
    with torch.no_grad():
        found = decoder({"input_ids": ids, "attention_mask": mask, "segments": segments})["token_embeddings"]
    return [found[i, span] for i, span in enumerate(spans)]


@pytest.mark.parametrize(("architecture", "implementation"), list(itertools.product(ARCHITECTURES, IMPLEMENTATIONS)))
def test_what_a_token_sees(tiny_decoder, architecture, implementation):
    text, changed, short = [5, 6, 7, 8, 9, 10], [5, 6, 7, 8, 9, 11], [5, 6, 7]
    for name, variant in VARIANT_OF.items():
        decoder = build_variant(tiny_decoder(architecture), variant, attn_implementation=implementation)[0]
        assert decoder.config._attn_implementation == implementation
        for side in ("left", "right"):
            a, b, c = states(decoder, [text, changed, short], side)
            # A future token moves an earlier state, in a padded batch and without padding, if and only if it may.
            moved = (a[3] - b[3]).abs().max()
            unpadded = states(decoder, [text, changed], side)
            assert (moved > 1e-3) == ATTENTIONS[name].text_sees_ahead, (name, side, moved)
            assert ((unpadded[0][3] - unpadded[1][3]).abs().max() > 1e-3) == ATTENTIONS[name].text_sees_ahead
            if name == "causal":
                assert moved < 1e-6
            # Padding on either side moves nothing.
            for row, found in ((text, a), (short, c)):
                (alone,) = states(decoder, [row], side)
                assert (found - alone).abs().max() < 1e-5, (name, side)
                (wider,) = states(decoder, [row], side, width=11)
                assert (found - wider).abs().max() < 1e-5, (name, side)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_prefix_is_read_causally_and_text_is_not(tiny_decoder, architecture, implementation):
    decoder = build_variant(
        tiny_decoder(architecture), "mean+prefix-bidirectional", attn_implementation=implementation
    )[0]
    for side in ("left", "right"):
        base, in_text, in_prefix = states(
            decoder, [[5, 6, 7, 8, 9], [5, 6, 7, 8, 10], [5, 6, 11, 8, 9]], side, width=7, prefix=3
        )
        assert (base[:3] - in_text[:3]).abs().max() < 1e-6, "the text moved the instruction"
        assert (base[3] - in_text[3]).abs().max() > 1e-3, "a later token of the text did not move an earlier one"
        assert (base[:2] - in_prefix[:2]).abs().max() < 1e-6, "the instruction saw ahead"
        assert (base[3] - in_prefix[3]).abs().max() > 1e-3, "the text did not see the instruction"


def test_prefix_without_instruction_is_bidirectional(tiny_decoder):
    texts = ["a text of some length", "short"]
    vectors = [
        build_variant(tiny_decoder("qwen3"), VARIANT_OF[name]).encode(texts)
        for name in ("bidirectional", "prefix-bidirectional")
    ]
    assert abs(vectors[0] - vectors[1]).max() < 1e-6


def test_flag_on_the_modules_alone_is_caught(tiny_decoder):
    """The trap: a finished causal model whose attention modules are told that they are not."""
    decoder = build_variant(tiny_decoder("llama"), "mean+causal", attn_implementation="sdpa")[0]
    for module in decoder.model.modules():
        if hasattr(module, "is_causal"):
            module.is_causal = False
    decoder.attention = "bidirectional"
    with pytest.raises(InputError, match="does not attend to future tokens in a"):
        check_attention(decoder)


def test_attention_lost_on_reload_is_caught(tiny_decoder):
    decoder = build_variant(tiny_decoder("mistral"), "mean+bidirectional")[0]
    decoder.attention = "causal"
    with pytest.raises(InputError, match="attends to future tokens"):
        check_attention(decoder)


def test_every_variant_names_an_attention():
    assert {variant.attention for variant in VARIANTS.values()} == set(ATTENTIONS)
