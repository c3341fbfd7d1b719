"""The size of a pooling's head."""

from dataclasses import dataclass

from stats.common.errors import InputError

#: The paper's code draws latents and layer embeddings from N(0, 1). Elsewhere they start small, and the layers alike: a residual
#: of length sqrt(hidden) beside states of any size drowns them for the first hundreds of updates.
PAPER_INITIAL_SD = 1.0


@dataclass(frozen=True)
class HeadShape:
    """Everything that the size of a pooling can depend on.

    Parameters
    ----------
    hidden_size : int
        Width of the decoder's states.
    layers : int
        Number of the decoder's layers (the embedding layer is not counted).
    latents : int
        Learned latent vectors of a trainable head.
    heads, head_dim : int
        Attention heads and their width; the inner width is their product.
    ff_mult : float
        Width of the feed-forward block in units of `hidden_size`.
    initial_sd : float
        Standard deviation that learned latents and layer embeddings start with; layer embeddings start at zero unless it is 1.
    """

    hidden_size: int
    layers: int
    latents: int = 32
    heads: int = 8
    head_dim: int = 64
    ff_mult: float = 1.0
    initial_sd: float = 0.02

    def __post_init__(self) -> None:
        for name in ("hidden_size", "layers", "latents", "heads", "head_dim"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"head size {name}={getattr(self, name)} is not positive; give an integer of at least 1"
                )
        for name in ("ff_mult", "initial_sd"):
            if getattr(self, name) <= 0:
                raise InputError(f"head size {name}={getattr(self, name)} is not positive; give a number above 0")
