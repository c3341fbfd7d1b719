"""From the options to scores, and from scores to a comparison."""

from pathlib import Path
from typing import TYPE_CHECKING

from .options import Analysis, Reading
from .terminal import progress, status

if TYPE_CHECKING:
    from stats import Comparison, Scores


def read(source: Path, options: Reading) -> "Scores":
    """Read a source and choose from it what the options ask for."""
    from bench import read_scores
    from stats.common.errors import InputError

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
    if options.where:
        from bench.cards import model_cards, where

        chosen = where(model_cards(table.models), options.where)
        if not chosen:
            raise InputError(f"no model's card meets {' and '.join(options.where)}")
        table = table.select(models=chosen)
    return table


#: Options that `stats.compare` has under the same name and takes as they are.
_AS_THEY_ARE = (
    *("test", "correction", "alpha", "confidence_level", "alternative", "statistic", "interval", "zero_method"),
    *("rope", "margin", "control", "top", "missing", "level", "details", "clean", "effect"),
)


def _holds_samples(source: Path) -> bool:
    folder = source / "samples"
    return folder.is_dir() and any(entry.is_dir() for entry in folder.iterdir())


def run_comparison(source: Path, options: Analysis) -> "Comparison":
    """Read a source and compare its models as the options say."""
    from bench import model_cards
    from stats import Samples
    from stats import compare as compare_scores
    from stats.factors import read_design

    table = read(source, options)
    # Of a run compared by tasks, so that it is said what its samples would answer.
    samples = Samples.open(source) if options.level == "samples" or _holds_samples(source) else None
    design = None if options.design is None else read_design(options.design)
    with status("comparing"):
        return compare_scores(
            table,
            **{name: getattr(options, name) for name in _AS_THEY_ARE},
            require=options.require or (),
            require_tasks=options.require_task or (),
            min_tasks=options.min_tasks,
            cards=model_cards(table.models),
            groups=options.groups,
            families=False if options.families == "none" else options.families,  # type: ignore[arg-type]  # checked by the option
            samples=samples,
            design=design,
            n_resamples=options.resamples,
            rng=options.seed,
        )
