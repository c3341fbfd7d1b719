"""Vectors of earlier layers trained beside those of the last: 2-D Matryoshka (Li et al. 2024, arXiv 2402.14776)."""

from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import AdaptiveLayerLoss
from torch import Tensor, nn

from stats.common.errors import InputError

from .recipe import Recipe


class DepthLoss(AdaptiveLayerLoss):  # type: ignore[misc]  # sentence-transformers ships no types
    """Sentence-transformers' loss over the last layer and earlier ones drawn anew for every batch.

    Beside the contrast at each of these layers, the vector of an earlier one is drawn to that of the last (KL divergence, temperature .3). Held-out
    losses are those of the last layer alone, as without it.
    """

    def forward(self, sentence_features: Any, labels: Tensor) -> Tensor:
        """Return the loss of a batch."""
        if not self.model.training:
            held_out: Tensor = self.loss(sentence_features, labels)
            return held_out
        loss: Tensor = super().forward(sentence_features, labels)
        return loss


def over_depths(model: SentenceTransformer, loss: nn.Module, recipe: Recipe) -> nn.Module:
    """Return the loss over several depths that a recipe asks for.

    Raises
    ------
    InputError
        If the pooling reads every layer anyway, or the loss is a cached one.
    """
    if model[0].layer_source is not None:
        raise InputError(
            f"matryoshka_layers trains vectors of earlier layers, and pooling {model[1].pooling!r} reads all layers at once: leave it out, or "
            "choose a variant whose pooling reads tokens"
        )
    if recipe.mini_batch_size and recipe.mini_batch_size < recipe.batch_size:
        raise InputError(
            "matryoshka_layers needs the whole batch in one pass: set mini_batch_size=0 beside it, and a batch_size that fits"
        )
    deeper: nn.Module = DepthLoss(model, loss, n_layers_per_step=recipe.matryoshka_layers)
    return deeper
