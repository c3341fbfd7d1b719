"""Variants of one base and attention evaluated together: one pass of the decoder serves all their poolings.

Nothing else changes: every variant keeps its name, revision, results and samples, and its vectors are to the last bit
those that it makes by itself, since the texts are cut into the same batches and the decoder runs the same way.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..grid.jobs import Job, Settings
from ..grid.models import ModelSpec
from .checkpoint import check_weights, watching
from .embeddings import EmbeddingCache, Vectors
from .encode import Encoder
from .load_encoder import meta_of, precision_of, set_threads


class Turn(NamedTuple):
    """A job, the models that share passes with its model (itself among them, or none), and those of them still to come."""

    job: Job
    sharing: tuple[ModelSpec, ...] = ()
    ahead: tuple[ModelSpec, ...] = ()


def in_turn(jobs: Sequence[Job], settings: Settings) -> Iterator[Turn]:
    """Yield the jobs in the order in which they are run.

    A model's jobs stay in a row; models that share passes go through the tasks together, so that what was encoded for
    one is used by the next before it goes out of the cache.
    """
    of_model: dict[ModelSpec, list[Job]] = {}
    for job in jobs:
        of_model.setdefault(job.model, []).append(job)
    can_share = settings.cache_bytes > 0 and len(settings.devices) < 2
    groups: dict[object, list[ModelSpec]] = {}
    for spec in of_model:
        groups.setdefault((_pass_of(spec) if can_share else None) or spec, []).append(spec)
    for specs in groups.values():
        if len(specs) == 1:
            yield from map(Turn, of_model[specs[0]])
            continue
        by_task: dict[Any, list[Job]] = {}
        for spec in specs:
            for job in of_model[spec]:
                by_task.setdefault(job.task, []).append(job)
        for alike in by_task.values():
            for i, job in enumerate(alike, 1):
                yield Turn(job, tuple(specs), tuple(later.model for later in alike[i:]))


def _pass_of(spec: ModelSpec) -> tuple[object, ...] | None:
    """What decides the pass over a text of a grid's model or an untrained variant; None for other models, which share with nobody."""
    if spec.of_grid:
        return (spec.kind, str(spec.source), spec.revision)
    if spec.kind != "variant":
        return None
    from bench import VARIANTS

    name, base = _variant_and_base(spec)
    return (base, VARIANTS[name].decoder_pass)


def _variant_and_base(spec: ModelSpec) -> tuple[str, str]:
    name, _, base = str(spec.source).partition("@")
    return name, base


class Together:
    """The encoders of variants that share passes, around one decoder.

    Parameters
    ----------
    specs : sequence of ModelSpec
        Variants of one base, attention and echo.
    settings : Settings
    on_texts : callable, optional
        Called with numbers of texts as they are encoded or found.
    """

    def __init__(
        self, specs: Sequence[ModelSpec], settings: Settings, on_texts: Callable[[int], None] | None = None
    ) -> None:
        from bench.variants.shared_decoder import build_together

        set_threads(settings.threads)
        device = settings.devices[0] if settings.devices else None
        names, bases = zip(*map(_variant_and_base, specs), strict=True)
        with watching(settings.seed) as loaded:
            joint, alone = build_together(bases[0], names, dtype=precision_of(device, settings.dtype), device=device)
        weights = check_weights(alone[0], loaded, specs[0].name, allow=settings.allow_missing_weights)
        self._joint = Encoder(joint, None, batch_tokens=settings.batch_tokens, on_texts=on_texts)
        cache = EmbeddingCache(settings.cache_bytes, settings.cache_folder)
        self.members = {
            spec: _Member(
                model, meta_of(spec, model), prompts=settings.prompts, batch_tokens=settings.batch_tokens, cache=cache,
                on_texts=on_texts, together=self,
            )
            for spec, model in zip(specs, alone, strict=True)
        }  # fmt: skip
        for member in self.members.values():
            member.weights = weights
        #: The models that will ask for what is encoded now.
        self.ahead: Collection[ModelSpec] = ()

    def encode(self, asking: "_Member", texts: list[str], prompt: str | None, role: str | None) -> Vectors | None:
        """Encode texts for one member and keep the vectors of those ahead; None where there is no gain in that."""
        others = [member for spec, member in self.members.items() if spec in self.ahead]
        width = self._joint.model.get_embedding_dimension()
        if not others or 4 * width * len(texts) > asking.cache.max_bytes:
            return None
        vectors = self._joint.encode_distinct(texts, prompt, role)
        if not len(vectors):
            return None
        of_each = dict(zip(self.members.values(), np.split(vectors, len(self.members), axis=1), strict=True))
        for member in others:
            member.cache.put(member.key(texts, prompt, role), of_each[member].copy())
        return of_each[asking].copy()


class _Member(Encoder):
    """The encoder of one of the variants."""

    def __init__(self, *args: Any, together: Together, **options: Any) -> None:
        super().__init__(*args, **options)
        self._together = together

    def encode_distinct(self, texts: list[str], prompt: str | None, role: str | None) -> Vectors:
        shared = self._together.encode(self, texts, prompt, role)
        return super().encode_distinct(texts, prompt, role) if shared is None else shared
