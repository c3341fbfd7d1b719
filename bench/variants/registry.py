"""The variants by name: a pooling times an attention, and the way to add one's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stats.common.errors import InputError, unknown

from .attentions import ATTENTIONS, find_attention
from .pooling.table import POOLINGS, Pooling, context_parameters, find_pooling, head_parameters, head_shape


@dataclass(frozen=True)
class Variant:
    """A design: what the decoder attends to, and how its states become one vector.

    Parameters
    ----------
    name : str
        Its name in `VARIANTS`.
    attention : str
        A name in `ATTENTIONS`.
    pooling : str
        A name in `POOLINGS`.
    source : str
        What the pooling is fed; see `Pooling.sources`.
    echo : bool
        Whether the text is given twice and only the second reading is pooled (Springer et al. 2024).
    description : str
        One line for people.
    landmarks : int
        Tokens from one landmark to the next, which alone are pooled; 0 for none.
    compression : float
        Share of a text's tokens beyond the first 80 that is left before the first layer; 1 for all.
    context : bool
        Whether a small bidirectional encoder makes a token of the text that the decoder reads before it (Causal2Vec).
    """

    name: str
    attention: str
    pooling: str
    source: str
    echo: bool = False
    description: str = ""
    landmarks: int = 0
    compression: float = 1.0
    context: bool = False

    def _repr_html_(self) -> str:
        from stats.notebook import show_fields

        return show_fields(self)

    @property
    def reads(self) -> str:
        """Whether the pooling sees "tokens" of the last layer or one vector per layer ("layers")."""
        return find_pooling(self.pooling).reads

    @property
    def layer_source(self) -> str | None:
        """How every layer is reduced to a vector; None where the pooling sees tokens."""
        return self.source if self.reads == "layers" else None

    @property
    def decoder_pass(self) -> tuple[str, bool, int, float, bool]:
        """What decides the decoder's pass over a text, besides the base: variants that agree in it can share one."""
        return self.attention, self.echo, self.landmarks, self.compression, self.context

    def head_parameters(self, hidden_size: int, layers: int, fidelity: str = "default", **sizes: float | None) -> int:
        """Return the number of parameters of the head on a decoder of this width and depth.

        Examples
        --------
        >>> VARIANTS["model-1"].head_parameters(4096, 32)
        0
        >>> VARIANTS["model-5"].head_parameters(4096, 32, "paper") > 1e9
        True
        """
        shape = head_shape(hidden_size, layers, fidelity, **sizes)
        return head_parameters(self.pooling, shape) + (context_parameters(shape) if self.context else 0)


#: Name -> variant. The paper's five first, then the controls that it lacks.
VARIANTS: dict[str, Variant] = {}


def register_variant(
    name: str,
    *,
    pooling: "str | Pooling | Callable[..., Any]",
    attention: str = "causal",
    source: str | None = None,
    echo: bool = False,
    landmarks: int = 0,
    compression: float = 1.0,
    context: bool = False,
    description: str = "",
    overwrite: bool = False,
) -> Variant:
    """Add a variant to `VARIANTS`.

    Parameters
    ----------
    name : str
        Its name: lower-case letters, digits, ``-``, ``+`` and ``.``.
    pooling : str, Pooling, torch.nn.Module class or function
        A name in `POOLINGS`; or a class that is made from a `HeadShape` and whose ``forward(states, mask)`` pools
        (batch, n, hidden) to (batch, hidden); or such a function itself. A class or function reads token states unless
        `source` is "layers-mean" or "layers-eos"; it is entered in `POOLINGS` under `name`.
    attention : str
        A name in `ATTENTIONS`.
    source : str, optional
        What the pooling is fed; default: the pooling's first source.
    echo : bool
        Give the text twice and pool the second reading.
    landmarks : int
        Put an EOS after every so many tokens, and pool those states alone; 0 for none.
    compression : float
        Average neighbouring token embeddings before the first layer, so that this share of those beyond the first 80 is left.
    context : bool
        Put a token before the text that a small bidirectional encoder, trained with the head, makes of it.
    description : str
        One line for people.
    overwrite : bool
        Replace a variant of the same name.

    Returns
    -------
    Variant

    Raises
    ------
    InputError
        If the name is taken or malformed, or the attention, pooling or source is unknown.

    Examples
    --------
    >>> register_variant("prefix-mean", pooling="mean", attention="prefix-bidirectional").pooling
    'mean'
    >>> _ = VARIANTS.pop("prefix-mean")
    """
    if not name or name == "all" or not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-+."):
        raise InputError(
            f"variant name {name!r} cannot be used; take lower-case letters, digits, '-', '+' and '.' (and not 'all')"
        )
    if name in VARIANTS and not overwrite:
        raise InputError(f"variant {name!r} exists already; choose another name or pass overwrite=True")
    find_attention(attention)
    if isinstance(pooling, str):
        spec = find_pooling(pooling)
    else:
        spec = pooling if isinstance(pooling, Pooling) else _own_pooling(name, pooling, source, description)
        if POOLINGS.get(spec.name, spec) is not spec and not overwrite:
            raise InputError(f"pooling {spec.name!r} exists already; choose another name or pass overwrite=True")
        source = source.removeprefix("layers-") if source else None
    variant = Variant(
        name,
        attention,
        spec.name,
        spec.source(source),
        echo,
        description or spec.description,
        landmarks,
        compression,
        context,
    )
    POOLINGS[spec.name] = spec
    VARIANTS[name] = variant
    return variant


