"""From the options to scores, and from scores to a comparison."""

from pathlib import Path
from typing import TYPE_CHECKING

from .new_task import read_like
from .options import Analysis, Reading
from .terminal import progress, say

if TYPE_CHECKING:
    from stats import Comparison, Samples, Scores


def read(sources: list[str], options: Reading) -> "Scores":
    """Read sources, say what was understood, and choose what the options ask for."""
    from stats import Samples

    found = read_any(sources, options)
    table = found.as_scores() if isinstance(found, Samples) else found
    say_read(table)
    return table


def say_read(scores: "Scores") -> None:
    """Say in one line what was understood, and in another what could not be read; after the work, so that an error is one line, too."""
    from stats.common.text import count  # late: the help must not load pandas

    understood = scores.provenance.get("read")
    if understood:
        say(f"embsig: {understood['sentence']}")
    if n := n_unreadable(scores):
        listed = dict(scores.provenance["left_out"].get("unreadable_files", {}))
        shown = "; ".join(f"{path} ({why})" for path, why in list(listed.items())[:3])
        say(
            f"embsig: warning: {count(n, 'file')} could not be read and {'is' if n == 1 else 'are'} left out: {shown}"
            + ("; ..." if n > 3 else "")
        )


def n_unreadable(scores: "Scores") -> int:
    """How many files of the source could not be read."""
    return int((scores.provenance.get("left_out") or {}).get("unreadable", 0))


def read_any(sources: list[str], options: Reading) -> "Scores | Samples":
    """Read sources as scores or, where they are scores of queries or items, as samples."""
    from bench import read as read_source
    from stats import Samples, Scores

    with progress("reading") as advance:
        found: Scores | Samples = read_source(
            sources[0] if len(sources) == 1 else sources,
            benchmark=options.benchmark,
            models=options.model,
            tasks=options.task,
            rows=options.rows,
            higher_is_better=False if options.lower_is_better else None,
            direction=options.direction,
            metric=options.metric,
            separator=options.separator,
            decimal=options.decimal,
            sheet=options.sheet,
            strict=options.strict,
            seeds_from_names=options.seeds_from_names,
            seeds=options.seeds,
            unit=options.unit,
            language=options.language,
            domain=options.domain,
            samples=getattr(options, "level", "tasks") == "samples",
            qrels=options.qrels,
            measure=options.measure,
            missing_queries=options.missing_queries,
            prefer=options.prefer,
            cache=not options.no_cache,
            progress=advance,
        )
    if isinstance(found, Samples):
        return found
    if options.family:
        found = found.family(*options.family)
    if options.where:
        from bench.cards import model_cards, where
        from stats.common.errors import InputError

        cards = model_cards(found.models)
        chosen, asked = where(cards, options.where), " and ".join(options.where)
        if not chosen:
            silent = int(cards.isna().all(axis=1).sum())
            raise InputError(
                f"no model's card meets {asked}"
                + (f" ({silent:,} of the {found.n_models:,} models have none in mteb's registry)" if silent else "")
            )
        if len(chosen) < found.n_models:
            say(
                f"embsig: {len(chosen):,} of {found.n_models:,} models meet {asked} by their cards; what a card does not say is not met"
            )
        found = found.select(models=chosen)
    return found


#: Options that `embsig.compare` has under the same name and takes as they are.
_AS_THEY_ARE = (
    *("test", "correction", "alpha", "confidence_level", "alternative", "statistic", "interval", "zero_method"),
    *("rope", "margin", "control", "top", "missing", "level", "details", "clean", "effect"),
    "allow_different_data",
)


def holds_samples(sources: list[str]) -> bool:
    """Whether the source is one folder of a run that kept its samples."""
    folders = [Path(sources[0]) / "samples", Path(sources[0]) / "run" / "samples"]
    return len(sources) == 1 and any(f.is_dir() and any(entry.is_dir() for entry in f.iterdir()) for f in folders)


def run_comparison(sources: list[str], options: Analysis) -> "Comparison":
    """Read sources and compare their models as the options say."""
    from bench import model_cards
    from stats import Samples
    from stats import compare as compare_scores
    from stats.common.advance import heard_by
    from stats.factors import read_design

    found = read_any(sources, options)
    table = found.as_scores() if isinstance(found, Samples) else found
    # Of a run compared by tasks, so that it is said what its samples would answer.
    samples = found if isinstance(found, Samples) and options.level == "samples" else None
    if samples is None and (options.level == "samples" or holds_samples(sources)):
        from bench import read_samples

        samples = read_samples(sources[0], seeds=options.seeds)
    design = None if options.design is None else read_design(options.design)
    say_size(table, options)
    with progress("comparing") as advance, heard_by(lambda done, total: advance(done, total, "blocks of pairs")):
        comparison: Comparison = compare_scores(
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
            like=None if options.like is None else read_like(options.like),
            n_resamples=options.resamples,
            rng=options.seed,
        )
    say_read(table)
    return comparison


#: Seconds of one thread in the default comparison: of a pair, of one of its tasks, of two (whose mean is a Walsh average), and of one task
#: under one sign vector.
_PAIR, _TASK, _TWO_TASKS, _FLIP = 1e-5, 3e-7, 3e-10, 3e-11
#: Seconds from which on it is said beforehand how long a comparison takes.
_LONG = 30


def say_size(scores: "Scores", options: Analysis) -> None:
    """Say before a long comparison about how long it takes, and what would take less."""
    from stats.common.text import count
    from stats.common.threads import n_threads
    from stats.comparison.options import default_draws
    from stats.comparison.selection import MOST_MODELS, cover
    from stats.results import n_pairs

    def seconds(table: "Scores") -> float:
        pairs = n_pairs(table.n_models, options.control)
        draws = options.resamples or default_draws(pairs)
        n = table.n_tasks
        return pairs * (_PAIR + n * (_TASK + n * _TWO_TASKS + _FLIP * draws)) / n_threads()

    refused = scores.n_tasks < 2 or scores.n_models > MOST_MODELS
    if refused or seconds(scores) <= _LONG:
        return
    if scores.table.isna().to_numpy().any():  # what is compared is the block that is chosen
        must = {"require": options.require or (), "require_tasks": options.require_task or ()}
        scores = cover(scores, options.missing, **must, min_tasks=options.min_tasks).scores  # type: ignore[arg-type]
    took = seconds(scores)
    if took > _LONG:
        about = (
            f"{took:,.0f} s"
            if took < 100
            else f"{took / 60:,.0f} minutes"
            if took < 7200
            else f"{took / 3600:,.0f} hours"
        )
        pairs, n = n_pairs(scores.n_models, options.control), scores.n_tasks
        say(
            f"embsig: {count(pairs, 'pair')} of models on {count(n, 'task')} take about {about}; less: one model against all others "
            "(--control MODEL), fewer models (--model, --where), fewer tasks (--family, --task)"
        )


def names_in(path: Path) -> dict[str, str]:
    """Read how models are to be written: a CSV of two columns, with or without a heading."""
    import csv

    from stats.common.errors import InputError

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}") from None
    wrong = next((row for row in rows if len(row) != 2), None)
    if wrong is not None or not rows:
        raise InputError(
            f"{path}: expected two columns, a model and how to write it; got {','.join(wrong or []) or 'nothing'!r}"
        )
    return dict(rows)
