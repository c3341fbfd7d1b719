"""A results archive of the whole public repository's shape, made in code: every benchmark, holes and revisions as they are there.

Scores are a model's strength plus a task's difficulty plus noise; who ran what follows the public repository: few ran everything, many one
benchmark, most lack some tasks, some hold two revisions, experiments, files without scores or of old formats.
"""

import json
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from bench.sources.definitions import Definitions, TaskDefinition, load


def write_whole_tree(path: Path, *, n_models: int = 6, seed: int = 0) -> int:
    """Write a .zip archive of results; the number of result files."""
    definitions, rng = load(), np.random.default_rng(seed)
    hard = dict(zip(definitions.task_names, rng.normal(0.5, 0.1, len(definitions.task_names)), strict=True))
    written = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(n_models):
            name = f"maker-{number % 5}/model-{number}"
            names = _run(definitions, number, rng)
            for revision in ("rev0", "rev1")[: 1 + (number % 4 == 0)]:
                folder = f"results/{name.replace('/', '__')}/{revision}"
                archive.writestr(f"{folder}/model_meta.json", json.dumps({"name": name, "revision": revision}))
                some = names if revision == "rev0" else names[: len(names) // 3]
                for task in some:
                    definition = definitions.task(task)
                    assert definition is not None
                    score = hard[task] + 0.02 * number + rng.normal(0, 0.02)
                    archive.writestr(f"{folder}/{task}.json", _result(definition, revision, score, rng))
                    written += 1
    return written


def _run(definitions: Definitions, number: int, rng: np.random.Generator) -> list[str]:
    """The tasks that a model was run on: all, those of some benchmarks, nearly all of one."""
    names = _tasks(definitions)
    if number >= 2:  # a task of thousands of pairs of languages is run by few
        names = [n for n in names if (task := definitions.task(n)) is None or len(task.subsets) <= MOST_SUBSETS]
    if number < 3:
        return names
    if number % 3:  # a tenth of the tasks lacks, other ones for every model
        return [n for n in names if rng.random() > 0.1]
    chosen = rng.permutation(definitions.benchmark_names)[: len(definitions.benchmark_names) // 2]
    return sorted({task.name for benchmark in chosen for task in definitions.benchmark(benchmark)} & set(names))


#: A task with more subsets than this makes most of the archive by itself.
MOST_SUBSETS = 60


@cache
def _asked_subsets() -> dict[str, tuple[str, ...]]:
    """Task -> the subsets that benchmarks ask for."""
    found: dict[str, dict[str, None]] = {}
    definitions = load()
    for name in definitions.benchmark_names:
        for task in definitions.benchmark(name):
            found.setdefault(task.name, {}).update(dict.fromkeys(task.subsets))
    return {task: tuple(subsets) for task, subsets in found.items()}


def _tasks(definitions: Definitions) -> list[str]:
    """All tasks of benchmarks, and of the rest those without thousands of subsets."""
    asked = _asked_subsets()
    tasks = [(name, definitions.task(name)) for name in definitions.task_names]
    return [name for name, task in tasks if task is not None and (name in asked or len(task.subsets) <= MOST_SUBSETS)]


def _result(task: TaskDefinition, revision: str, score: float, rng: np.random.Generator) -> str:
    """One result file; of tasks of many subsets one in ten lacks the last of them."""
    subsets = task.subsets[:-1] if len(task.subsets) > 3 and rng.random() < 0.1 else task.subsets
    value = float(np.clip(score, 0.01, 0.99))
    entry = {"main_score": value, "languages": ["eng-Latn"]}
    if len(subsets) > MOST_SUBSETS:  # only what a benchmark asks for
        subsets = _asked_subsets()[task.name]
    return json.dumps(
        {
            "task_name": task.name,
            "mteb_version": "2.1.0",
            "dataset_revision": task.revision or revision,
            "scores": {split: [{**entry, "hf_subset": subset} for subset in subsets] for split in task.splits},
        }
    )
