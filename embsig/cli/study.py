"""The command that runs the bundled study: demo."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Seed
from .terminal import command_line, emit, say, status, writing

if TYPE_CHECKING:
    from bench.study import Archive
    from bench.study.recomputed import Recomputed
    from reports.study import Study

commands = typer.Typer()
PANEL = "Study"


@commands.command(rich_help_panel=PANEL)
def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the run and the report.")] = Path(
        "embsig-demo"
    ),
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke test: evaluate on four small tasks only.")] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Train and evaluate every seed again (hours; resumes) instead of taking those stored."
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes to evaluate with.  [default: one per core, at most 4]", show_default=False),
    ] = None,
) -> None:
    """Run the study offline: evaluate the first seed of every design, analyse it with the stored seeds, write the report."""
    from bench.embedded_base import base_folder, corpus_note
    from bench.folder_lock import locked
    from bench.runner.progress import show
    from bench.study import read_archive, study_archive
    from bench.study.making import make_study
    from bench.study.recomputed import recomputed
    from bench.study.trained import evaluate_trained, trained_variants

    context.with_resource(locked(output))
    with status("reading the documentation of the installed packages (under a minute, the first time)"):
        note = corpus_note()
    if note:
        say(f"embsig: warning: {note}")
    archive = study_archive()
    if full:
        with writing(output):
            made = make_study(output, base=base_folder(), workers=workers or 1, say=say)
        found = recomputed(archive, output / "run")
        archive = read_archive(made)
    else:
        with writing(output), show() as events:
            done = evaluate_trained(trained_variants(), output / "run", quick=quick, workers=workers, progress=events)
        say(str(done))
        if done.failed:
            raise typer.Exit(1)
        found = recomputed(archive, output / "run")
    say(found.sentence() if found.agrees else f"embsig: warning: {found.sentence()}")
    with status("comparing, drawing"), writing(output):
        study = _written(archive, found, output, seed)
    for sentence in study.verdict:
        emit(sentence, None)
    for path in study.files:
        say(f"wrote {path}")


def _written(archive: "Archive", found: "Recomputed", output: Path, seed: int) -> "Study":
    """Answer the claims, compare the designs, and write the report."""
    import pandas as pd

    from bench import paper
    from bench.demo import design_table, study_samples
    from bench.study import designs_by_family, study_answers
    from bench.study.answers import P_OF, summary
    from bench.study.protocol import DESIGNS
    from reports.study import BASELINE, beside_the_paper, study_opening, write_study
    from stats import compare

    scores = archive.scores()
    answered = study_answers(scores, rng=seed)
    opening = study_opening(
        pd.DataFrame([asdict(one) for one in answered]),
        designs_by_family(scores, baseline=BASELINE),
        sentences=[summary(answered)],
        notes=[archive.sentence(), P_OF, found.sentence()],
        baseline=BASELINE,
        names=DESIGNS,
    )
    against = compare(scores, control=BASELINE, rng=seed)
    return write_study(
        scores,
        compare(scores, rng=seed, design=design_table(scores.models)),
        output,
        published=beside_the_paper(against, paper.FAMILY_MEANS, paper.SIGNIFICANT, paper.MODELS),
        samples=study_samples(output / "run"),
        command=command_line(),
        opening=opening,
    )
