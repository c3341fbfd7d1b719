"""The front door: the command line (``embsig``, ``python -m embsig``). It parses, calls and prints; no logic of its own."""

import os
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from embsig.cli.options import Analysis, Output, Reading, Seed, Source, choice, output_form, with_options
from embsig.cli.terminal import emit, interruptible, progress, say, status, to_json, writing

if TYPE_CHECKING:
    from stats import Comparison, Scores

app = typer.Typer(
    name="embsig",
    help="Is this difference real? Significance analysis for embedding models scored on MTEB task families.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


# -- sources to scores -------------------------------------------------------------------------------------------


@app.command()
@with_options(Reading)
def scores(
    source: Source,
    options: Reading,
    long: Annotated[bool, typer.Option("--long", help="Long (model,task,family,score) instead of wide.")] = False,
    output: Output = None,
) -> None:
    """Turn any source into one table of scores (CSV, or Parquet by the ending of -o)."""
    form = output_form("scores", output, ("csv", "parquet"), compresses="csv")
    table = _read(source, options)
    if output is None:
        from stats.common.writing import csv_text  # late, as all of stats: the help must not load pandas

        emit(csv_text(table.to_frame(long=long)), None)
    else:
        with writing(output):
            if form == "parquet":
                table.to_parquet(output)
            else:
                table.to_csv(output, long=long)


@app.command()
@with_options(Reading)
def audit(
    source: Source,
    options: Reading,
    format: Annotated[
        str | None,
        choice(
            "format", "text", "json", help="Form of the output.  [default: as -o ends, else text]", show_default=False
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Say what makes these scores incomparable, before anyone compares them."""
    from stats import audit as audit_scores

    form = output_form("audit", output, ("text", "json"), asked=format)
    found = audit_scores(_read(source, options))
    emit(to_json(found.to_dict()) if form == "json" else str(found), output)


# -- scores to findings ------------------------------------------------------------------------------------------


@app.command()
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
            help="Form of the output.  [default: as -o ends, else text]",
            show_default=False,
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            help="The one table that csv, markdown or latex prints: pairs, ranks, omnibus, design, borda, ranks-by-mean, "
            "bradley-terry, model-confidence-set, agreement, agreement-families, effects, minimum-detectable-effect, "
            "required-tasks, power, seeds, training-runs or replicates.  [default: pairs in csv, else the ranking]",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Tell which differences between the models are real."""
    import reports

    form = output_form("compare", output, ("text", "json", "csv", "markdown", "latex"), asked=format)
    comparison = _compare(source, options)
    if form == "json":
        text = to_json(comparison.to_dict())
    elif form == "csv":
        text = reports.csv_table(reports.named_frame(comparison, table or "pairs")[0])
    elif form == "markdown":
        text = reports.markdown_table(comparison, table=table)
    elif form == "latex":
        text = reports.latex_table(comparison, table=table)
    else:
        text = reports.text_report(comparison)
    emit(text, output)


@app.command()
@with_options(Analysis)
def report(
    source: Source,
    options: Analysis,
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = Path("report.html"),
) -> None:
    """Write one self-contained HTML page with the verdict, the diagrams, the tables and the methods."""
    import reports
    from stats import Samples

    output_form("report", output, ("html",))
    comparison = _compare(source, options)
    samples = Samples.open(source) if (source / "samples").is_dir() else None
    with status("drawing the page"), writing(output):
        reports.html_report(comparison, output, samples=samples, command=_command())
    for sentence in comparison.conclusions[:3]:
        say(sentence)
    say(f"wrote {output}")


@app.command()
@with_options(Analysis)
def plot(
    kind: Annotated[
        str,
        typer.Argument(
            help="critical-difference, rank-intervals, forest, comparison-matrix, score-heatmap, performance-profile, "
            "family-profile, bootstrap-density, equivalence-triangle, power-curve or design-effects.",
            show_default=False,
        ),
    ],
    source: Source,
    options: Analysis,
    output: Annotated[Path, typer.Option("-o", "--output", help="svg, pdf, png or tex, by its ending.")] = Path(
        "figure.svg"
    ),
) -> None:
    """Draw one figure."""
    import reports
    from reports.figures.registry import plot_ending

    plot_ending(kind, output)
    comparison = _compare(source, options)
    with writing(output):
        reports.save_plot(kind, comparison, output)
    say(f"wrote {output}")


# -- models to scores --------------------------------------------------------------------------------------------


@app.command()
def variants(
    hidden_size: Annotated[
        int, typer.Option(min=1, max=1 << 20, help="Width of the decoder that heads are counted for.")
    ] = 4096,
    layers: Annotated[int, typer.Option(min=1, max=10_000, help="Its number of layers.")] = 32,
) -> None:
    """List the registered variants: a pooling times an attention, and what their heads cost."""
    from bench import VARIANTS

    head = f"parameters of the head at width {hidden_size}, {layers} layers"
    lines = []
    for variant in VARIANTS.values():
        sizes = [f"{variant.head_parameters(hidden_size, layers, f):>13,}" for f in ("default", "paper")]
        lines.append("  ".join([f"{variant.name:<28}", f"{variant.attention:<20}", *sizes, f" {variant.description}"]))
    say(f"{head}: by default, and with the paper's sizes")
    emit("\n".join(lines), None)


@app.command()
def train(
    base: Annotated[str, typer.Option(help='"embedded", a folder with a decoder and its tokenizer, or a hub name.')],
    variant: Annotated[list[str], typer.Option(help="A name of `embsig variants` (repeatable), or all.")],
    data: Annotated[str, typer.Option(help="JSONL, Parquet or a hub data set with query, positive and negative.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the trained model; of several, one below it each.")
    ],
    preset: Annotated[str, typer.Option(help="Recipe: default, paper or embedded.")] = "default",
    seed: Annotated[
        list[int] | None, typer.Option(help="Training seed (repeatable).  [default: 0]", show_default=False)
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A number of the recipe, e.g. steps=200 (repeatable)."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start anew where the folder holds another run.")
    ] = False,
) -> None:
    """Train one variant, or a series of them, by one recipe on one data set; resumes where it stopped."""
    import bench
    from bench.training.recipe import parse_settings

    seeds = seed or [0]
    settings = {"preset": preset, "overwrite": overwrite, "progress": True, **parse_settings(option or [])}
    if len(variant) == len(seeds) == 1 and variant != ["all"]:
        trained = [bench.train(base, variant[0], data, output, seed=seeds[0], **settings)]
    else:
        trained = bench.train_series(base, variant, data, output, seeds=seeds, **settings)
    for model in trained:
        emit(str(model.path), None)


@app.command()
def pretrain(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the base; resumes where it stopped.")],
    steps: Annotated[
        int | None, typer.Option(min=1, help="Updates in all.  [default: the recipe's]", show_default=False)
    ] = None,
) -> None:
    """Train the embedded base anew: tokenizer and decoder, on the docstrings of the installed scientific packages."""
    from dataclasses import replace

    from bench.embedded_base._pretrain import Recipe
    from bench.embedded_base._pretrain import pretrain as train_base

    recipe = Recipe() if steps is None else replace(Recipe(), steps=steps)
    folder = train_base(
        output, recipe=recipe, progress=lambda line: say(" ".join(f"{k}={v:.4g}" for k, v in line.items()))
    )
    emit(str(folder), None)


@app.command()
def run(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the run; it is an MTEB results folder too.")
    ],
    model: Annotated[
        list[str],
        typer.Option(
            "-m",
            "--model",
            help="A folder (or NAME=FOLDER), a variant (NAME or NAME@BASE), an MTEB or hub name (repeatable).",
        ),
    ],
    task: Annotated[
        list[str] | None, typer.Option("-t", "--task", help="A task's name, or NAME:subset (repeatable).")
    ] = None,
    family: Annotated[list[str] | None, typer.Option(help="Tasks of this family, comma-separated or repeated.")] = None,
    benchmark: Annotated[str | None, typer.Option(help="Tasks of this MTEB benchmark.")] = None,
    suite: Annotated[str | None, typer.Option(help="Tasks of this suite: docstrings or paper.")] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Local task data, a folder a task, for machines without a network.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            help="Instructions: none, task, model, or a JSON file.  [default: the model's own]", show_default=False
        ),
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run again what failed before.")] = False,
    workers: Annotated[int, typer.Option(help="Processes of this machine, each with a model at a time.")] = 1,
    cluster: Annotated[str | None, typer.Option(help="Hand the jobs to Ray: auto or ray://ADDRESS.")] = None,
    cpus_per_job: Annotated[float, typer.Option(help="What Ray reserves for a job.")] = 1,
    gpus_per_job: Annotated[float, typer.Option(help="What Ray reserves for a job.")] = 0,
    device: Annotated[
        list[str] | None, typer.Option(help="cpu, cuda:0, ...; several make a pool (repeatable).")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, float32, float16 or bfloat16.")] = "auto",
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens per batch, padding included.")] = None,
    cache_mb: Annotated[int, typer.Option(help="Bound of the embeddings cache; 0 turns it off.")] = 1024,
    cache_folder: Annotated[Path | None, typer.Option(help="Keep embeddings here beyond the run.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of every task; MTEB's official scores have 42.")] = 42,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let models of MTEB's registry run code that comes with them.")
    ] = False,
) -> None:
    """Score models on tasks with mteb and keep every sample; a killed run goes on where it stopped."""
    from bench import evaluate
    from bench.runner.progress import show

    with show() as events:
        done = evaluate(
            model,
            task or (),
            output=output,
            families=family or (),
            benchmark=benchmark,
            suite=suite,
            data_root=data_root,
            prompt=prompt,
            retry_failed=retry_failed,
            workers=workers,
            cluster=cluster,
            cpus_per_job=cpus_per_job,
            gpus_per_job=gpus_per_job,
            device=device or None,
            dtype=dtype,
            batch_tokens=batch_tokens,
            cache_bytes=cache_mb << 20,
            cache_folder=cache_folder,
            seed=seed,
            trust_remote_code=trust_remote_code,
            progress=events,
        )
    say(str(done))
    raise typer.Exit(done.exit_status)


@app.command()
def tasks(
    benchmark: Annotated[str | None, typer.Option(help="Only tasks of this MTEB benchmark.")] = None,
    suite: Annotated[str | None, typer.Option(help="Only tasks of this suite.")] = None,
) -> None:
    """List the benchmarks and suites, or the tasks of one (tab-separated)."""
    from bench import task_table

    emit(task_table(benchmark=benchmark, suite=suite).to_csv(index=False, sep="\t"), None)


@app.command()
def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the run and the report.")] = Path(
        "embsig-demo"
    ),
    seed: Seed = 0,
    quick: Annotated[bool, typer.Option("--quick", help="A smoke test: one training seed, four small tasks.")] = False,
    train: Annotated[
        bool, typer.Option("--train", help="Train the variants anew (an hour) instead of using those that ship.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes to evaluate with.  [default: one per core, at most 4]", show_default=False),
    ] = None,
) -> None:
    """Run the whole study offline: evaluate the trained variants, compare them, write the report."""
    from bench.demo import SHIPPED, design_table, evaluate_study, study_samples, study_scores, trained_variants
    from bench.embedded_base import corpus_note
    from bench.embedded_base.study import train_study
    from bench.folder_lock import locked
    from bench.runner.progress import show
    from reports.study import write_study

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
        study = write_study(
            table,
            output,
            rng=seed,
            design=design_table(table.models),
            samples=study_samples(output / "run"),
            command=_command(),
        )
    for sentence in study.verdict:
        emit(sentence, None)
    for path in study.files:
        say(f"wrote {path}")


