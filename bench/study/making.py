"""Make the study: pretrain its base, train its runs, evaluate them, write the archive; each step resumes where it stopped."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

from bench.embedded_base import base_folder
from stats.common.errors import InputError

from .archive import write_archive
from .protocol import (
    BASE_RECIPE,
    BASE_SHAPE,
    CONDITIONS,
    HELD_OUT_ROWS,
    STUDY,
    TRAIN_RECIPE,
)
from .trained import evaluate_trained, trained_variants

#: Called with a line for people.
Say = Callable[[str], None]

_COLUMNS = ("query", "positive", "negative")


def make_study(
    folder: str | PathLike[str],
    *,
    base: str | PathLike[str] | None = None,
    condition: str = STUDY,
    variants: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    workers: int = 1,
    say: Say = print,
    **overrides: Any,
) -> Path:
    """Make everything that is not there yet: ``base``, ``models``, ``run``, and ``archive`` after every seed.

    Goes seed by seed, so that a study that was stopped has all variants of its first seeds. Interrupted, it goes on when called again.

    Parameters
    ----------
    folder : path-like
    base : path-like, optional
        A base that is finished, such as the one that ships; default: one is pretrained in the folder, but under a condition whose base is
        the study's: that ships.
    condition : str
        Of `bench.study.protocol.CONDITIONS`.
    variants, seeds : sequence, optional
        Default: the condition's.
    workers : int
        Processes to evaluate with, of one thread each.
    say : callable
        Receives a line for every finished part.
    **overrides
        Numbers of the training recipe that differ from the protocol's, for trials.

    Returns
    -------
    Path
        The archive's folder.
    """
    root = Path(folder)
    under = CONDITIONS[condition]
    if base is not None:
        pretrained = Path(base)
    elif condition == STUDY or under.pretraining != BASE_RECIPE:
        pretrained = make_base(root / "base", condition, say=say)
    else:
        pretrained = base_folder()
    recipe = {**under.training, **overrides}
    data = training_data()
    for seed in seeds or under.seeds:
        for variant in variants or under.variants:
            train_run(pretrained, variant, seed, data, root / "models", say=say, **recipe)
        evaluate_runs(root, workers=workers, say=say)
        told = about(pretrained, condition, **overrides)
        archive = write_archive(root / "run", root / "models", root / "archive", about=told)
        say(f"archive: seeds up to {seed}")
    return archive


def make_base(folder: Path, condition: str = STUDY, *, say: Say = print) -> Path:
    """Pretrain the base of a condition, or find it finished."""
    from bench.embedded_base.pretraining import pretrain

    if (folder / "model.safetensors").is_file():
        return folder
    return pretrain(
        folder,
        recipe=CONDITIONS[condition].pretraining,
        shape=dict(BASE_SHAPE),
        every=50,
        progress=lambda line: say(f"base: {line}"),
    )


def training_data() -> Any:
    """The training rows, with rows of the validation part held out."""
    from bench.corpus import training_triples
    from bench.training.triples import read_triples, with_held_out

    def rows(found: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{key: row[key] for key in _COLUMNS} for row in found]

    held_out = rows(training_triples(split="validation", more=True, limit=HELD_OUT_ROWS))
    return with_held_out(read_triples(rows(training_triples(more=True))), read_triples(held_out))


def train_run(base: Path, variant: str, seed: int, data: Any, models: Path, *, say: Say = print, **recipe: Any) -> None:
    """Train one run, by the study's recipe but for what is given, into ``models/VARIANT-sSEED``; the folder appears when it is finished."""
    from bench.training._train import train
    from bench.training.manifest import MANIFEST_FILE

    target = models / f"{variant}-s{seed}"
    if (target / MANIFEST_FILE).is_file():
        return
    # as deep as its place when finished: a model names its base by the way there from its own folder
    work = models.parent / "unfinished" / target.name
    # eager attention: at these sizes a quarter faster on a CPU than sdpa, forward and backward
    options = {"preset": "embedded", "attn_implementation": "eager", **TRAIN_RECIPE, **recipe}
    made = train(base, variant, data, work, seed=seed, **options)
    models.mkdir(parents=True, exist_ok=True)
    work.replace(target)
    say(f"{target.name}: loss {made.loss:.3f}, held-out loss {made.held_out_loss:.3f}, {made.seconds:.0f} s")


def evaluate_runs(root: Path, *, workers: int = 1, say: Say = print) -> None:
    """Evaluate all finished models on the suite ``study``."""
    done = evaluate_trained(trained_variants(root / "models"), root / "run", workers=workers)
    say(f"run: {done}")
    if done.failed:
        raise InputError(f"{done}; see {root / 'run' / 'jobs'} for the reasons, and start again")


def about(base: Path, condition: str = STUDY, **overrides: Any) -> dict[str, Any]:
    """What the archive's manifest says beside its runs."""
    from bench.corpus import load_corpus
    from bench.variants.base import hash_folder

    corpus = load_corpus()
    under = CONDITIONS[condition]
    return {
        "corpus": corpus.hash,
        "corpus_versions": corpus.versions,
        "base": {"sha256": hash_folder(base), "shape": dict(BASE_SHAPE), "recipe": asdict(under.pretraining)},
        "training": {**under.training, **overrides},
    }