def _own_pooling(name: str, pooling: Callable[..., Any], source: str | None, description: str) -> Pooling:
    reads, _, layer_source = (source or "tokens").partition("-")
    if not callable(pooling) or reads not in ("tokens", "layers"):
        raise InputError(
            f"pooling of variant {name!r} is {pooling!r} fed {source!r}; give a torch.nn.Module class or a "
            "function, fed 'tokens', 'layers-mean' or 'layers-eos'"
        )
    module: Callable[..., Any] = pooling
    if not isinstance(pooling, type):
        module = _from_function(pooling)
    if reads == "layers":
        return Pooling(
            name, "layers", tuple(dict.fromkeys([layer_source or "mean", "mean", "eos"])), module, description
        )
    return Pooling(name, "tokens", ("tokens", "eos"), module, description)


def _from_function(function: Callable[..., Any]) -> Callable[..., Any]:
    def build(shape: Any) -> Any:
        from torch import nn

        module = nn.Module()
        module.forward = function
        return module

    return build


def find_variant(variant: "str | Variant") -> Variant:
    """Return the variant of that name; raise `InputError` with the nearest name if there is none."""
    if isinstance(variant, Variant):
        return variant
    if variant not in VARIANTS:
        raise unknown("variant", variant, VARIANTS)
    return VARIANTS[variant]


_PAPER_FIVE = (
    ("model-1", "causal", "eos", None, "EOS-last token pooling, causal attention (the paper's model 1)"),
    (
        "model-2",
        "causal",
        "last-layer",
        "eos",
        "last-layer trainable pooling of the EOS state, causal attention (the paper's model 2)",
    ),
    (
        "model-3",
        "causal",
        "multi-layer",
        "eos",
        "Multi-Layers Trainable pooling of the EOS states, causal attention (the paper's model 3)",
    ),
    (
        "model-4",
        "bidirectional",
        "last-layer",
        "tokens",
        "last-layer trainable pooling of all tokens, bidirectional attention (the paper's model 4)",
    ),
    (
        "model-5",
        "bidirectional",
        "multi-layer",
        "mean",
        "Multi-Layers Trainable pooling of the token means, bidirectional attention (the paper's model 5)",
    ),
)

for _name, _attention, _pooling, _source, _description in _PAPER_FIVE:
    register_variant(_name, pooling=_pooling, attention=_attention, source=_source, description=_description)

# The paper's causal designs pool the EOS state; these, with which its poolings and attentions cross, what its bidirectional ones pool.
register_variant(
    "last-layer+causal",
    pooling="last-layer",
    source="tokens",
    description="last-layer trainable pooling of all tokens, causal attention (model-4's counterpart)",
)
register_variant(
    "multi-layer+causal",
    pooling="multi-layer",
    source="mean",
    description="Multi-Layers Trainable pooling of the token means, causal attention (model-5's counterpart)",
)
for _pooling in (
    "eos",
    "mean",
    "weighted-mean",
    "first",
    "max",
    "attention",
    "nv-latent",
    "layer-mix",
    "last-4-layers",
    "projected-mean",
    "late-chunks",
):
    for _attention in ATTENTIONS:
        if (_pooling, _attention) == ("eos", "causal") or (_attention == "prefix-bidirectional" and _pooling != "mean"):
            continue
        register_variant(
            f"{_pooling}+{_attention}",
            pooling=_pooling,
            attention=_attention,
            description=f"{POOLINGS[_pooling].description}, {_attention} attention",
        )
for _attention in ("causal", "bidirectional"):
    register_variant(
        f"echo+{_attention}",
        pooling="mean",
        attention=_attention,
        echo=True,
        description=f"the text given twice, mean of the second reading, {_attention} attention",
    )
    register_variant(
        f"landmarks+{_attention}",
        pooling="mean",
        attention=_attention,
        landmarks=32,
        description=f"an EOS after every 32 tokens, mean of their states, {_attention} attention",
    )
    register_variant(
        f"compressed+{_attention}",
        pooling="mean",
        attention=_attention,
        compression=1 / 3,
        description=f"every token beyond the 80th counts a third: neighbours averaged before the decoder, mean, {_attention} attention",
    )
register_variant(
    "causal2vec",
    pooling="context-eos",
    context=True,
    description="a token that a small bidirectional encoder makes of the text stands before it; its state and the EOS side by side, causal attention",
)
