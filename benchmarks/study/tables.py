"""The study's archive as the tables of docs/study.md."""

import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from bench.study import Answer, Archive, designs_by_family, read_archive, study_answers
from bench.study.answers import summary
from bench.study.protocol import ALPHA, FACTORIAL, FAMILIES
from bench.training_runs import by_name, first_runs
from stats import Scores, crossed, factorial
from stats.levels import sample_level

from .conditions import beside
from .markdown import markdown


def tables(folder: str | PathLike[str], *, n_resamples: int = 10_000) -> str:
    """Verdicts, means, crossed model, design, curves and failed runs of an archive, as Markdown."""
    archive = read_archive(folder)
    scores = archive.scores()
    found = study_answers(scores, n_resamples=n_resamples)
    parts = [f"{summary(found)} {archive.sentence()}", verdicts(found)]
    if archive.failed:
        names = ", ".join(f"{variant} seed {seed}" for variant, seed in archive.failed)
        without = study_answers(archive.scores(with_failed=False), n_resamples=n_resamples)
        parts += [f"Without the failed runs ({names}):", verdicts(without)]
    parts += [
        "**Designs by families**, mean scores:", family_means(scores),
        "Every design less model-1, with the interval of this difference alone, and with that of all together:",
        differences(designs_by_family(scores)),
        "**Tasks, samples and seeds crossed**, over the paper's four families:", _crossed(archive, scores),
        "**Main effects** of pooling and attention, at equal levels of the other (b less a; p adjusted over the table):", _design(scores, n_resamples),
        "**Held-out loss** by update, mean over seeds:", curves(archive), *beside(archive),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def differences(table: pd.DataFrame) -> str:
    """A row a design, a column a family."""
    cells = [
        f"{r.difference:+.3f} [{r.low_marginal:+.3f}, {r.high_marginal:+.3f}] [{r.low:+.3f}, {r.high:+.3f}]"
        for r in table.itertuples()
    ]
    wide = table.assign(cell=cells).pivot(index="model", columns="family", values="cell")
    wide = wide.loc[list(dict.fromkeys(table["model"])), list(dict.fromkeys(table["family"]))]
    return markdown(wide.rename_axis("variant").reset_index())


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
    return markdown(pd.DataFrame(rows))


def family_means(scores: Scores) -> str:
    """Mean main score of every variant in every family."""
    table = scores.table.groupby(scores.tasks["family"].to_numpy()).mean().T
    order = [f for f in (*FAMILIES, *scores.families) if f in table.columns]
    return markdown(table[list(dict.fromkeys(order))].round(3).rename_axis("variant").reset_index())


def _crossed(archive: Archive, scores: Scores) -> str:
    """The crossed model over the paper's four families (tasks and training seeds), and the samples of these very tasks."""
    kept = scores.family(*FAMILIES)
    answer = crossed(kept)
    with tempfile.TemporaryDirectory() as place:
        samples = archive.expand(place, tasks=kept.task_names)
        own = sample_level(first_runs(samples, by_name(samples.models)), models=kept.models, tasks=kept.task_names)
    told = int((np.asarray(answer.pairs.pvalue_adjusted) <= ALPHA).sum())
    said = f"{answer.text} Over other tasks, samples and seeds, {told} of {len(answer.pairs.first)} pairs differ (Holm). {own}"
    return f"{said}\n\n{markdown(answer.models.round(4))}"


def _design(scores: Scores, n_resamples: int) -> str:
    """Main effects of pooling and attention in every family."""
    design = pd.DataFrame.from_dict(dict(FACTORIAL), orient="index", columns=["pooling", "attention"]).rename_axis(
        "model"
    )
    found = factorial(scores, design, n_resamples=n_resamples, rng=0)
    main = found.contrasts[found.contrasts["kind"] == "main"]
    columns = ["family", "factor", "a", "b", "n", "difference", "low", "high", "pvalue_adjusted"]
    return markdown(main[columns].round(4))


def curves(archive: Archive) -> str:
    """Held-out loss by step, the mean over seeds, a row a variant."""
    held = archive.curves.dropna(subset=["held_out_loss"])
    table = held.pivot_table(index="variant", columns="step", values="held_out_loss", aggfunc="mean")
    return markdown(table.round(3).reset_index())


#: Between these lines of a page stand the results.
_FROM, _TO = "<!-- results: python -m benchmarks.study pages -->", "<!-- end of the results -->"


def results_in(page: str) -> str:
    """The results that a page holds."""
    return page.partition(_FROM)[2].partition(_TO)[0].strip() + "\n"


def write_into(path: Path, found: str) -> None:
    """Replace the results in a page."""
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(_FROM)
    _, mark, after = rest.partition(_TO)
    if not mark:
        raise SystemExit(f"{path} has no lines {_FROM} and {_TO}; expected the page of the study")
    path.write_text(f"{before}{_FROM}\n\n{found}\n{_TO}{after}", encoding="utf-8")
