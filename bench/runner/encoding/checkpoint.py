"""What a checkpoint lacked: weights that a vector depends on, which the library would draw at random without a word.

Transformers alone does that; sentence-transformers' further modules (Dense, ...) and embsig's own refuse by themselves.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stats.common.errors import InputError

_SHOWN = 3
_TEXTS = ["a few words to see which weights a vector depends on", "others"]


@dataclass
class Loaded:
    """What transformers and peft reported while a model was loaded: (model, names missing, names of another shape, unexpected)."""

    reports: list[tuple[Any, list[str], list[str], list[str]]] = field(default_factory=list)


@contextmanager
def watching(seed: int) -> Iterator[Loaded]:
    """Keep what transformers reports about the checkpoints loaded inside; what is drawn at random is drawn from `seed`."""
    import torch
    from transformers import modeling_utils
    from transformers.integrations import peft

    found = Loaded()
    places = (modeling_utils, peft)
    before = [place.log_state_dict_report for place in places]
    report = before[0]

    def keep(*args: Any, **kwargs: Any) -> Any:
        model, info = kwargs.get("model", args[0] if args else None), kwargs["loading_info"]
        other = [key if isinstance(key, str) else key[0] for key in info.mismatched_keys]
        found.reports.append((model, sorted(info.missing_keys), sorted(other), sorted(info.unexpected_keys)))
        return report(*args, **kwargs)

    for place in places:
        place.log_state_dict_report = keep
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield found
    finally:
        for place, function in zip(places, before, strict=True):
            place.log_state_dict_report = function


@contextmanager
def shapes_named(loaded: Loaded, name: str) -> Iterator[None]:
    """Name the weights of another shape, at which transformers ends with a hint at its own report."""
    try:
        yield
    except RuntimeError as error:
        other = [n for _, _, other, _ in loaded.reports for n in other]
        if not other:
            raise
        raise InputError(
            f"{name} has {len(other)} weights in another shape than its config.json says ({_listed(other)}): copy the "
            "folder anew"
        ) from error


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def check_weights(model: Any, loaded: Loaded, name: str, *, allow: bool) -> dict[str, list[str]]:
    """Refuse a model whose vectors depend on weights that its checkpoint lacks.

    Parameters
    ----------
    model : SentenceTransformer
        As loaded, before adapters are merged.
    loaded : Loaded
        What `watching` kept.
    name : str
        The model's.
    allow : bool
        Tell instead of refusing.

    Returns
    -------
    dict
        ``missing``: lacking, and vectors depend on them; ``unused``: lacking, and none does (a pooler beside mean pooling,
        a head); ``unexpected``: in the file, and the model has no place for them. Only what is not empty.

    Raises
    ------
    InputError
        Unless `allow`.
    """
    missing, unused, unexpected = [], [], []
    for inner, lacking, other, further in loaded.reports:
        lost = [*lacking, *other]
        needed = _needed(model, inner, lost) if lost else set()
        missing += [n for n in lost if n in needed]
        unused += [n for n in lost if n not in needed]
        unexpected += further
    found = {"missing": missing, "unused": unused, "unexpected": unexpected}
    said = {what: sorted(set(names)) for what, names in found.items() if names}
    if said.get("missing") and not allow:
        names = said["missing"]
        raise InputError(
            f"model {name} lacks {len(names)} of the weights that its vectors depend on, or has them in another shape ({_listed(names)}): "
            "expected a complete checkpoint; copy it anew, or pass --allow-missing-weights (allow_missing_weights=True) to score "
            "it with random numbers in their place, which every output will say"
        )
    return said


def _needed(model: Any, inner: Any, names: Sequence[str]) -> set[str]:
    """Which of a transformer's parameters a vector depends on, by what its gradient passes through.

    A part of the model (its ``pooler``, its ``encoder``) that some vector passes through counts as a whole: which experts
    of a mixture are used depends on the text.
    """
    import torch

    parameters = dict(inner.named_parameters(remove_duplicate=False))
    parts = {_part(n) for n in names}
    asked = {n: p for n, p in parameters.items() if n in names or (_part(n) in parts and p.ndim <= 1)}
    floating = {n: p for n, p in asked.items() if p.is_floating_point()}
    before = {n: p.requires_grad for n, p in floating.items()}
    try:
        for parameter in floating.values():
            parameter.requires_grad_(True)
        with torch.enable_grad():
            read = model.preprocess if hasattr(model, "preprocess") else model.tokenize
            features = {k: v.to(model.device) if hasattr(v, "to") else v for k, v in read(list(_TEXTS)).items()}
            vectors = model(features)["sentence_embedding"].float().sum()
            if not vectors.requires_grad:
                return set()
            gradients = torch.autograd.grad(vectors, list(floating.values()), allow_unused=True)
    finally:
        for n, parameter in floating.items():
            parameter.requires_grad_(before[n])
    used = {_part(n) for n, gradient in zip(floating, gradients, strict=True) if gradient is not None}
    return {n for n in names if _part(n) in used}


def _part(name: str) -> str:
    return name.split(".")[0]