# -- reading and comparing, as the options say -------------------------------------------------------------------


def _read(source: Path, options: Reading) -> "Scores":
    """Read a source and choose from it what the options ask for."""
    from bench import read_scores

    with progress("reading") as advance:
        table: Scores = read_scores(
            source,
            benchmark=options.benchmark,
            rows=options.rows,
            higher_is_better=not options.lower_is_better,
            cache=not options.no_cache,
            progress=advance,
        )
    if options.family:
        table = table.family(*options.family)
    if options.model or options.task:
        table = table.select(models=options.model, tasks=options.task)
    return table


#: Options that `stats.compare` has under the same name and takes as they are.
_AS_THEY_ARE = (
    *("test", "correction", "alpha", "confidence_level", "alternative", "statistic", "interval", "zero_method"),
    *("rope", "control", "top", "missing", "level", "details", "effect"),
)


def _compare(source: Path, options: Analysis) -> "Comparison":
    from stats import Samples
    from stats import compare as compare_scores
    from stats.factors import read_design

    table = _read(source, options)
    samples = None if options.level == "tasks" else Samples.open(source)
    design = None if options.design is None else read_design(options.design)
    with status("comparing"):
        return compare_scores(
            table,
            **{name: getattr(options, name) for name in _AS_THEY_ARE},
            groups=options.groups or None,
            samples=samples,
            design=design,
            n_resamples=options.resamples,
            rng=options.seed,
        )


