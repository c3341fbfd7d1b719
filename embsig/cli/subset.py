"""The command that chooses what to evaluate, tasks or samples within tasks: subset."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Listing, Output, Reading, Seed, Source, TextOrJson, output_form, with_options
from .reading import read
from .terminal import emit, status

if TYPE_CHECKING:
    from stats import Scores

commands = typer.Typer()
PANEL = "Analysis"


@commands.command(cls=Listing, rich_help_panel=PANEL)
@with_options(Reading)
def subset(
    source: Source,
    options: Reading,
    budget: Annotated[str, typer.Option(help="Share of the cost of all tasks: 20% or 0.2.")] = "20%",
    costs: Annotated[
        str,
        typer.Option(
            help="What a task costs: characters to encode (mteb's statistics), tasks (all alike), a folder of `embsig run` (its seconds), or a CSV of task,cost."
        ),
    ] = "characters",
    predict: Annotated[
        str | None,
        typer.Option(
            help="Scores of models on the chosen tasks: predict their means over all tasks.", show_default=False
        ),
    ] = None,
    items: Annotated[
        bool,
        typer.Option(
            "--items",
            help="Choose samples within the tasks of a run instead: the budget is a share of each task's samples.",
        ),
    ] = False,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    format: TextOrJson = None,
    output: Output = None,
    seed: Seed = 0,
) -> None:
    """Choose the tasks (or samples within them) that say most of the mean over all, within a share of the cost, from models that were evaluated on all."""
    if items:
        if costs != "characters":
            from stats.common.errors import InputError

            raise InputError(f"--costs {costs}: samples within a task count alike; leave it out with --items")
        form = output_form("subset", output, ("text", "json"), asked=format)
        _items(source, options, (_share(budget), level, seed), predict, form, output)
        return
    from bench import read as read_source
    from stats import Samples, choose_subset
    from stats.common.jsonable import json_text, records

    form = output_form("subset", output, ("text", "json"), asked=format)
    share = _share(budget)
    table = read(source, options)
    with status("choosing"):
        found = choose_subset(table, _costs(costs, table, options.benchmark), budget=share, level=level, rng=seed)
    predicted = None
    if predict is not None:
        scores = read_source(predict)
        predicted = found.predict(scores.as_scores() if isinstance(scores, Samples) else scores)
    if form == "json":
        content = found.to_dict()
        if predicted is not None:
            content["predicted"] = records(predicted)
        emit(json_text(content), output)
        return
    lines = [str(found)]
    if predicted is not None:
        lines += ["", predicted.to_string(index=False, float_format="{:.4f}".format)]
    emit("\n".join(lines), output)


def _items(
    source: list[str],
    options: Reading,
    asked: tuple[float, float, int],
    predict: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Samples within tasks."""
    from bench import read_samples
    from stats import choose_items
    from stats.common.jsonable import json_text, records

    # Every trained run is a model here: what is asked is how hard items are.
    samples = read_samples(source[0] if len(source) == 1 else source, seeds="separate")
    if options.model or options.task:
        samples = samples.matching(models=options.model, tasks=options.task)
    with status("choosing"):
        found = choose_items(samples, budget=asked[0], level=asked[1], rng=asked[2])
    predicted = None if predict is None else found.predict(read_samples(predict, seeds="separate"))
    if form == "json":
        content = found.to_dict() | ({} if predicted is None else {"predicted": records(predicted)})
        emit(json_text(content), output)
        return
    lines = [str(found)]
    if predicted is not None:
        lines += ["", predicted.to_string(index=False, float_format="{:.4f}".format)]
    emit("\n".join(lines), output)


def _share(budget: str) -> float:
    """Read 20%, 20 % or 0.2; a bare 20 may mean either."""
    from stats.common.errors import InputError

    bare = budget.strip()
    try:
        value = float(bare.removesuffix("%"))
    except ValueError:
        value = float("nan")
    value = value / 100 if bare.endswith("%") else value
    if not 0 < value <= 1:
        raise InputError(f"--budget {budget}: expected a share of the cost of all tasks, such as 20% or 0.2")
    return value


def _costs(asked: str, table: "Scores", benchmark: str | None) -> dict[str, float] | None:
    if asked == "tasks":
        return None
    from bench.sources.definitions import load
    from bench.task_costs import read_costs, task_costs

    if asked != "characters":
        return read_costs(asked)
    definitions = load()
    subsets = {t.name: t.subsets for t in definitions.benchmark(benchmark)} if benchmark else {}
    return task_costs(table.task_names, subsets)
