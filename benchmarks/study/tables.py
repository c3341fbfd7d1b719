"""The study's archive as the tables of docs/study.md."""

import tempfile
from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from bench.study import Answer, Archive, answers, read_archive
from bench.study.protocol import ALPHA, FACTORIAL, FAMILIES
from bench.training_runs import by_name, first_runs
from stats import Scores, crossed, factorial
from stats.levels import sample_level


def tables(folder: str | PathLike[str], *, n_resamples: int = 10_000) -> str:
    """Verdicts, means, crossed model, design, curves and failed runs of an archive, as Markdown."""
    archive = read_archive(folder)
    scores = archive.scores()
    parts = [_heading(archive, scores), verdicts(answers(scores, n_resamples=n_resamples))]
    if archive.failed:
        names = ", ".join(f"{variant} seed {seed}" for variant, seed in archive.failed)
        without = answers(archive.scores(with_failed=False), n_resamples=n_resamples)
        parts += [f"Failed by the rule: {names}. Without them:", verdicts(without)]
    else:
        parts.append("No run failed by the rule.")
    parts += [family_means(scores), _crossed(archive, scores), _design(scores, n_resamples), curves(archive)]
    return "\n\n".join(parts) + "\n"


def _heading(archive: Archive, scores: Scores) -> str:
    return f"{len(archive.manifest['runs'])} runs of {scores.n_models} variants on {scores.n_tasks} tasks, corpus {archive.manifest['corpus'][:12]}."


def verdicts(found: Sequence[Answer]) -> str:
    """A row a hypothesis."""
    rows = [
        {
            "hypothesis": f"{one.name}. {one.claim}",
            "verdict": f"**{one.verdict}**",
            "estimate": ""
            if one.estimate != one.estimate
            else f"{one.estimate:+.4f} [{one.low:+.4f}, {one.high:+.4f}]",
            "p, adjusted": f"{one.pvalue_adjusted:.2g}",
            "tasks": one.n_tasks,
        }
        for one in found
    ]
    return _markdown(pd.DataFrame(rows))


def family_means(scores: Scores) -> str:
    """Mean main score of every variant in every family."""
    table = scores.table.groupby(scores.tasks["family"].to_numpy()).mean().T
    order = [f for f in (*FAMILIES, *scores.families) if f in table.columns]
    return _markdown(table[list(dict.fromkeys(order))].round(3).rename_axis("variant").reset_index())


def _crossed(archive: Archive, scores: Scores) -> str:
    """The crossed model over the paper's four families (tasks and training seeds), and the samples of these very tasks."""
    kept = scores.family(*FAMILIES)
    answer = crossed(kept)
    with tempfile.TemporaryDirectory() as place:
        samples = archive.expand(place, tasks=kept.task_names)
        own = sample_level(first_runs(samples, by_name(samples.models)), models=kept.models, tasks=kept.task_names)
    told = int((np.asarray(answer.pairs.pvalue_adjusted) <= ALPHA).sum())
    said = f"{answer.text} Over other tasks, samples and seeds, {told} of {len(answer.pairs.first)} pairs differ (Holm). {own}"
    return f"{said}\n\n{_markdown(answer.models.round(4))}"


def _design(scores: Scores, n_resamples: int) -> str:
    """Main effects of pooling and attention in every family."""
    design = pd.DataFrame.from_dict(dict(FACTORIAL), orient="index", columns=["pooling", "attention"]).rename_axis(
        "model"
    )
    found = factorial(scores, design, n_resamples=n_resamples, rng=0)
    main = found.contrasts[found.contrasts["kind"] == "main"]
    columns = ["family", "factor", "a", "b", "n", "difference", "low", "high", "pvalue_adjusted"]
    return _markdown(main[columns].round(4))


def curves(archive: Archive) -> str:
    """Held-out loss by step, the mean over seeds, a row a variant."""
    held = archive.curves.dropna(subset=["held_out_loss"])
    table = held.pivot_table(index="variant", columns="step", values="held_out_loss", aggfunc="mean")
    return _markdown(table.round(3).reset_index())


def _markdown(frame: pd.DataFrame) -> str:
    head = "| " + " | ".join(map(str, frame.columns)) + " |"
    rule = "|" + "---|" * len(frame.columns)
    return "\n".join([head, rule, *("| " + " | ".join(map(str, row)) + " |" for row in frame.itertuples(index=False))])
