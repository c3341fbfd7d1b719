"""The states of a decoder's earlier layers as those of a shallower decoder, and the shallower decoder itself."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from stats.common.errors import InputError

from .pooling.taps import decoder_layers


class Depths(Sequence[Tensor]):
    """What the decoder would give if it ended after each of its layers: that layer's states behind the decoder's last norm.

    The norm is applied when a layer is asked for, since of many only one or two are.

    Parameters
    ----------
    states : sequence of Tensor
        Of all layers but the last, as they leave their layer.
    norm : torch.nn.Module
        What the decoder puts behind its last layer.
    final : Tensor
        The decoder's own states, behind its norm.
    """

    def __init__(self, states: Sequence[Tensor], norm: nn.Module, final: Tensor) -> None:
        self._states, self._norm, self._final = tuple(states), norm, final

    def __len__(self) -> int:
        return len(self._states) + 1

    def __getitem__(self, place: Any) -> Any:
        place = range(len(self))[place]
        return self._final if place == len(self._states) else self._norm(self._states[place])


def final_norm(model: nn.Module, count: int) -> nn.Module:
    """Return the norm that a decoder puts behind its last layer.

    Raises
    ------
    InputError
        If its class keeps none beside its layers.
    """
    layers = decoder_layers(model, count)
    for module in model.modules():
        children = dict(module.named_children())
        if any(child is layers for child in children.values()):
            for name, child in children.items():
                if "norm" in name.lower() or name == "ln_f":
                    return child
    raise InputError(
        f"{type(model).__name__} keeps no norm beside its layers; earlier layers can be trained (matryoshka_layers) on decoders that have one"
    )


def cut(model: nn.Module, config: Any, layers: int) -> None:
    """Take away all layers of a decoder behind the first so many, in place.

    Parameters
    ----------
    model : torch.nn.Module
    config : transformers configuration
        The text model's; it is told.
    layers : int

    Raises
    ------
    InputError
        If the decoder has not that many.
    """
    have = int(config.num_hidden_layers)
    if not 1 <= layers <= have:
        raise InputError(f"layers={layers}: the model has {have} layers; give a number from 1 to {have}")
    del decoder_layers(model, have)[layers:]
    if getattr(config, "layer_types", None):
        config.layer_types = list(config.layer_types)[:layers]
    config.num_hidden_layers = layers