# -- ending ------------------------------------------------------------------------------------------------------


def _command() -> str:
    """Return this call as one would type it again."""
    import shlex

    return shlex.join(["embsig", *(a for a in sys.argv[1:] if a != "--debug")])


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    say(f"embsig: warning: {message}")


def _fail(error: BaseException, code: int) -> NoReturn:
    detail = " ".join(str(error).split()) or type(error).__name__
    named = "" if code == 2 else f"{type(error).__name__}: "
    say(f"embsig: error: {named}{detail}" + ("" if code == 2 else " (--debug shows where)"))
    raise SystemExit(code)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit code 0, 2 for a usage or input error, 130 or 143 when interrupted, 1 for the rest."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    if sys.stderr is None:  # closed: what would be said there must not go elsewhere
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # for as long as the process lasts
    signals: list[int] = []
    try:
        if not debug:
            warnings.simplefilter("ignore")
            warnings.showwarning = _show_warning  # type: ignore[assignment]  # one line, no source excerpt
        with interruptible(signals):
            code = app(args=arguments, standalone_mode=False, prog_name="embsig") or 0
        if code == 130:  # some versions of the parser return it, others raise
            raise KeyboardInterrupt
        raise SystemExit(code)
    except (KeyboardInterrupt, typer.Abort):
        say("embsig: interrupted; what was finished is kept")
        raise SystemExit(128 + (signals or [signal.SIGINT])[0]) from None
    except Exception as error:
        if debug:
            raise
        if hasattr(error, "format_message"):  # the parser's own errors: unknown option, bad value, missing argument
            _fail(ValueError(error.format_message()), 2)
        from stats.common.errors import InputError

        _fail(error, 2 if isinstance(error, InputError) else 1)
