"""The options that several commands of the command line share."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand


def choice(what: str, *known: str, names: Sequence[str] = (), **option: Any) -> Any:
    """Return an option that takes one of a few names; any other is answered with the nearest of them."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in known:
            from stats.common.errors import unknown  # late: the command line's help must not load pandas

            raise unknown(what, value, known)
        return value

    return typer.Option(
        *names, metavar=f"[{'|'.join(known)}]", callback=check, autocompletion=lambda: list(known), **option
    )


def _tests() -> list[str]:
    from stats.comparison.tests import TESTS

    return list(TESTS)


def _corrections() -> list[str]:
    from stats.comparison.tests.registry import corrections_to_choose

    return [*corrections_to_choose(), "bonferroni-dunn"]


def figure_names() -> list[str]:
    """Names of the kinds of figures."""
    from reports import PLOTS

    return list(PLOTS)


#: What stands in a help text for the names of a registry, to which other distributions may have added.
_NAMES: dict[str, Callable[[], list[str]]] = {
    "{tests}": _tests,
    "{corrections}": _corrections,
    "{figures}": figure_names,
}


class Listing(TyperCommand):
    """A command whose help names what is registered: looked up when that help is shown, so that no other help loads stats."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the names in their places."""
        for parameter in self.params:
            for place, names in _NAMES.items():
                if place in (getattr(parameter, "help", None) or ""):
                    parameter.help = parameter.help.replace(place, ", ".join(names()))  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)


Source = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="A table (CSV, TSV, Parquet, Excel, Markdown, LaTeX, HTML, JSON; wide or long; - for standard input), an MTEB results "
        "folder or archive (.tar.zst, .tar.gz, .zip), a folder that `embsig run` wrote, or another tool's results. Several are merged.",
        show_default=False,
    ),
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of standard output.")]
TextOrJson = Annotated[
    str | None,
    choice(
        "format", "text", "json", help="Output format.  [default: by the ending of -o, else text]", show_default=False
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of every random draw: one seed gives the same bytes.")]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The options that say which scores to read."""

    benchmark: Annotated[
        str | None, typer.Option(help='Read exactly what this MTEB benchmark asks for, e.g. "MTEB(eng, v2)".')
    ] = None
    rows: Annotated[
        str | None,
        choice(
            "rows",
            "tasks",
            "models",
            help="What the rows of a wide table are, where its heading does not say: tasks or models.",
        ),
    ] = None
    lower_is_better: Annotated[
        bool, typer.Option("--lower-is-better", help="Smaller scores are better, where a task's metric does not say.")
    ] = False
    direction: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TASK=lower|higher", help="Of this task (or pattern) lower is better, or higher (repeatable)."
        ),
    ] = None
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Which metric, where tasks have several: the first that a task has (repeatable)."),
    ] = None
    family: Annotated[list[str] | None, typer.Option(help="Only tasks of this family (repeatable).")] = None
    task: Annotated[
        list[str] | None, typer.Option(help="Only tasks that match this name or pattern; !NAME excludes (repeatable).")
    ] = None
    model: Annotated[
        list[str] | None, typer.Option(help="Only models that match this name or pattern; !NAME excludes (repeatable).")
    ] = None
    where: Annotated[
        list[str] | None,
        typer.Option(
            help='Only models whose card says so: "n_parameters < 1e9", "open_weights == true" (repeatable).',
            metavar="CONDITION",
        ),
    ] = None
    separator: Annotated[
        str | None, typer.Option(help="What separates the cells of a text table: , ; tab | or space.")
    ] = None
    decimal: Annotated[
        str | None,
        choice("decimal", ".", ",", help="The decimal mark of a table's numbers; the other separates thousands."),
    ] = None
    sheet: Annotated[
        str | None, typer.Option(help="Which sheet of a workbook, or table of a document, by name or number.")
    ] = None
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse a table with averages, ranks and the like instead of setting them aside."
        ),
    ] = False
    unit: Annotated[
        str,
        choice(
            "unit",
            "task",
            "subset",
            "language",
            help="What a row is: a task, its subsets or its languages.",
        ),
    ] = "task"
    language: Annotated[
        list[str] | None, typer.Option(help="Only subsets in this language, e.g. deu (repeatable).")
    ] = None
    domain: Annotated[
        list[str] | None,
        typer.Option(help="Only tasks of MTEB whose texts are of this domain, e.g. Medical (repeatable)."),
    ] = None
    seeds: Annotated[
        str,
        choice(
            "seeds",
            "together",
            "separate",
            help="Models trained by embsig from several seeds, or asked with several prompts: runs of one model, or a model each.",
        ),
    ] = "together"
    seeds_from_names: Annotated[
        bool,
        typer.Option("--seeds-from-names", help="Take models such as bert_seed0, bert_seed1 as runs of one model."),
    ] = False
    qrels: Annotated[Path | None, typer.Option(help="Relevance judgements of TREC runs.")] = None
    measure: Annotated[str | None, typer.Option(help="How TREC runs are scored, e.g. nDCG@10, AP, RR@10.")] = None
    missing_queries: Annotated[
        str | None,
        choice(
            "missing queries",
            "zero",
            "drop",
            help="A judged query that a TREC run lacks: counts zero, or is left out.  [default: zero; a gate asks]",
            show_default=False,
        ),
    ] = None
    prefer: Annotated[
        str | None,
        typer.Option(
            help="Of two folders of MTEB results that claim one model: newest, largest or a folder.",
            metavar="newest|largest|FOLDER",
        ),
    ] = None
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read the source itself, not the index.")] = False


