"""The command that decides on a release: gate."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Listing, Reading, Seed, Source, choice, with_options
from .reading import read_any, say_read
from .terminal import emit, say, status

if TYPE_CHECKING:
    from stats import Samples, Scores

commands = typer.Typer()
PANEL = "Analysis"


@dataclass(frozen=True, kw_only=True)
class Gating(Reading):
    """The options that say what a gate claims."""

    baseline: Annotated[str | None, typer.Option(help="The model in use.", show_default=False)] = None
    candidate: Annotated[str | None, typer.Option(help="The model that may take its place.", show_default=False)] = None
    margin: Annotated[
        float | None,
        typer.Option(
            help="The loss of mean score that does not matter, in score units (0.005 is half a point on scores of 0 to 1).",
            show_default=False,
        ),
    ] = None
    level: Annotated[
        str | None,
        choice(
            "level",
            "tasks",
            "samples",
            "both",
            help="What the verdict is about: other tasks, other samples of these tasks, or both with other training seeds.  [default: "
            "tasks; samples where the source is one task's]",
            show_default=False,
        ),
    ] = None
    each_family: Annotated[
        bool, typer.Option("--each-family", help="Claim it within every task family, too, all claims jointly.")
    ] = False
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Claim it by this metric or measure (repeatable): the source is read by each, all claims hold jointly."
        ),
    ] = None
    alpha: Annotated[
        float | None,
        typer.Option(help="At most this share of gates gives a wrong verdict.  [default: 0.05]", show_default=False),
    ] = None
    groups: Annotated[
        str,
        choice(
            "groups", "known", "none", help="Units: tasks from one source together, where known, or each by itself."
        ),
    ] = "known"
    allow_different_data: Annotated[
        bool, typer.Option("--allow-different-data", help="Pair models that were scored on different data.")
    ] = False
    config: Annotated[
        Path | None,
        typer.Option(
            help="A TOML file with baseline, candidate, margin, level, family, by, alpha and [margins]; options go before it."
        ),
    ] = None
    resamples: Annotated[int, typer.Option(help="Random sign vectors, over more than 14 tasks.")] = 10_000
    seed: Seed = 0


@commands.command(cls=Listing, rich_help_panel=PANEL)
@with_options(Gating)
def gate(
    source: Source,
    options: Gating,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write everything as JSON; - for standard output.")
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML for the CI.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Write the summary of a pull request.")] = None,
) -> None:
    """Accept a candidate that is not worse than a baseline by a margin: exit code 0 ACCEPT, 1 REJECT, 3 UNDECIDED."""
    import reports
    from stats import gate as decide
    from stats.common.jsonable import json_text
    from stats.gates.config import settings

    _check_places({"--json": json, "--junit": junit, "--markdown": markdown})
    asked = settings(
        options.config,
        **{
            name: getattr(options, name)
            for name in ("baseline", "candidate", "margin", "level", "family", "by", "alpha")
        },
    )
    with status("deciding"):
        found = decide(
            _read(source, options, asked),
            baseline=asked.baseline,
            candidate=asked.candidate,
            margin=asked.margin,
            level=asked.level,
            families=True if options.each_family else asked.family,
            margins=asked.margins,
            alpha=asked.alpha,
            groups=options.groups == "known",
            n_resamples=options.resamples,
            allow_different_data=options.allow_different_data,
            rng=options.seed,
        )
    for note in found.notes:
        say(f"embsig: warning: {note}")
    if json is not None:
        emit(json_text(found.to_dict()), _place(json))
    if junit is not None:
        emit(reports.gate_junit(found), _place(junit))
    if markdown is not None:
        emit(reports.gate_markdown(found), _place(markdown))
    if "-" not in map(str, (json, junit, markdown)):
        emit(str(found), None)
    raise typer.Exit(found.exit_code)


def _check_places(places: dict[str, Path | None]) -> None:
    """Refuse two forms in one place, and folders that are not there, before anything is computed."""
    from stats.common.errors import InputError

    given = {option: str(path) for option, path in places.items() if path is not None}
    for option, path in given.items():
        same = [other for other, place in given.items() if place == path]
        if len(same) > 1:
            where = "standard output" if path == "-" else path
            raise InputError(f"{' and '.join(same)} both write to {where}: expected a place for each")
        if path != "-" and not Path(path).absolute().parent.is_dir():
            raise InputError(
                f"{option} {path}: there is no folder {Path(path).parent}; make it, or choose another place"
            )


def _place(path: Path) -> Path | None:
    return None if str(path) == "-" else path


def _read(sources: list[str], options: Gating, asked: Any) -> Any:
    """The source by the one metric, or by each that is asked for."""
    from dataclasses import replace

    def once(metric: str | None) -> "Scores | Samples":
        how = replace(options, level=asked.level, family=list(asked.family) or None)
        if metric is not None:
            how = replace(how, metric=[metric], measure=metric if options.qrels is not None else None)
        return _open(sources, how)

    return {metric: once(metric) for metric in asked.by} if asked.by else once(None)


def _open(sources: list[str], options: Gating) -> "Scores | Samples":
    from bench import read_samples
    from bench.runner.saved_samples import is_run
    from stats import Samples

    if options.level == "samples" and all(map(is_run, sources)):
        found: Samples = read_samples(sources[0] if len(sources) == 1 else sources, seeds=options.seeds)
        if options.model or options.task:
            found = found.matching(models=options.model, tasks=options.task)
        if options.family:
            found = found.select(tasks=found.scores().family(*options.family).task_names)
        return found
    read = read_any(sources, options)
    say_read(read.as_scores() if isinstance(read, Samples) else read)
    return read
