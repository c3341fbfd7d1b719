"""The commands that make and score models: variants, train, pretrain, tasks, run."""

from pathlib import Path
from typing import Annotated

import typer

from .options import choice
from .terminal import emit, say

commands = typer.Typer()
PANEL = "Models"


@commands.command(rich_help_panel=PANEL)
def variants(
    hidden_size: Annotated[
        int, typer.Option(min=1, max=1 << 20, help="Width of the decoder that heads are counted for.")
    ] = 4096,
    layers: Annotated[int, typer.Option(min=1, max=10_000, help="Its number of layers.")] = 32,
) -> None:
    """List the registered variants: a pooling times an attention, what their heads cost, their source and what it claims."""
    from bench import VARIANTS
    from bench.variants.claims import claim

    head = f"parameters of the head at width {hidden_size}, {layers} layers"
    lines = []
    for variant in VARIANTS.values():
        sizes = [f"{variant.head_parameters(hidden_size, layers, f):>13,}" for f in ("default", "paper")]
        lines.append("  ".join([f"{variant.name:<28}", f"{variant.attention:<20}", *sizes, f" {variant.description}"]))
        source, direction = claim(variant)
        if source:
            lines.append(f"{'':<30}{source}" + (f": {direction}" if direction else ""))
    say(f"{head}: by default, and with the paper's sizes")
    emit("\n".join(lines), None)


@commands.command(rich_help_panel=PANEL)
def train(
    base: Annotated[str, typer.Option(help='"embedded", a folder with a decoder and its tokenizer, or a hub name.')],
    variant: Annotated[list[str], typer.Option(help="A name of `embsig variants` (repeatable), or all.")],
    data: Annotated[
        str | None,
        typer.Option(help="JSONL, Parquet or a hub data set with query, positive and negative.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Folder for the trained model; with several, one subfolder each.", show_default=False
        ),
    ] = None,
    preset: Annotated[str, typer.Option(help="Recipe: default, paper, qlora or embedded.")] = "default",
    seed: Annotated[
        list[int] | None, typer.Option(help="Training seed (repeatable).  [default: 0]", show_default=False)
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A number of the recipe, e.g. steps=200 (repeatable)."),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(
            help='JSON file of instructions: "query" and "document" stand before the texts.', show_default=False
        ),
    ] = None,
    report_to: Annotated[
        str | None, typer.Option(help="Also hand the losses to tensorboard or wandb.", show_default=False)
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say how much memory it needs, by part, and train nothing.")
    ] = False,
    device: Annotated[
        str | None,
        typer.Option(help="With --estimate: cpu or gpu.  [default: what this machine has]", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start over if the folder holds another run.")] = False,
) -> None:
    """Train one variant, or a series of them, by one recipe on one data set; resumes where it stopped."""
    import bench
    from bench.training.recipe import parse_settings
    from stats.common.errors import InputError

    numbers = parse_settings(option or [])
    if estimate:
        say("embsig: going through an update without its numbers; a base of 7B takes half a minute")
        names = list(bench.VARIANTS) if "all" in variant else variant
        for name in names:
            emit(str(bench.estimate_memory(base, name, preset=preset, device=device, **numbers)), None)
        return
    if device is not None:
        raise InputError("--device says where the memory is counted for: add --estimate, or leave it out")
    if data is None or output is None:
        raise InputError("training needs --data and -o FOLDER; with --estimate neither is needed")
    seeds = seed or [0]
    settings = {
        "preset": preset,
        "overwrite": overwrite,
        "progress": True,
        "prompts": prompts,
        "report_to": report_to,
        **numbers,
    }
    if len(variant) == len(seeds) == 1 and variant != ["all"]:
        trained = [bench.train(base, variant[0], data, output, seed=seeds[0], **settings)]
    else:
        trained = bench.train_series(base, variant, data, output, seeds=seeds, **settings)
    for model in trained:
        emit(str(model.path), None)


@commands.command(rich_help_panel=PANEL)
def export(
    model: Annotated[str, typer.Argument(help="A folder that `embsig train` wrote.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the exported model.")],
    base: Annotated[
        str | None, typer.Option(help="Where the base lies, if it is not where it was.", show_default=False)
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="Write the weights as float32, float16 or bfloat16.", show_default=False)
    ] = None,
    adapter: Annotated[
        bool, typer.Option("--adapter", help="Write the adapter alone; the base is fetched where the model is loaded.")
    ] = False,
    base_name: Annotated[
        str | None,
        typer.Option(
            help="With --adapter: how others find the base.  [default: its name on the hub]", show_default=False
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="How the model card calls it.  [default: the folder]", show_default=False)
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help="Licence of the weights.  [default: the base's]", show_default=False)
    ] = None,
    scores: Annotated[
        str | None, typer.Option(help="Scores of this model and others, for the model card.", show_default=False)
    ] = None,
    as_name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="How the scores call it.  [default: the folder]", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder.")] = False,
) -> None:
    """Write a trained variant as a model that sentence-transformers and mteb load without embsig."""
    from bench import export_model, read_scores
    from bench.variants.export.evidence import evidence

    known = None if scores is None else evidence(read_scores(scores), as_name or Path(model).name)
    done = export_model(
        model,
        output,
        base=base,
        dtype=dtype,
        adapter=adapter,
        base_name=base_name,
        name=name,
        licence=licence,
        evidence=known,
        overwrite=overwrite,
    )
    say(f"embsig: {done}")
    emit(str(done.folder), None)


