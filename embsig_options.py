"""The options that several commands of the command line share."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

Source = Annotated[
    Path,
    typer.Argument(
        help="A CSV, TSV or Parquet file (wide or long), an MTEB results folder or archive (.tar.zst, .tar.gz, .zip), "
        "or a folder that `embsig run` wrote.",
        show_default=False,
    ),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of standard output.")]
Seed = Annotated[int, typer.Option(help="Seed of every random draw: one seed gives the same bytes.")]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The options that say which scores to read."""

    benchmark: Annotated[
        str | None, typer.Option(help='Read exactly what this MTEB benchmark asks for, e.g. "MTEB(eng, v2)".')
    ] = None
    rows: Annotated[
        str | None,
        typer.Option(help="What the rows of a wide table are, where its heading does not say: tasks or models."),
    ] = None
    lower_is_better: Annotated[bool, typer.Option("--lower-is-better", help="Smaller scores are better.")] = False
    family: Annotated[list[str] | None, typer.Option(help="Only tasks of this family (repeatable).")] = None
    task: Annotated[list[str] | None, typer.Option(help="Only tasks of this name or pattern (repeatable).")] = None
    model: Annotated[list[str] | None, typer.Option(help="Only models of this name or pattern (repeatable).")] = None
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read the source anew instead of from the index.")] = (
        False
    )


@dataclass(frozen=True, kw_only=True)
class Analysis(Reading):
    """The options that say how to compare."""

    control: Annotated[str | None, typer.Option(help="Compare every model with this one only.")] = None
    top: Annotated[int | None, typer.Option(help="Only the K models of the best mean rank.", metavar="K")] = None
    test: Annotated[
        str,
        typer.Option(
            help="wilcoxon, sign, sign-flip, paired-t, bootstrap, nemenyi, conover, bayes, bayes-t; bonferroni-dunn with --control."
        ),
    ] = "wilcoxon"
    correction: Annotated[
        str,
        typer.Option(help="holm, none, bonferroni, hochberg, hommel, bh, by, shaffer; romano-wolf with the bootstrap."),
    ] = "holm"
    level: Annotated[
        Literal["tasks", "samples", "both"],
        typer.Option(help="What is resampled: tasks, samples within tasks (of a run), or both."),
    ] = "tasks"
    alpha: Annotated[float, typer.Option(help="Significance level.")] = 0.05
    confidence_level: Annotated[
        float | None,
        typer.Option(help="Of intervals and rank sets.  [default: 1 - alpha]", show_default=False),
    ] = None
    alternative: Annotated[
        Literal["two-sided", "greater", "less"],
        typer.Option(help="With --control: is a model better or worse (greater: its scores are higher)?"),
    ] = "two-sided"
    statistic: Annotated[
        Literal["mean", "family_mean"],
        typer.Option(help="Of the bootstrap: the mean over tasks, or the mean of the families' means."),
    ] = "mean"
    interval: Annotated[
        str, typer.Option(help="Bootstrap interval: symmetric, studentized, percentile, basic or bca.")
    ] = "symmetric"
    groups: Annotated[bool, typer.Option("--groups", help="Resample tasks cut from one source together.")] = False
    zero_method: Annotated[str, typer.Option(help="Zeros in the Wilcoxon test: wilcox, pratt or zsplit.")] = "wilcox"
    rope: Annotated[
        float, typer.Option(help="Differences up to this do not matter (bayes, bayes-t), in score units.")
    ] = 0.0
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Also Bradley-Terry, the model confidence set, ranks by mean, all effect sizes with intervals, planning.",
        ),
    ] = False
    effect: Annotated[
        float | None, typer.Option(help="A difference that matters, in score units: how many tasks does it need?")
    ] = None
    missing: Annotated[
        Literal["models", "tasks", "keep"],
        typer.Option(
            help="Missing scores: drop models that lack a task (models), drop such tasks (tasks), or keep all (keep)."
        ),
    ] = "models"
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples.")] = 10_000
    seed: Seed = 0
    design: Annotated[
        Path | None,
        typer.Option(
            help="A table of design factors (first column model, then one column a factor): which choice matters?"
        ),
    ] = None


def with_options(spec: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the fields of a dataclass as options and hand them over as its argument `options`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(spec, include_extras=True)
        names = [f.name for f in fields(spec)]
        shared = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
            for f in fields(spec)
        ]
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "options"]

        @wraps(command)
        def run(**given: Any) -> None:
            options = spec(**{name: given.pop(name) for name in names})
            command(options=options, **given)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + shared
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        return run

    return decorate
