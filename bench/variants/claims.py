"""Where each design comes from, and the direction that its authors published: what `embsig compare` can then support or contradict.

Only directions that the cited work states are here; a design without one has none.
"""

from .registry import Variant

_TANG = "Tang & Yang 2024, arXiv 2409.02727"
_NV = "Lee et al. 2024, arXiv 2405.17428"

#: Variant -> its source, and what is claimed.
_OF_VARIANT = {
    "model-1": (_TANG, "the baseline; no worse than the others in clustering and classification"),
    "model-2": (_TANG, "above model-1 in STS"),
    "model-3": (_TANG, "above model-1 in STS"),
    "model-4": (_TANG, "above model-1 in STS, below it in clustering"),
    "model-5": (_TANG, "above model-1 in STS and retrieval, below it in classification and clustering"),
}
#: Pooling -> likewise, of the controls.
_OF_POOLING = {
    "mean": (_NV, "above the EOS, under either attention"),
    "weighted-mean": (
        "Muennighoff 2022, arXiv 2202.08904",
        "above the plain mean and the last token under causal attention",
    ),
    "nv-latent": (_NV, "above mean and EOS, under either attention"),
    "projected-mean": ("Schechter Vera et al. 2025, arXiv 2509.20354", ""),
    "late-chunks": (
        "Günther et al. 2024, arXiv 2409.04701; 2602.11151",
        "chunks read with their document above chunks read alone, in retrieval of passages",
    ),
    "attention": ("Yang et al. 2016, eq. 5-7", ""),
    "layer-mix": ("Peters et al. 2018, eq. 1", ""),
}
_ECHO = ("Springer et al. 2024, arXiv 2402.15449", "above one reading of the text under causal attention")
_LANDMARKS = ("arXiv 2601.21525", "")
_COMPRESSED = ("arXiv 2511.14405 (Jasper)", "fewer tokens at little loss")
_CONTEXT = (
    "Lin et al. 2025, arXiv 2507.23386 (Causal2Vec)",
    "best on MTEB of those trained on public retrieval data, without bidirectional attention",
)
_BIDIRECTIONAL = (_NV, "above causal attention")


def claim(variant: Variant) -> tuple[str, str]:
    """Return the source of a design and the direction that it claims, each empty where there is none.

    Examples
    --------
    >>> from embsig import VARIANTS
    >>> claim(VARIANTS["model-2"])
    ('Tang & Yang 2024, arXiv 2409.02727', 'above model-1 in STS')
    """
    if variant.name in _OF_VARIANT:
        return _OF_VARIANT[variant.name]
    for has, said in (
        (variant.echo, _ECHO),
        (variant.landmarks, _LANDMARKS),
        (variant.compression < 1, _COMPRESSED),
        (variant.context, _CONTEXT),
    ):
        if has:
            return said
    if variant.pooling == "eos" and variant.attention == "bidirectional":
        return _BIDIRECTIONAL
    return _OF_POOLING.get(variant.pooling, ("", ""))
