"""What to do where a source holds nothing of the benchmark that was asked for: which benchmarks it does hold."""

from stats.common.errors import InputError

from .definitions import Definitions
from .index import Index

#: So many benchmarks are named.
_NAMED = 3


def no_task_of(benchmark: str, index: Index, definitions: Definitions, hint: str = "") -> InputError:
    """The error, with the benchmarks of which the source holds most."""
    said = f"{index.summary.n_files} result files, but no task of {benchmark}{hint} among them"
    held = held_benchmarks(index.task_names(), definitions)
    if not held:
        return InputError(f"{said}; leave --benchmark out to take the tasks that are there")
    named = ", ".join(f"{name} ({n} of {of} tasks)" for name, n, of in held[:_NAMED])
    return InputError(
        f'{said}; it has {named}: --benchmark "{held[0][0]}", or leave it out to take all tasks that are there'
    )


def held_benchmarks(tasks: set[str], definitions: Definitions) -> list[tuple[str, int, int]]:
    """Benchmarks of which these are two tasks or more: name, how many, of how many; whole ones first, then by their share, the larger first."""
    found = []
    for name in definitions.benchmark_names:
        asked = definitions.benchmark(name)
        here = sum(task.name in tasks for task in asked)
        if here >= 2:
            found.append((name, here, len(asked)))
    return sorted(found, key=lambda row: (-row[1] / row[2], -row[1], row[0]))
