"""What the study does and asks, fixed before its results are seen: designs, recipe, hypotheses, and the rules that answer them.

docs/study.md says it in words. Whoever changes anything here after results are known changes the protocol, and must say so there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from bench.embedded_base.model import SHAPE
from bench.embedded_base.pretraining import Recipe as Pretraining

#: Every pooling with every attention: the pooling's and the attention's level of each variant. Trainable poolings read all tokens.
FACTORIAL: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "model-1": ("eos", "causal"),
        "eos+bidirectional": ("eos", "bidirectional"),
        "mean+causal": ("mean", "causal"),
        "mean+bidirectional": ("mean", "bidirectional"),
        "last-layer+causal": ("last-layer", "causal"),
        "model-4": ("last-layer", "bidirectional"),
        "multi-layer+causal": ("multi-layer", "causal"),
        "model-5": ("multi-layer", "bidirectional"),
    }
)
#: Of the paper's five, those that the factorial does not hold: causal trainable poolings that read the EOS state alone.
PAPERS_OWN = ("model-2", "model-3")
VARIANTS = (*FACTORIAL, *PAPERS_OWN)
#: How the designs are written where there is room.
DESIGNS: Mapping[str, str] = MappingProxyType(
    {
        **{
            m: f"{pooling.replace('eos', 'EOS')}, {attention}{f' ({m})' if m.startswith('model-') else ''}"
            for m, (pooling, attention) in FACTORIAL.items()
        },
        "model-2": "last-layer of EOS, causal (model-2)",
        "model-3": "multi-layer of EOS, causal (model-3)",
    }
)

#: Training seeds: of head, adapter and the order of the data.
SEEDS = (0, 1, 2, 3, 4)

#: Of the decoder that ships.
BASE_SHAPE: Mapping[str, Any] = MappingProxyType(SHAPE)
#: Half of the updates predict the next token, half hide 30 % and see both ways: neither attention is strange to the base.
BASE_RECIPE = Pretraining(steps=6000, batch=16, length=128, decay=1200, warmup=100, masked_share=0.5)
#: What differs from the preset ``embedded``. One recipe for all variants and seeds.
TRAIN_RECIPE: Mapping[str, Any] = MappingProxyType(
    {
        "steps": 250,
        "batch_size": 32,
        "max_length": 48,
        "warmup_steps": 25,
        "evaluate_every": 50,
        "checkpoint_every": 50,
    }
)


@dataclass(frozen=True)
class Condition:
    """What a base was pretrained with, how its designs were trained, and which.

    Attributes
    ----------
    pretraining : Pretraining
    training : mapping
        What differs from the preset ``embedded``.
    variants : tuple of str
    seeds : tuple of int
    """

    pretraining: Pretraining = BASE_RECIPE
    training: Mapping[str, Any] = field(default_factory=lambda: TRAIN_RECIPE)
    variants: tuple[str, ...] = tuple(FACTORIAL)
    seeds: tuple[int, ...] = SEEDS[:1]


#: The study's own condition, about which the hypotheses are, and those beside it, which differ in one thing each and answer no hypothesis: a
#: base whose every update predicts the next token, as most LLMs' do, says whether the order of the attentions comes from the base; four times
#: the updates say whether the two designs of most claims would stand otherwise had training not stopped so early.
STUDY = "study"
CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        STUDY: Condition(variants=VARIANTS, seeds=SEEDS),
        "next-token": Condition(pretraining=replace(BASE_RECIPE, masked_share=0.0)),
        "longer": Condition(
            training=MappingProxyType({**TRAIN_RECIPE, "steps": 4 * TRAIN_RECIPE["steps"]}),
            variants=("model-1", "model-5"),
        ),
    }
)
#: Rows of the validation part whose loss is watched; their modules and names are not in training.
HELD_OUT_ROWS = 256

#: The paper's four families, about which its claims are; pair classification and reranking are reported beside them.
LIFTED = ("STS", "Retrieval")
UNMOVED = ("Classification", "Clustering")
FAMILIES = (*LIFTED, *UNMOVED)

#: Chance of any wrong "supported" or "contradicted" in the whole study, shared evenly among the hypotheses.
ALPHA = 0.05
#: A difference below this counts as none where a claim is that there is none: the size of what the paper reports as lifts.
MARGIN = 0.02

#: A run has failed if its held-out loss at the end is not a number or lies this far (nats) above the median of all seeds of its variant.
FAILED_ABOVE_MEDIAN = 0.3


def failed(held_out: Mapping[tuple[str, int], float]) -> list[tuple[str, int]]:
    """Name the runs that failed, by the rule above: (variant, seed) of those in a mapping to held-out losses.

    Examples
    --------
    >>> failed({("model-2", 0): 2.49, ("model-2", 1): 1.45, ("model-2", 2): 1.50})
    [('model-2', 0)]
    """
    found = []
    for (variant, seed), loss in held_out.items():
        others = sorted(value for (name, _), value in held_out.items() if name == variant and value == value)
        middle = len(others) // 2
        median = (others[middle] + others[~middle]) / 2 if others else float("nan")
        if not loss <= median + FAILED_ABOVE_MEDIAN:
            found.append((variant, seed))
    return found


@dataclass(frozen=True)
class Hypothesis:
    """A claim that data can support or contradict.

    Attributes
    ----------
    name, claim : str
        ``H1`` and so on; the claim in words.
    kind : {"positive", "no more than margin", "depends on family"}
        What the claim says of the contrast: it is above 0; it is below `MARGIN`; or that designs differ otherwise by family.
    models, families : mapping
        Weights of the contrast; see `stats.levels.contrasts.contrast_test`.
    """

    name: str
    claim: str
    kind: Literal["positive", "no more than margin", "depends on family"]
    models: Mapping[str, float]
    families: Mapping[str, float]


def _between(better: set[str], worse: set[str], factor: int) -> dict[str, float]:
    """Weights of levels of one factor against others, at equal levels of the other factor."""
    weights = {
        m: 1.0 if levels[factor] in better else -1.0
        for m, levels in FACTORIAL.items()
        if levels[factor] in better | worse
    }
    above, below = (sum(w > 0 for w in weights.values()), sum(w < 0 for w in weights.values()))
    return {m: w / (above if w > 0 else below) for m, w in weights.items()}


def _mean(*families: str) -> dict[str, float]:
    return {family: 1 / len(families) for family in families}


_AGAINST_ONE = {"model-5": 1.0, "model-1": -1.0}
_LIFTED_MORE = {**dict.fromkeys(LIFTED, 0.5), **dict.fromkeys(UNMOVED, -0.5)}
_BIDIRECTIONAL = _between({"bidirectional"}, {"causal"}, 1)
_TRAINABLE = _between({"last-layer", "multi-layer"}, {"eos", "mean"}, 0)
_MULTI_LAYER = _between({"multi-layer"}, {"eos", "mean", "last-layer"}, 0)

HYPOTHESES = (
    Hypothesis(
        "H1",
        "No design fits all: how designs compare depends on the family of tasks.",
        "depends on family",
        {},
        _mean(*FAMILIES),
    ),
    Hypothesis(
        "H2",
        "Trainable pooling with bidirectional attention (model-5) beats EOS pooling with causal attention (model-1) in STS.",
        "positive",
        _AGAINST_ONE,
        _mean("STS"),
    ),
    Hypothesis("H3", "model-5 beats model-1 in retrieval.", "positive", _AGAINST_ONE, _mean("Retrieval")),
    Hypothesis(
        "H4",
        "In classification model-5 does not beat model-1 by more than two points.",
        "no more than margin",
        _AGAINST_ONE,
        _mean("Classification"),
    ),
    Hypothesis(
        "H5",
        "In clustering model-5 does not beat model-1 by more than two points.",
        "no more than margin",
        _AGAINST_ONE,
        _mean("Clustering"),
    ),
    Hypothesis(
        "H6",
        "Bidirectional attention, at equal pooling, helps STS and retrieval more than classification and clustering.",
        "positive",
        _BIDIRECTIONAL,
        _LIFTED_MORE,
    ),
    Hypothesis(
        "H7",
        "Trainable pooling, at equal attention, helps STS and retrieval more than classification and clustering.",
        "positive",
        _TRAINABLE,
        _LIFTED_MORE,
    ),
    Hypothesis(
        "H8",
        "Multi-Layers Trainable pooling, at equal attention, beats the other poolings in STS and retrieval.",
        "positive",
        _MULTI_LAYER,
        _mean(*LIFTED),
    ),
)
