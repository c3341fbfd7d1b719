"""The study's own series: the variants on the embedded base, with the recipe that made those that ship."""

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.training._train import Trained

#: The paper's five designs, and the two controls it lacks.
STUDY_VARIANTS = ("model-1", "model-2", "model-3", "model-4", "model-5", "eos+bidirectional", "mean+bidirectional")

STUDY_SEEDS = (0, 1, 2)

#: What differs from the preset ``embedded``: a minute or two a model on one core. One recipe for all variants.
STUDY_RECIPE: dict[str, Any] = {
    "steps": 200,
    "batch_size": 32,
    "max_length": 64,
    "precision": "bf16",
    "warmup_steps": 20,
    "held_out": 128,
}


def train_study(
    output: str | PathLike[str],
    *,
    variants: Sequence[str] = STUDY_VARIANTS,
    seeds: Sequence[int] = STUDY_SEEDS,
    base: str | PathLike[str] = "embedded",
    progress: "bool | Callable[[Any], None]" = False,
    **overrides: Any,
) -> "list[Trained]":
    """Train the study's variants on the corpus's training triples, into ``output/VARIANT-sSEED``.

    Goes seed by seed, so that an interrupted series has all variants of the first seeds. A model appears in `output`
    when it is finished, whole; those that are there are not trained again.

    Parameters
    ----------
    output : path-like
        The folder of the series.
    variants, seeds : sequence
        Names of variants; training seeds.
    base : str or path-like
        As in `bench.train`.
    progress : bool or callable
        As in `bench.train`.
    **overrides
        Numbers of the recipe that differ from `STUDY_RECIPE`.

    Returns
    -------
    list of Trained
        Seed by seed.

    Raises
    ------
    InputError
        If a folder there holds a model of other data, base or recipe.
    """
    from bench.corpus import training_triples
    from bench.training._train import train
    from bench.training.manifest import MANIFEST_FILE
    from bench.training.triples import read_triples

    triples = read_triples([{key: row[key] for key in ("query", "positive", "negative")} for row in training_triples()])
    folder = Path(output)
    options = {"preset": "embedded", "progress": progress, **STUDY_RECIPE, **overrides}
    made = []
    for seed in seeds:
        for variant in variants:
            target = folder / f"{variant}-s{seed}"
            if not (target / MANIFEST_FILE).is_file():
                # Beside its place, not deeper: a model names its base by the way there from its own folder.
                work = folder / f".unfinished-{target.name}"
                train(base, variant, triples, work, seed=seed, **options)
                work.replace(target)
            made.append(train(base, variant, triples, target, seed=seed, **options))
    return made
