"""The commands that read scores: scores, audit."""

from typing import Annotated

import typer

from .options import Output, Reading, Source, TextOrJson, output_form, with_options
from .reading import n_unreadable, read
from .terminal import emit, say, writing

commands = typer.Typer()
PANEL = "Scores"


@commands.command(rich_help_panel=PANEL)
@with_options(Reading)
def scores(
    source: Source,
    options: Reading,
    long: Annotated[bool, typer.Option("--long", help="Long (model,task,family,score) instead of wide.")] = False,
    output: Output = None,
) -> None:
    """Turn any source into one table of scores (CSV, or Parquet by the ending of -o).

    Exit code 1 where a file of the source could not be read: the table is written, without its scores.
    """
    from stats.different_data import unproven  # late, as all of stats: the help must not load pandas

    form = output_form("scores", output, ("csv", "parquet"), compresses="csv")
    table = read(source, options)
    if said := unproven(table):
        say(f"embsig: {said}")
    if output is None:
        from stats.common.writing import csv_text  # late, as above

        emit(csv_text(table.to_frame(long=long)), None)
    else:
        with writing(output):
            if form == "parquet":
                table.to_parquet(output)
            else:
                table.to_csv(output, long=long)
    if n_unreadable(table):
        raise typer.Exit(1)


@commands.command(rich_help_panel=PANEL)
@with_options(Reading)
def audit(
    source: Source,
    options: Reading,
    format: TextOrJson = None,
    output: Output = None,
) -> None:
    """Say what makes these scores incomparable, before anyone compares them."""
    from stats import audit as audit_scores
    from stats.common.jsonable import json_text

    form = output_form("audit", output, ("text", "json"), asked=format)
    found = audit_scores(read(source, options))
    emit(json_text(found.to_dict()) if form == "json" else str(found), output)