@commands.command(rich_help_panel=PANEL)
def pretrain(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the base; resumes where it stopped.")],
    steps: Annotated[
        int | None, typer.Option(min=1, help="Number of updates.  [default: the recipe's]", show_default=False)
    ] = None,
    masked_share: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of updates that hide tokens and see both ways, to serve either attention."
        ),
    ] = 0.0,
) -> None:
    """Train the embedded base from scratch: tokenizer and decoder, on the docstrings of the installed scientific packages."""
    from dataclasses import replace

    from bench.embedded_base.pretraining import Recipe
    from bench.embedded_base.pretraining import pretrain as train_base

    recipe = replace(Recipe(masked_share=masked_share), **({} if steps is None else {"steps": steps}))
    folder = train_base(
        output, recipe=recipe, progress=lambda line: say(" ".join(f"{k}={v:.4g}" for k, v in line.items()))
    )
    emit(str(folder), None)


@commands.command(rich_help_panel=PANEL)
def run(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the run; it doubles as an MTEB results folder.")
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
    suite: Annotated[str | None, typer.Option(help="Tasks of this suite: docstrings, study or paper.")] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Local task data, one folder per task, for machines without a network.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            help="Instructions: none, task, model, paper (the paper's own), or a JSON file.  [default: the model's own]",
            show_default=False,
        ),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of several prompts by name: every model with each of them, documents encoded once.",
            show_default=False,
        ),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option(
            help="Also with vectors cut to these dimensions, from one encoding, e.g. 64,128,full.", show_default=False
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="Also with vectors stored so: float32,float16,int8,binary; each a model of its own.",
            show_default=False,
        ),
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Retry the jobs that failed before.")] = False,
    workers: Annotated[int, typer.Option(help="Processes on this machine, each with one model at a time.")] = 1,
    cluster: Annotated[str | None, typer.Option(help="Hand the jobs to Ray: auto or ray://ADDRESS.")] = None,
    cpus_per_job: Annotated[float, typer.Option(help="What Ray reserves for a job.")] = 1,
    gpus_per_job: Annotated[float, typer.Option(help="What Ray reserves for a job.")] = 0,
    ship: Annotated[
        str, typer.Option(help="Models and data that a cluster node lacks: auto sends them, never refuses the node.")
    ] = "auto",
    shared_folder: Annotated[
        Path | None, typer.Option(help="Send them to this folder, which all nodes see, instead of to each node.")
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option(help="cpu, cuda:0, ...; several make a pool (repeatable).")
    ] = None,
    dtype: Annotated[str, typer.Option(help="auto, float32, float16 or bfloat16.")] = "auto",
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens per batch, padding included.")] = None,
    cache_mb: Annotated[int, typer.Option(help="Size limit of the embeddings cache; 0 turns it off.")] = 1024,
    cache_folder: Annotated[Path | None, typer.Option(help="Keep embeddings here after the run.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of every task; MTEB's official scores use 42.")] = 42,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let models of MTEB's registry run code that comes with them.")
    ] = False,
    allow_missing_weights: Annotated[
        bool,
        typer.Option(
            "--allow-missing-weights",
            help="Score a model whose file lacks weights, with random ones; every output says so.",
        ),
    ] = False,
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided",
            help="Look after every task, and stop when it is decided whether the other model is worse by the margin.",
        ),
    ] = False,
    against: Annotated[
        str | None, typer.Option(help="With --until-decided: the baseline, one of the two models.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="With --until-decided: the loss of mean score that does not matter.")
    ] = None,
    alpha: Annotated[float, typer.Option(help="With --until-decided: at most this share of verdicts is wrong.")] = 0.05,
    order: Annotated[
        str,
        choice("order", "cost", "given", help="With --until-decided: tasks with the least text first, or as given."),
    ] = "cost",
    largest: Annotated[
        float | None,
        typer.Option(
            help="With --until-decided: no task differs by more than this; the level then holds however skewed the differences are."
        ),
    ] = None,
) -> None:
    """Score models on tasks with mteb and keep every sample; a killed run resumes where it stopped."""
    from bench import UntilDecided, evaluate
    from bench.runner.progress import show
    from stats.common.errors import InputError

    stopping = None
    if until_decided:
        if against is None or margin is None:
            raise InputError(
                "--until-decided needs --against BASELINE, a model of this run, and --margin M, the loss that does not matter (0.005 is half a point)"
            )
        stopping = UntilDecided(against, margin, alpha=alpha, order=order, largest=largest)
    elif against is not None or margin is not None:
        raise InputError("--against and --margin say when to stop: add --until-decided")

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
            prompts=prompts,
            dims=dims,
            precision=precision,
            retry_failed=retry_failed,
            workers=workers,
            cluster=cluster,
            cpus_per_job=cpus_per_job,
            gpus_per_job=gpus_per_job,
            ship=ship,
            shared_folder=shared_folder,
            device=device or None,
            dtype=dtype,
            batch_tokens=batch_tokens,
            cache_bytes=cache_mb << 20,
            cache_folder=cache_folder,
            seed=seed,
            trust_remote_code=trust_remote_code,
            allow_missing_weights=allow_missing_weights,
            until_decided=stopping,
            progress=events,
        )
    say(str(done))
    if done.decided is not None:
        emit(done.decided["text"], None)
    raise typer.Exit(done.exit_status)


@commands.command(rich_help_panel=PANEL)
def tasks(
    benchmark: Annotated[str | None, typer.Option(help="Only tasks of this MTEB benchmark.")] = None,
    suite: Annotated[str | None, typer.Option(help="Only tasks of this suite.")] = None,
) -> None:
    """List the benchmarks and suites, or the tasks of one (tab-separated)."""
    from bench import task_table
    from stats.common.writing import csv_text

    emit(csv_text(task_table(benchmark=benchmark, suite=suite), "\t"), None)
