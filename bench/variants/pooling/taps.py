"""Every layer's vector without every layer's states: a hook per layer that reduces it as it passes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn

from stats.common.errors import InputError

from .reductions import last_real, masked_mean, take


def decoder_layers(model: nn.Module, count: int) -> nn.ModuleList:
    """Return the list of a decoder's layers, wherever its class keeps it."""
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise InputError(
        f"no list of {count} layers found in {type(model).__name__}; poolings over layers need a decoder that keeps its layers in a ModuleList"
    )


def reducer(source: str | tuple[str, ...], mask: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the function that reduces states (batch, n, hidden) to one vector per text, ``eos`` or ``mean``.

    Of several sources it makes the vectors in a row, (batch, sources x hidden).
    """
    if not isinstance(source, str):
        each = [reducer(one, mask) for one in source]
        return lambda states: torch.cat([reduce(states) for reduce in each], dim=1)
    if source == "eos":
        index = last_real(mask)
        return lambda states: take(states, index)
    return lambda states: masked_mean(states, mask)


@contextmanager
def tapped(layers: nn.ModuleList, reduce: Callable[[Tensor], Tensor]) -> Iterator[Callable[[Tensor], Tensor]]:
    """Collect the reduced output of every layer but the last while the decoder runs.

    Yields a function that takes the decoder's final states, which have passed its last norm, and returns the stack
    (batch, layers, hidden), equal to reducing ``hidden_states[1:]``.

    Without gradients a layer is reduced at once and its states are freed. With gradients they are kept by autograd (or,
    as the inputs of the next layer, by gradient checkpointing) anyway, so only a reference is taken and the reduction
    is made afterwards: nothing then happens inside a checkpointed layer that its recomputation would have to repeat.
    """
    kept: list[Tensor] = []
    thread = get_ident()

    def hook(_module: nn.Module, _args: Any, output: Any) -> None:
        if get_ident() != thread:  # another thread encodes with the same model; its own taps see its states
            return
        states = output[0] if isinstance(output, tuple) else output
        kept.append(states if torch.is_grad_enabled() else reduce(states))

    handles = [layer.register_forward_hook(hook) for layer in list(layers)[:-1]]

    def stack(final: Tensor) -> Tensor:
        grad = torch.is_grad_enabled()
        if grad and final.requires_grad and not all(states.requires_grad for states in kept):
            raise InputError(
                "re-entrant gradient checkpointing hides the layers from a pooling over layers; "
                "enable it with use_reentrant=False"
            )
        vectors = [reduce(states) for states in kept] if grad else list(kept)
        return torch.stack([*vectors, reduce(final)], dim=1)

    try:
        yield stack
    finally:
        for handle in handles:
            handle.remove()
