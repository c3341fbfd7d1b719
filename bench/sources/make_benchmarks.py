"""Write bench/data/benchmarks.json.gz from the installed mteb: ``python -m bench.sources.make_benchmarks``.

Reading results then needs neither mteb nor torch. Tasks and benchmarks of every modality are taken.
"""

import gzip
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from .definitions import DATA_FILE, FORMAT
from .task_groups import Source, task_groups


def collect() -> dict[str, Any]:
    """Gather the definitions from the installed mteb, as `definitions.load` reads them."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import mteb
    from mteb.get_tasks import _TASKS_REGISTRY
    from mteb.models.get_model_meta import get_model_metas
    from mteb.results.task_result import outdated_tasks, renamed_tasks

    chosen = dict(sorted(_TASKS_REGISTRY.items()))
    benchmarks = mteb.get_benchmarks()
    groups = task_groups(_sources(chosen))
    tasks = {name: _task(mteb.get_task(name), groups.get(name)) for name in chosen}
    models = sorted((m for m in get_model_metas() if m.name), key=lambda m: m.name)
    return {
        "format": FORMAT,
        "mteb": mteb.__version__,
        "tasks": tasks,
        "benchmarks": {b.name: _benchmark(b, tasks) for b in sorted(benchmarks, key=lambda b: b.name)},
        "models": {m.name: m.revision for m in models if m.revision},
        "trained_on": _trained_on(models, list(tasks)),
        "cards": {m.name: card for m in models if (card := _card(m))},
        "renamed": dict(sorted(renamed_tasks.items())),
        "outdated": {n: [t.metadata.type, t.metadata.main_score] for n, t in sorted(outdated_tasks.items())},
    }


def write(path: Path = DATA_FILE) -> Path:
    """Write the file; the same mteb gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(orjson.dumps(collect()), 9, mtime=0))
    return path


def _trained_on(models: Iterable[Any], tasks: Sequence[str]) -> dict[str, list[int]]:
    """Return model -> positions of the tasks whose data it was trained on, for the models of which that is known."""
    position = {name: i for i, name in enumerate(tasks)}
    known = {m.name: m.get_training_datasets() for m in models}
    return {
        name: sorted(position[t] for t in trained if t in position)
        for name, trained in known.items()
        if trained is not None
    }


def _card(model: Any) -> dict[str, Any]:
    """What mteb's registry says of a model, under the names of `embsig.model_cards`; what it does not know is left out."""
    embed_dim = model.embed_dim if isinstance(model.embed_dim, int) else max(model.embed_dim or [0]) or None
    found = {
        "n_parameters": model.n_parameters,
        "n_active_parameters": model.n_active_parameters,
        "memory_mb": model.memory_usage_mb,
        "embed_dim": embed_dim,
        "max_tokens": model.max_tokens if model.max_tokens and model.max_tokens < 1e9 else None,
        "release_date": model.release_date and str(model.release_date),
        "license": model.license and str(model.license),
        "open_weights": model.open_weights,
        "instructions": model.use_instructions,
    }
    return {name: value for name, value in found.items() if value is not None}


def _sources(chosen: Mapping[str, Any]) -> dict[str, Source]:
    older: dict[str, list[str]] = {}
    for name, task in chosen.items():
        if task.metadata.superseded_by:
            older.setdefault(task.metadata.superseded_by, []).append(name)
    return {
        name: Source(
            task.metadata.dataset["path"],
            (*(task.metadata.adapted_from or ()), *older.get(name, ())),
            tuple(part.metadata.name for part in getattr(task.metadata, "tasks", ())),
        )
        for name, task in chosen.items()
    }


def _task(task: Any, group: str | None) -> dict[str, Any]:
    meta = task.metadata
    languages = {s: " ".join(codes) for s, codes in meta.hf_subsets_to_langscripts.items()}
    entry: dict[str, Any] = {
        "type": meta.type,
        "metric": meta.main_score,
        "splits": list(task.eval_splits),
        "subsets": languages if set(languages) == set(task.hf_subsets) else dict.fromkeys(task.hf_subsets, ""),
    }
    if list(meta.modalities) != ["text"]:
        entry["modalities"] = sorted(meta.modalities)
    if meta.domains:
        entry["domains"] = sorted(map(str, meta.domains))
    if (pairs := _as_pairs(entry["subsets"])) is not None:
        entry["subsets"], entry["pairs"] = {}, pairs
    if meta.revision and not task.is_aggregate:
        entry["revision"] = meta.revision
    if task.is_aggregate:
        entry["parts"] = [part.metadata.name for part in task.tasks]
        entry["subsets"] = {
            # Sorted: mteb gathers the languages of the parts in a set, whose order is another one in every process.
            "default": " ".join(sorted({c for codes in languages.values() for c in codes.split()}))
        }
    elif samples := _samples(task):
        entry["samples"] = samples
    if group is not None:
        entry["group"] = group
    return entry


def _as_pairs(subsets: Mapping[str, str]) -> list[str] | None:
    """Return the codes whose ordered pairs ``a-b`` are exactly these subsets (Flores has 41,412), else None."""
    codes = list(dict.fromkeys(s.split("-")[0] for s in subsets))
    expected = {f"{a}-{b}": f"{a} {b}".replace("_", "-") for a in codes for b in codes if a != b}
    return codes if len(codes) > 2 and expected == dict(subsets) else None


def _samples(task: Any) -> dict[str, Any]:
    """Return the number of samples per eval split, or per split and subset; queries where queries are scored."""
    found: dict[str, Any] = {}
    statistics = task.metadata.descriptive_stats or {}
    for split in task.eval_splits:
        stats = statistics.get(split)
        if not stats:
            continue
        per_subset = stats.get("hf_subset_descriptive_stats") or {}
        counts = {s: n for s, v in per_subset.items() if s in task.hf_subsets and (n := _count(v))}
        if counts:
            found[split] = counts
        elif len(task.hf_subsets) == 1 and (total := _count(stats)):
            found[split] = total
    return found


def _count(stats: Mapping[str, Any]) -> int | None:
    """Return the number of queries where queries are scored (`num_samples` counts documents too), else of samples."""
    if "queries_text_statistics" not in stats and "num_queries" not in stats:
        return stats.get("num_samples")
    if stats.get("num_queries"):
        return int(stats["num_queries"])
    texts = stats.get("queries_text_statistics") or {}
    mean = texts.get("average_text_length")
    return round(texts["total_text_length"] / mean) if mean else None


def _benchmark(benchmark: Any, tasks: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for task in benchmark.tasks:
        known = tasks[task.metadata.name]
        differs: dict[str, Any] = {}
        if list(task.eval_splits) != known["splits"]:
            differs["splits"] = list(task.eval_splits)
        everything = len(known["subsets"]) or len(known["pairs"]) * (len(known["pairs"]) - 1)
        if "parts" not in known and len(set(task.hf_subsets)) != everything:
            differs["subsets"] = list(task.hf_subsets)
        asked[task.metadata.name] = differs
    return {"aliases": list(benchmark.aliases), "tasks": asked}


if __name__ == "__main__":
    print(write())
