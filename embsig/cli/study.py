"""The command that runs the bundled study: demo."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Seed
from .terminal import command_line, emit, say, status, writing

commands = typer.Typer()
PANEL = "Study"


@commands.command(rich_help_panel=PANEL)
def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the run and the report.")] = Path(
        "embsig-demo"
    ),
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke test: one training seed, four small tasks.")] = False,
    train: Annotated[
        bool, typer.Option("--train", help="Train the variants again (an hour) instead of using those that ship.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes to evaluate with.  [default: one per core, at most 4]", show_default=False),
    ] = None,
) -> None:
    """Run the whole study offline: evaluate the trained variants, compare them, write the report."""
    from bench import paper
    from bench.demo import SHIPPED, design_table, evaluate_study, study_samples, study_scores, trained_variants
    from bench.embedded_base import corpus_note
    from bench.embedded_base.study import train_study
    from bench.folder_lock import locked
    from bench.runner.progress import show
    from reports.study import BASELINE, beside_the_paper, write_study
    from stats import compare

    context.with_resource(locked(output))
    with status("reading the documentation of the installed packages (under a minute, the first time)"):
        note = corpus_note()
    if note:
        say(f"embsig: warning: {note}")
    if train:
        train_study(output / "models", progress=True)
    models = trained_variants(output / "models" if train else SHIPPED)
    with writing(output), show() as events:
        done = evaluate_study(output / "run", models, quick=quick, workers=workers, progress=events)
    say(str(done))
    if done.failed:
        raise typer.Exit(1)
    table = study_scores(output / "run")
    with status("comparing, drawing"), writing(output):
        comparison = compare(table, rng=seed, design=design_table(table.models))
        published = None
        if BASELINE in table.models:
            against = compare(table, control=BASELINE, rng=seed)
            published = beside_the_paper(against, paper.FAMILY_MEANS, paper.SIGNIFICANT, paper.MODELS)
        study = write_study(
            table,
            comparison,
            output,
            published=published,
            samples=study_samples(output / "run"),
            command=command_line(),
        )
    for sentence in study.verdict:
        emit(sentence, None)
    for path in study.files:
        say(f"wrote {path}")
