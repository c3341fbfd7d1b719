"""The factorial's first seed under other conditions than the study's, beside it: what each changes in the claims' contrasts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench.study import Archive, read_archive
from bench.study.archive import MANIFEST
from bench.study.protocol import FACTORIAL, FAMILIES, HYPOTHESES, SEEDS, STUDY
from stats import Scores
from stats.levels.contrasts import contrast_test

from .markdown import markdown

#: Condition -> heading, what it is and what the columns are called.
_SAID = {
    "next-token": (
        "On a base of next-token prediction alone",
        "the base differs in nothing but that every update of its pretraining predicted the next token",
        "half of the updates masked",
        "next token alone",
    ),
    "longer": (
        "With four times the updates",
        "the base is the study's, and every run had {steps:,} updates in place of {own:,}",
        "{own:,} updates",
        "{steps:,} updates",
    ),
}
#: The claims' contrasts, as the table of hypotheses in docs/study.md has them.
_IN_WORDS = {
    "H2": "model-5 less model-1, STS",
    "H3": "model-5 less model-1, retrieval",
    "H4": "model-5 less model-1, classification",
    "H5": "model-5 less model-1, clustering",
    "H6": "bidirectional less causal, in STS and retrieval more than in the others",
    "H7": "trainable less EOS and mean, in STS and retrieval more than in the others",
    "H8": "Multi-Layers Trainable less the others, STS and retrieval",
}
#: The factors' main effects: whose contrast of designs they have.
_MAIN_EFFECTS = {"H6": "bidirectional less causal", "H7": "trainable less EOS and mean"}
_OTHER = "other"


def place(condition: str) -> Path:
    """Where the archive of a condition lies; `python -m benchmarks.study publish` puts it there."""
    return Path(__file__).resolve().parent / "conditions" / condition


def beside(archive: Archive) -> list[str]:
    """What every condition that was made on the archive's corpus changes, as paragraphs and tables of Markdown."""
    parts = []
    for condition in _SAID:
        if not (place(condition) / MANIFEST).is_file():
            continue
        other = read_archive(place(condition))
        if other.manifest["corpus"] == archive.manifest["corpus"]:
            own, steps = (one.manifest["training"]["steps"] for one in (archive, other))
            heading, what, ours, theirs = (said.format(own=own, steps=steps) for said in _SAID[condition])
            table = changes(archive, other).rename(columns={STUDY: ours, _OTHER: theirs})
            parts += [
                f"**{heading}**: {what}; {_those(other)}, seed {SEEDS[0]} of each. Contrasts of the claims under both, with the interval of each change alone "
                "(95 %, for other tasks). It is of one run a design: beside it stands how far the same contrast lies apart in two training seeds of the "
                "study (standard deviation):",
                markdown(table),
            ]
            if steps > own:
                parts += ["Their held-out losses by update:", markdown(_losses(other, own))]
    return parts


def changes(study: Archive, other: Archive) -> pd.DataFrame:
    """What a condition changes in the contrasts of the claims, in the mean of its designs in each family, and in the factors' main effects.

    Parameters
    ----------
    study, other : Archive
        The study's, and one of the factorial's first seed or a part of it; claims about other designs are left out.

    Returns
    -------
    DataFrame
        ``contrast``; its estimate in the first seed of the ``study`` and under the ``other`` condition; their ``change`` with its interval,
        as text; ``p`` of a change of 0; ``two seeds``, the standard deviation of the difference of two training seeds of the study; ``tasks``.

    Notes
    -----
    A contrast of contrasts over the same tasks (`stats.levels.contrasts.contrast_test`). Training seeds are no part of its variance.
    """
    scores = _together(study, other)
    by_seed = {seed: _scores(study, seed) for seed in sorted(study.table["seed"].unique())}
    made = _made(other)
    asked = [
        (f"mean of the designs, {family}", dict.fromkeys(made, 1 / len(made)), {family: 1.0}) for family in FAMILIES
    ]
    of_claims = {one.name: one.models for one in HYPOTHESES}
    asked += [
        (f"{words}, the four families", of_claims[name], dict.fromkeys(FAMILIES, 1 / len(FAMILIES)))
        for name, words in _MAIN_EFFECTS.items()
        if set(of_claims[name]) <= set(made)
    ]
    asked += [
        (f"{one.name}: {_IN_WORDS[one.name]}", one.models, one.families)
        for one in HYPOTHESES
        if one.models and set(one.models) <= set(made)
    ]
    rows = []
    for name, models, families in asked:
        ours, theirs = ({_model(m, which): weight for m, weight in models.items()} for which in (STUDY, _OTHER))
        change = contrast_test(scores, {**theirs, **{m: -weight for m, weight in ours.items()}}, families)
        apart = [contrast_test(one, models, families).estimate for one in by_seed.values()]
        rows.append(
            {
                "contrast": name,
                STUDY: f"{contrast_test(scores, ours, families).estimate:+.4f}",
                _OTHER: f"{contrast_test(scores, theirs, families).estimate:+.4f}",
                "change": f"{change.estimate:+.4f} [{change.low:+.4f}, {change.high:+.4f}]",
                "p": f"{change.pvalue:.2g}",
                "two seeds": f"{float(np.std(apart, ddof=1)) * 2**0.5:.4f}",
                "tasks": change.n_tasks,
            }
        )
    return pd.DataFrame(rows)


def _made(archive: Archive) -> list[str]:
    """The factorial's designs in an archive."""
    there = set(archive.table["variant"])
    return [variant for variant in FACTORIAL if variant in there]


def _those(archive: Archive) -> str:
    made = _made(archive)
    return "all eight designs of the factorial" if len(made) == len(FACTORIAL) else " and ".join(made)


def _model(variant: str, which: str) -> str:
    return f"{variant}@{which}"


def _scores(archive: Archive, seed: int, called: str = "{}") -> Scores:
    kept = archive.table[(archive.table["seed"] == seed) & archive.table["variant"].isin(FACTORIAL)]
    models = [called.format(v) for v in kept["variant"]]
    return Scores.from_frame(kept.assign(model=models).drop(columns=["variant", "seed"]))


def _together(study: Archive, other: Archive) -> Scores:
    ours, theirs = (_scores(one, SEEDS[0], _model("{}", which)) for which, one in ((STUDY, study), (_OTHER, other)))
    return replace(ours, table=ours.table.join(theirs.table))


def _losses(archive: Archive, every: int) -> pd.DataFrame:
    """Held-out loss of each run at every so many updates."""
    held = archive.curves.dropna(subset=["held_out_loss"])
    held = held[held["step"] % every == 0]
    return held.pivot_table(index="variant", columns="step", values="held_out_loss").round(3).reset_index()
