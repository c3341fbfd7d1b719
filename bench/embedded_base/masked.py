"""Masked updates of pretraining: tokens hidden, both directions seen, each predicted from the state before it.

A base that has only ever seen causal attention is handicapped under a bidirectional one. A share of the updates therefore hides
tokens and lets every position see all others; a hidden token is predicted from the state one position before it, as the next
token is, so that one output head serves both (masked next-token prediction: BehnamGhader et al. 2024, arXiv 2404.05961).
"""

from typing import Any

#: What eager attention takes for no mask at all: every position sees every other. Blocks hold no padding.
BOTH_WAYS: dict[str, Any] = {"attention_mask": {"full_attention": None}}

#: Seed of the tokens that are hidden of the validation part.
_HELD_OUT_STEP = 2**31 - 1


def is_masked(step: int, share: float) -> bool:
    """Whether update `step` (from 0) is a masked one, when a share of them is: spread evenly.

    Examples
    --------
    >>> [is_masked(step, 0.5) for step in range(4)]
    [False, True, False, True]
    """
    return int((step + 1) * share) > int(step * share)


def hide(rows: Any, mask_token: int, rate: float, *, seed: int, step: int = _HELD_OUT_STEP) -> tuple[Any, Any]:
    """Hide a share of the tokens of blocks, never the first one, which no state stands before.

    Parameters
    ----------
    rows : Tensor of int, shape (batch, n)
    mask_token : int
        What stands in a hidden token's place.
    rate : float
        Probability of being hidden.
    seed, step : int
        What is hidden depends on these alone, so that a resumed run hides the same.

    Returns
    -------
    inputs : Tensor, shape (batch, n)
    hidden : Tensor of bool, shape (batch, n)
    """
    import torch

    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    hidden = torch.rand(rows.shape, generator=generator) < rate
    hidden[:, 0] = False
    if not hidden.any():
        hidden[:, 1] = True
    return rows.masked_fill(hidden, mask_token), hidden


def masked_states(model: Any, inputs: Any, hidden: Any) -> Any:
    """The states that hidden tokens are predicted from, (hidden tokens, dim), with every position seeing all others."""
    states = model.model(input_ids=inputs, use_cache=False, **BOTH_WAYS).last_hidden_state
    return states[:, :-1][hidden[:, 1:]]


def evaluate_masked(model: Any, blocks: Any, mask_token: int, rate: float, *, batch: int = 16) -> float:
    """Mean cross-entropy in nats per hidden token over blocks of tokens, shape (blocks, n); the same tokens are hidden at every call."""
    import torch

    was_training = model.training
    model.eval()
    inputs, hidden = hide(blocks, mask_token, rate, seed=0)
    total, count = 0.0, 0
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(blocks), batch):
            part = slice(start, start + batch)
            states = masked_states(model, inputs[part], hidden[part])
            wanted = blocks[part, 1:][hidden[part, 1:]]
            logits = (states @ model.lm_head.weight.T).float()
            total += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
            count += len(wanted)
    model.train(was_training)
    return total / max(count, 1)
