"""The commands that analyse scores: compare, report, plot."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import Analysis, Listing, Output, Source, choice, figure_names, output_form, with_options
from .reading import holds_samples, names_in, run_comparison
from .terminal import command_line, emit, say, status, writing

commands = typer.Typer()
PANEL = "Analysis"
#: For a figure that shows nothing of a test: the comparison then only puts the models in order.
FEWEST_RESAMPLES = 100


@commands.command(cls=Listing, rich_help_panel=PANEL)
@with_options(Analysis)
def compare(
    source: Source,
    options: Analysis,
    format: Annotated[
        str | None,
        choice(
            "format",
            "text",
            "json",
            "csv",
            "markdown",
            "latex",
            help="Output format.  [default: by the ending of -o, else text]",
            show_default=False,
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            help="The one table that csv, markdown or latex prints: pairs, ranks, omnibus, design, borda, ranks-by-mean, "
            "bradley-terry, model-confidence-set, agreement, agreement-families, effects, minimum-detectable-effect, "
            "required-tasks, power, seeds, training-runs, variance-parts, prompts, replicates, incomplete-models, new-task, rules, clean, size, active-size or vector-size.  [default: pairs in csv, else the ranking]",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Tell which differences between the models are real."""
    import reports
    from stats.common.jsonable import json_text
    from stats.comparison.options import MANY_PAIRS

    form = output_form("compare", output, ("text", "json", "csv", "markdown", "latex"), asked=format)
    comparison = run_comparison(source, options)
    if form == "json":
        pairs = len(comparison.pairs) <= MANY_PAIRS
        text = json_text(comparison.to_dict(pairs=pairs))
        if not pairs:
            say(
                f"embsig: the JSON is without its {len(comparison.pairs):,} pairs, which would take gigabytes: -o pairs.csv writes them, "
                "--top 100 (or any number) shows those of the best models"
            )
    elif form == "csv":
        text = reports.csv_table(reports.named_frame(comparison, table or "pairs")[0])
    elif form == "markdown":
        text = reports.markdown_table(comparison, table=table)
    elif form == "latex":
        text = reports.latex_table(comparison, table=table)
    else:
        text = reports.text_report(comparison)
    emit(text, output)


@commands.command(cls=Listing, rich_help_panel=PANEL)
@with_options(Analysis)
def report(
    source: Source,
    options: Analysis,
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = Path("report.html"),
) -> None:
    """Write one self-contained HTML page with the verdict, the diagrams, the tables and the methods."""
    import reports
    from bench import model_cards, read_samples

    output_form("report", output, ("html",))
    comparison = run_comparison(source, options)
    samples = read_samples(source[0], seeds=options.seeds) if holds_samples(source) else None
    with status("drawing the page"), writing(output):
        cards = model_cards(str(m) for m in comparison.ranks["model"])
        reports.html_report(comparison, output, samples=samples, command=command_line(), cards=cards)
    for sentence in comparison.conclusions[:3]:
        say(sentence)
    say(f"wrote {output}")


@commands.command(cls=Listing, rich_help_panel=PANEL)
@with_options(Analysis)
def plot(
    kind: Annotated[
        str,
        typer.Argument(
            autocompletion=lambda: figure_names(),
            help="{figures}.",
            show_default=False,
        ),
    ],
    source: Source,
    options: Analysis,
    output: Annotated[Path, typer.Option("-o", "--output", help="svg, pdf, png or tex, by its ending.")] = Path(
        "figure.svg"
    ),
    style: Annotated[
        str | None,
        choice(
            "style",
            "classic",
            "ladder",
            help="Form of the critical-difference diagram.  [default: by the number of models]",
            show_default=False,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Words above the figure.", show_default=False)] = None,
    names: Annotated[
        Path | None,
        typer.Option(help="CSV of two columns, model and how to write it in the figure.", show_default=False),
    ] = None,
    width: Annotated[
        float | None, typer.Option(min=1, max=60, help="Width in inches (tex: of the axis).", show_default=False)
    ] = None,
    height: Annotated[float | None, typer.Option(min=1, max=120, help="Height in inches.", show_default=False)] = None,
    palette: Annotated[
        str | None,
        typer.Option(
            help="okabe-ito, tol or grey, or colours with commas between them.  [default: okabe-ito]",
            show_default=False,
        ),
    ] = None,
    font_size: Annotated[
        float | None, typer.Option(min=3, max=40, help="Size of the type in points.", show_default=False)
    ] = None,
    dpi: Annotated[
        float | None, typer.Option(min=30, max=1200, help="Resolution of a png.  [default: 200]", show_default=False)
    ] = None,
) -> None:
    """Draw one figure."""
    import reports
    from reports.figures.registry import check_options, plot_ending, plot_kind

    plot_ending(kind, output)
    given = {
        "form": style, "title": title, "names": names, "width": width, "height": height, "palette": palette,
        "font_size": font_size, "dpi": dpi,
    }  # fmt: skip
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    check_options(kind, output, chosen)
    if names is not None:
        chosen["names"] = names_in(names)
    if not plot_kind(kind).decides:
        options = replace(options, resamples=FEWEST_RESAMPLES, families="none", details=False, clean=False, effect=None)
    comparison = run_comparison(source, options)
    with writing(output):
        reports.save_plot(kind, comparison, output, **chosen)
    say(f"wrote {output}")
