"""The attentions by name: what a token may see, how it is switched on, and a test that it is.

Bidirectional attention is one flag of the decoder's configuration, set before the model is built, from which
transformers makes the masks. Setting it on the attention modules of a finished model looks right on unpadded input and
is silently causal elsewhere; so every model is probed when it is built and when it is loaded (`check_attention`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError, unknown

if TYPE_CHECKING:
    from torch import Tensor

#: Values of the feature `segments`: padding, instruction (or the first reading of an echo), text, landmark within or behind it.
PADDING, PREFIX, TEXT, LANDMARK = 0, 1, 2, 3


@dataclass(frozen=True)
class Attention:
    """What a token may see.

    Parameters
    ----------
    name : str
        Its name in `ATTENTIONS`.
    is_causal : bool
        The value of ``config.is_causal`` the decoder is built with.
    own_mask : bool
        Whether embsig makes the attention mask itself (eager and sdpa attention only).
    text_sees_ahead, prefix_sees_ahead : bool
        Whether a later token moves the state of an earlier one, within the text and within the instruction.
    description : str
        One line for people.
    """

    name: str
    is_causal: bool
    own_mask: bool
    text_sees_ahead: bool
    prefix_sees_ahead: bool
    description: str


#: Name -> attention.
ATTENTIONS: dict[str, Attention] = {
    attention.name: attention
    for attention in (
        Attention("causal", True, False, False, False, "a token sees itself and what comes before it"),
        Attention("bidirectional", False, False, True, True, "a token sees every real token"),
        Attention(
            "prefix-bidirectional",
            True,
            True,
            True,
            False,
            "the instruction is read causally; a token of the text sees the instruction and the whole text",
        ),
    )
}


def find_attention(name: str) -> Attention:
    """Return the attention of that name; raise `InputError` with the nearest name if there is none."""
    if name not in ATTENTIONS:
        raise unknown("attention", name, ATTENTIONS)
    return ATTENTIONS[name]


def configure(config: Any, attention: str) -> None:
    """Set the flag of a transformers configuration, before the model is built from it."""
    is_causal = find_attention(attention).is_causal
    for part in {id(part): part for part in (config, config.get_text_config())}.values():
        part.is_causal = is_causal
        if getattr(part, "use_bidirectional_attention", None) and is_causal:
            # Gemma's own switch; left on, a causal variant of such a base would not be causal.
            part.use_bidirectional_attention = False


def prefix_mask(config: Any, embeddings: "Tensor", attention_mask: "Tensor", segments: "Tensor") -> "Any":
    """Return the mask of prefix-bidirectional attention, as the decoder's ``forward`` takes it.

    The bidirectional mask that transformers makes for this configuration (padding, sliding window, the form that the
    attention implementation wants), less what lies ahead unless both tokens are text. Padding tokens keep their rows,
    so that no softmax runs over nothing.

    Returns
    -------
    Tensor or dict of Tensor
        (batch, 1, n, n); a dict by layer type where the layers differ.
    """
    import torch

    n = segments.shape[1]
    text = segments >= TEXT
    behind = torch.ones(n, n, dtype=torch.bool, device=segments.device).tril()
    allowed = behind | (text[:, :, None] & text[:, None, :]) | (attention_mask == 0)[:, :, None]

    def within(mask: "Tensor") -> "Tensor":
        if mask.dtype == torch.bool:
            return mask & allowed[:, None]
        return mask.masked_fill(~allowed[:, None], torch.finfo(mask.dtype).min)

    return _changed(config, embeddings, attention_mask, within, "prefix-bidirectional")


def soft_mask(config: Any, embeddings: "Tensor", attention_mask: "Tensor", openness: float) -> "Any":
    """Return a mask between causal and bidirectional: what lies ahead counts `openness` times as much as what does not.

    The softmax's weight of a token ahead is multiplied by `openness` before it is normalised, that is, the logarithm is added to its score. 0 is causal
    attention, 1 bidirectional; a mask that opens while a model is trained is Conan-v2's (arXiv 2509.12892), which opens it token by token.

    Parameters
    ----------
    config, embeddings, attention_mask
        As in `prefix_mask`.
    openness : float
        From 0 to 1.
    """
    import math

    import torch

    n = attention_mask.shape[1]
    ahead = torch.ones(n, n, dtype=torch.bool, device=attention_mask.device).triu(1)
    # Padding keeps its rows, so that no softmax runs over nothing.
    ahead = ahead & (attention_mask != 0)[:, :, None]

    def opened(mask: "Tensor") -> "Tensor":
        lowest = torch.finfo(embeddings.dtype).min
        scores = mask
        if mask.dtype == torch.bool:
            scores = torch.zeros(mask.shape, dtype=embeddings.dtype, device=mask.device).masked_fill(~mask, lowest)
        if openness <= 0:
            return scores.masked_fill(ahead[:, None], lowest)
        return torch.where(ahead[:, None] & (scores == 0), math.log(openness), scores)

    return _changed(config, embeddings, attention_mask, opened, "a soft mask's")


def _changed(
    config: Any, embeddings: "Tensor", attention_mask: "Tensor", change: "Callable[[Tensor], Tensor]", what: str
) -> "Any":
    """The bidirectional mask that transformers makes for this configuration, changed; a dict by layer type where the layers differ."""
    from transformers.masking_utils import create_bidirectional_mask, create_bidirectional_sliding_window_mask

    if config._attn_implementation not in ("eager", "sdpa"):
        raise InputError(
            f"{what} attention needs attn_implementation 'eager' or 'sdpa', not {config._attn_implementation!r}"
        )

    def mask_of(kind: str) -> "Tensor":
        make = create_bidirectional_sliding_window_mask if kind == "sliding_attention" else create_bidirectional_mask
        return change(make(config, embeddings, attention_mask, allow_is_bidirectional_skip=False))

    kinds = list(dict.fromkeys(getattr(config, "layer_types", None) or ()))
    if not kinds:
        kinds = ["full_attention" if getattr(config, "sliding_window", None) is None else "sliding_attention"]
    masks = {kind: mask_of(kind) for kind in kinds}
    return masks if len(masks) > 1 else masks[kinds[0]]


def check_attention(decoder: Any) -> None:
    """Probe a decoder module with a few tokens; raise unless it attends as its `attention` says.

    Flash attention cannot be probed before the model is on its accelerator, and is not.

    Raises
    ------
    InputError
        If a future token moves an earlier state and should not, or the reverse, in a batch with or without padding.
    """
    import torch

    expected = find_attention(decoder.attention)
    device = decoder.model.get_input_embeddings().weight.device
    if device.type == "meta" or (device.type == "cpu" and "flash" in str(decoder.config._attn_implementation)):
        return
    vocabulary = decoder.model.get_input_embeddings().num_embeddings
    # The second row differs from the first in its second token alone: does the state of the first token move?
    ids = torch.tensor([[1, 2, 3, 4, 5], [1, 6, 3, 4, 5], [3, 2, 1, 4, 5]], device=device) % vocabulary
    was_training = decoder.training
    decoder.eval()
    try:
        for kind, ahead in ((TEXT, expected.text_sees_ahead), (PREFIX, expected.prefix_sees_ahead)):
            for padded in (False, True):
                mask = torch.ones_like(ids)
                if padded:
                    mask[2, :2] = 0
                segments = mask * TEXT
                segments[:2, :3] = kind
                with torch.no_grad():
                    features = decoder({"input_ids": ids, "attention_mask": mask, "segments": segments})
                first = features["token_embeddings"][:2, 0].float()
                moved = float((first[0] - first[1]).norm() / first[0].norm().clamp(min=1e-12))
                tolerance = 1e-5 if features["token_embeddings"].dtype == torch.float32 else 1e-3
                if (moved > tolerance) != ahead:
                    raise InputError(
                        f"{type(decoder.model).__name__} with {decoder.config._attn_implementation} attention "
                        f"{'does not attend' if ahead else 'attends'} to future tokens in a"
                        f"{' padded' if padded else 'n unpadded'} batch, against its setting {decoder.attention!r}; "
                        "use another attn_implementation or a decoder that transformers' mask functions serve"
                    )
    finally:
        decoder.train(was_training)
