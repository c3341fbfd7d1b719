"""Which tasks to run: names, families, benchmarks and suites, each resolved to a recipe for a fresh task."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stats.common.errors import InputError, did_you_mean, unknown


@dataclass(frozen=True)
class TaskSpec:
    """A recipe for one task; `make` returns a fresh one, since a used task has a used random state.

    Attributes
    ----------
    name : str
        The task's name in MTEB or in its suite.
    family : str
        MTEB task type.
    main_score : str
        Name of the task's main metric.
    splits, subsets : tuple of str
        What is evaluated.
    dataset_revision : str
        As the task states it.
    origin : {"mteb", "suite", "class"}
        Where `make` gets it: mteb's registry, a suite of embsig, or a class.
    source : Any
        The suite's name, or the class.
    parts : tuple of str
        For an aggregate (CQADupstackRetrieval): the tasks that it is the mean of.
    """

    name: str
    family: str
    main_score: str
    splits: tuple[str, ...]
    subsets: tuple[str, ...]
    dataset_revision: str
    origin: str = "mteb"
    source: Any = None
    parts: tuple[str, ...] = ()

    def make(self, seed: int = 42) -> Any:
        """Return a fresh mteb task, seeded, with no data loaded."""
        if self.origin == "mteb":
            from mteb.get_tasks import _TASKS_REGISTRY

            task = _TASKS_REGISTRY[self.name](seed=seed)
        elif self.origin == "suite":
            from bench import suite

            task = next(t for t in suite(self.source) if t.metadata.name == self.name)
        else:
            task = self.source(seed=seed)
        reseed(task, seed)
        if self.parts:
            return task
        task.hf_subsets = list(self.subsets)
        return task.filter_eval_splits(list(self.splits))


def reseed(task: Any, seed: int) -> None:
    """Give a task the random state that a fresh one has; also seeds ``random``, numpy and torch, as mteb does."""
    from mteb._set_seed import _set_seed

    task.seed = seed
    task.rng_state, task.np_rng = _set_seed(seed)


def resolve_tasks(
    tasks: Iterable[Any] = (),
    *,
    families: Iterable[str] = (),
    benchmark: str | None = None,
    suite: str | None = None,
) -> list[TaskSpec]:
    """Return the recipes of all tasks asked for, each once, in the order asked.

    Parameters
    ----------
    tasks : iterable of str or mteb task
        Names, ``NAME:subset,subset`` for some subsets only, or task objects.
    families : iterable of str
        MTEB task types; of a suite or benchmark if one is given, else all English text tasks of the family.
    benchmark : str, optional
        Name of an mteb benchmark.
    suite : str, optional
        Name of a suite of embsig (``"docstrings"``, ``"study"``), or ``"paper"``.

    Raises
    ------
    InputError
        If a name is unknown (the nearest ones are suggested) or nothing is asked for.
    """
    families = [f.strip() for name in families for f in name.split(",") if f.strip()]
    chosen: list[TaskSpec] = [spec for task in tasks for spec in _one(task)]
    pool: list[TaskSpec] | None = None
    if benchmark is not None:
        pool = _benchmark(benchmark)
    if suite is not None:
        pool = [*(pool or []), *_suite(suite)]
    if families:
        pool = _families(families, pool)
    specs = list({(s.name, s.subsets): s for s in [*chosen, *(pool or [])]}.values())
    if not specs:
        raise InputError("no task to run: name tasks, task families, a benchmark or a suite")
    doubled = {s.name for s in specs if sum(t.name == s.name for t in specs) > 1}
    if doubled:
        raise InputError(f"{', '.join(sorted(doubled))} is asked for with two different sets of subsets: choose one")
    return specs


def spec_of(task: Any, origin: str = "class", source: Any = None) -> TaskSpec:
    """The recipe of a task object: its class (or where it came from), its splits and its subsets."""
    return TaskSpec(
        name=task.metadata.name,
        family=str(task.metadata.type),
        main_score=task.metadata.main_score,
        splits=tuple(task.eval_splits),
        subsets=("default",) if task.is_aggregate else tuple(task.hf_subsets),
        dataset_revision=str(task.metadata.revision),
        parts=tuple(t.metadata.name for t in task.metadata.tasks) if task.is_aggregate else (),
        origin=origin,
        source=type(task) if origin == "class" else source,
    )


def _one(task: Any) -> list[TaskSpec]:
    if not isinstance(task, str):
        if isinstance(task, TaskSpec):
            return [task]
        if not hasattr(task, "metadata"):
            raise InputError(f"got a task of type {type(task).__name__}: expected a name or an mteb task")
        return _parts(task, "class")
    from mteb.get_tasks import _TASKS_REGISTRY

    name, _, wanted = task.partition(":")
    if name not in _TASKS_REGISTRY:
        from mteb.get_tasks import _TASK_RENAMES

        if name in _TASK_RENAMES:
            raise InputError(f"task {name!r} is called {_TASK_RENAMES[name]!r} now: use that name")
        own = {spec.name: spec for spec in _suite("study")}
        if name in own:
            return [own[name]]
        raise InputError(f"unknown task {name!r}{_nearest(name, [*own, *_TASKS_REGISTRY])}")
    made = _TASKS_REGISTRY[name]()
    if wanted:
        subsets = [s.strip() for s in wanted.split(",")]
        for subset in subsets:
            if subset not in made.hf_subsets:
                raise InputError(f"task {name} has no subset {subset!r}{_nearest(subset, made.hf_subsets)}")
        made.hf_subsets = subsets
    return _parts(made)


def _parts(task: Any, origin: str = "mteb") -> list[TaskSpec]:
    """A task; an aggregate after its parts."""
    if not task.is_aggregate:
        return [spec_of(task, origin)]
    parts = (spec_of(part, "mteb" if _in_mteb(part) else "class") for part in task.metadata.tasks)
    return [*parts, spec_of(task, origin)]


def _benchmark(name: str) -> list[TaskSpec]:
    from mteb.benchmarks.get_benchmark import _build_registry

    known = _build_registry()
    if name not in known:
        raise InputError(f"unknown benchmark {name!r}{_nearest(name, known)}")
    return [spec for task in known[name].tasks for spec in _parts(task)]


def _suite(name: str) -> list[TaskSpec]:
    from bench import suite

    return [spec for t in suite(name) for spec in (_parts(t) if _in_mteb(t) else [spec_of(t, "suite", name)])]


def _in_mteb(task: Any) -> bool:
    from mteb.get_tasks import _TASKS_REGISTRY

    return _TASKS_REGISTRY.get(task.metadata.name) is type(task)


def _families(names: list[str], pool: list[TaskSpec] | None) -> list[TaskSpec]:
    if pool is None:
        import mteb

        known = sorted(
            {str(t.metadata.type) for t in mteb.get_tasks(modalities=["text"], exclusive_modality_filter=True)}
        )
    else:
        known = sorted({s.family for s in pool})
    for name in names:
        if name not in known:
            raise unknown("task family", name, known)
    if pool is not None:
        return [s for s in pool if s.family in names]
    import mteb

    found = mteb.get_tasks(
        task_types=names,
        languages=["eng"],
        modalities=["text"],
        exclusive_modality_filter=True,
        exclusive_language_filter=True,
        exclude_aggregate=True,
    )
    return [spec_of(t, "mteb") for t in found]


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    return did_you_mean(name, names) or f"; expected one of {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