@dataclass(frozen=True, kw_only=True)
class Analysis(Reading):
    """The options that say how to compare."""

    control: Annotated[str | None, typer.Option(help="Compare every model with this one only.")] = None
    top: Annotated[
        int | None, typer.Option(help="Show the K models with the best mean ranks; all are analysed.", metavar="K")
    ] = None
    test: Annotated[
        str | None,
        typer.Option(
            autocompletion=lambda: _tests(),
            help="{tests} (bonferroni-dunn with --control).  [default: wilcoxon; with --level samples or both its own]",
            show_default=False,
        ),
    ] = None
    correction: Annotated[
        str | None,
        typer.Option(
            autocompletion=lambda: _corrections(),
            help="{corrections} (romano-wolf with the bootstrap and sign-flip tests).  [default: max-t with wilcoxon, sign and sign-flip, "
            "holm with the others]",
            show_default=False,
        ),
    ] = None
    level: Annotated[
        str,
        choice(
            "level",
            "tasks",
            "samples",
            "both",
            help="What the verdict is about: other tasks, other samples of these tasks (of a run), or both with other training seeds.",
        ),
    ] = "tasks"
    alpha: Annotated[float, typer.Option(help="Significance level.")] = 0.05
    confidence_level: Annotated[
        float | None,
        typer.Option(help="Confidence level of intervals and rank sets.  [default: 1 - alpha]", show_default=False),
    ] = None
    alternative: Annotated[
        str,
        choice(
            "alternative",
            "two-sided",
            "greater",
            "less",
            help="With --control: test whether a model's scores are higher (greater) or lower (less).",
        ),
    ] = "two-sided"
    statistic: Annotated[
        str,
        choice(
            "statistic",
            "mean",
            "family_mean",
            help="What the bootstrap is about: the mean over tasks, or the mean of the family means.",
        ),
    ] = "mean"
    interval: Annotated[
        str, typer.Option(help="Bootstrap interval: symmetric, studentized, percentile, basic or bca.")
    ] = "symmetric"
    groups: Annotated[
        str,
        choice(
            "groups",
            "known",
            "none",
            help="Units: tasks from one source together, where known, or each task by itself.",
        ),
    ] = "known"
    families: Annotated[
        str,
        choice(
            "families",
            "joint",
            "separate",
            "none",
            help="Whether claims within task families hold jointly with those over all tasks, each by itself, or are not made.",
        ),
    ] = "joint"
    margin: Annotated[
        float, typer.Option(help="Differences within it do not matter, in score units: pairs can be equivalent.")
    ] = 0.0
    zero_method: Annotated[
        str,
        choice("zero method", "wilcox", "pratt", "zsplit", help="Zeros in the Wilcoxon test: wilcox, pratt or zsplit."),
    ] = "wilcox"
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
    allow_different_data: Annotated[
        bool,
        typer.Option(
            "--allow-different-data",
            help="Pair models that were scored on different texts, gold or judgements; every conclusion says so.",
        ),
    ] = False
    effect: Annotated[
        float | None, typer.Option(help="A difference that matters, in score units: how many tasks does it need?")
    ] = None
    clean: Annotated[
        bool,
        typer.Option(
            "--clean", help="Also every pair on the tasks that neither model was trained on (mteb's registry)."
        ),
    ] = False
    like: Annotated[
        Path | None,
        typer.Option(
            help="A table of a new task, model,score, or a list of tasks that it is like: also every model's rank on it."
        ),
    ] = None
    missing: Annotated[
        str | None,
        choice(
            "coverage",
            "auto",
            "models",
            "tasks",
            "keep",
            names=("--coverage", "--missing"),
            help="Missing scores: choose models and tasks and report the trade-off (auto), drop models that lack a task (models), drop such tasks "
            "(tasks), or keep the models that have half of them (keep).  [default: auto with --benchmark, else models]",
            show_default=False,
        ),
    ] = None
    require: Annotated[list[str] | None, typer.Option(help="This model must be compared (repeatable).")] = None
    require_task: Annotated[list[str] | None, typer.Option(help="This task must stay (repeatable).")] = None
    min_tasks: Annotated[
        int | None,
        typer.Option(
            help="Keep at least this many tasks.  [default: nine in ten, and one of every family]", show_default=False
        ),
    ] = None
    resamples: Annotated[
        int | None,
        typer.Option(
            help="Bootstrap resamples and random sign vectors.  [default: 10,000; 2,000 for more than 500,000 pairs]",
            show_default=False,
        ),
    ] = None
    seed: Seed = 0
    design: Annotated[
        Path | None,
        typer.Option(
            help="A table of design factors (first column model, then one column per factor): which choice matters?"
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


#: Forms that no command writes as a table or a page, by their endings.
_OTHERS = (
    "tsv jsonl ndjson yaml yml toml xml xls xlsx ods doc docx odt rtf pdf ps eps svg png jpg jpeg gif webp tiff feather arrow "
    "pkl pickle npy npz rds py ipynb js css zip tar tgz 7z"
)
#: What the ending of a file promises; any other ending, .txt among them, promises nothing.
_PROMISES = {f".{other}": other for other in _OTHERS.split()} | {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".html": "html",
    ".htm": "html",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
#: A form -> how it is called, and the ending that says it.
_FORMS = {
    "text": ("text", ".txt"),
    "json": ("JSON", ".json"),
    "csv": ("CSV", ".csv"),
    "markdown": ("Markdown", ".md"),
    "latex": ("LaTeX", ".tex"),
    "html": ("HTML", ".html"),
    "parquet": ("Parquet", ".parquet"),
}


def output_form(
    command: str, output: Path | None, forms: Sequence[str], *, asked: str | None = None, compresses: str | None = None
) -> str:
    """Return the form to write: the one asked for, else the one that the file's ending says, else the first.

    Parameters
    ----------
    command : str
        Who writes.
    output : path, optional
        Where to.
    forms : sequence of str
        What it can write.
    asked : str, optional
        What --format says.
    compresses : str, optional
        The form that the command can write compressed, as .gz and the like.

    Raises
    ------
    InputError
        If the ending belongs to another form: a file must not lie about what is in it.
    """
    from stats.common.errors import InputError  # late: the command line's help must not load pandas

    promised = None if output is None else _promised(output, compresses)
    form = asked or (promised if promised is not None and promised in forms else forms[0])
    if promised in (None, form):
        return form
    possible = [_FORMS[f] for f in ([asked] if asked else forms)]
    writes, endings = (_either([p[i] for p in possible]) for i in (0, 1))
    by = f"--format {asked}" if asked else f"embsig {command}"
    raise InputError(f"output {str(output)!r}: {by} writes {writes}; give a name that ends in {endings}")


def _promised(output: Path, compresses: str | None) -> str | None:
    ending = output.suffix.lower()
    if ending not in _COMPRESSED:
        return _PROMISES.get(ending)
    inner = _PROMISES.get(output.with_suffix("").suffix.lower(), compresses)
    return inner if compresses is not None and inner == compresses else ending[1:]


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
