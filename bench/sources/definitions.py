"""What MTEB's benchmarks ask for, from a small data file: no mteb, no torch.

`make_benchmarks` writes the file; a test says when the installed mteb disagrees with it.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec

from stats.common.errors import InputError, did_you_mean

FORMAT = 3
DATA_FILE = Path(__file__).resolve().parent.parent / "data" / "benchmarks.json.gz"


@dataclass(frozen=True)
class TaskDefinition:
    """What it takes to evaluate a model on one MTEB task.

    Attributes
    ----------
    name, family, metric : str
        The task, its MTEB task type, and its main score.
    splits : tuple of str
        The evaluation splits.
    subsets : tuple of str
        The subsets, usually languages; ``("default",)`` where there is one.
    languages : mapping of str to tuple of str
        Subset -> languages, as ``deu-Latn``.
    revision : str or None
        The data set's revision that the installed mteb asked for when the file was made.
    parts : tuple of str
        Of an aggregate task, the tasks whose mean it is.
    group : str or None
        The source that it shares with other tasks.
    samples : mapping
        ``{split: n}`` or ``{split: {subset: n}}``: queries, pairs or texts that are scored.
    modalities : tuple of str
        ``text``, ``image``, ``audio``, ``video``.
    domains : tuple of str
        What its texts are about, in mteb's words: ``Medical``, ``Legal``, ``News``, ...
    """

    name: str
    family: str
    metric: str
    splits: tuple[str, ...]
    subsets: tuple[str, ...]
    languages: Mapping[str, tuple[str, ...]]
    revision: str | None
    parts: tuple[str, ...]
    group: str | None
    samples: Mapping[str, Any]
    modalities: tuple[str, ...] = ("text",)
    domains: tuple[str, ...] = ()

    def asked(self, splits: tuple[str, ...] | None = None, subsets: tuple[str, ...] | None = None) -> "TaskDefinition":
        """The same task, restricted to these splits and subsets."""
        return TaskDefinition(
            **{**vars(self), "splits": self.splits if splits is None else splits}
            | {"subsets": self.subsets if subsets is None else subsets}
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every (split, subset) whose main scores the task's score is the mean of."""
        return [(split, subset) for split in self.splits for subset in self.subsets]

    @property
    def n_samples(self) -> int | None:
        """How many samples stand behind the score; None where mteb's statistics do not say for each part of it."""
        total = 0
        for split in self.splits:
            counts = self.samples.get(split)
            if isinstance(counts, dict):
                counts = [counts.get(subset) for subset in self.subsets]
            else:
                counts = [counts] * len(self.subsets)
            if None in counts:
                return None
            total += sum(map(int, counts))
        return total or None

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The languages of the asked subsets, each once, in order."""
        if isinstance(self.languages, _Languages):
            return self.languages.of(self.subsets)
        return tuple(dict.fromkeys(code for s in self.subsets for code in self.languages.get(s, ())))


class File(msgspec.Struct):
    """The data file. Tasks, cards and what models were trained on are decoded when they are asked for: of 1,500 tasks a few are."""

    format: Any = None
    mteb: str = ""
    models: dict[str, str] = {}
    renamed: dict[str, str] = {}
    outdated: dict[str, list[str]] = {}
    tasks: dict[str, msgspec.Raw] = {}
    benchmarks: dict[str, dict[str, Any]] = {}
    cards: msgspec.Raw = msgspec.Raw(b"{}")
    trained_on: msgspec.Raw = msgspec.Raw(b"{}")


class Definitions:
    """The definitions of one version of mteb: ``tasks``, ``benchmarks`` and the main revisions of ``models``."""

    def __init__(self, file: File, digest: str) -> None:
        self._file = file
        self.sha256 = digest
        self.mteb_version = file.mteb
        self.models = file.models
        self.renamed = file.renamed
        self.task_names = tuple(file.tasks)
        self.benchmark_names = tuple(file.benchmarks)
        self._tasks: dict[str, TaskDefinition] = {}

    @cached_property
    def _lower(self) -> dict[str, str]:
        return {name.lower(): name for name in self.task_names}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Alternative name -> benchmark, as mteb knows them."""
        return {a: name for name, b in self._file.benchmarks.items() for a in b["aliases"]}

    def task(self, name: str) -> TaskDefinition | None:
        """The task of this name, or None if mteb has no such task."""
        if name not in self._tasks and name in self._file.tasks:
            self._tasks[name] = _task(name, msgspec.json.decode(self._file.tasks[name]))
        return self._tasks.get(name)

    def trained_on(self, model: str) -> frozenset[str] | None:
        """The tasks on whose data a model was trained, by mteb's registry (with translations and versions); None if unknown."""
        positions = self._trained_on.get(model)
        return None if positions is None else frozenset(self.task_names[i] for i in positions)

    @cached_property
    def _trained_on(self) -> dict[str, list[int]]:
        return msgspec.json.decode(self._file.trained_on, type=dict[str, list[int]])

    @cached_property
    def cards(self) -> Mapping[str, Mapping[str, Any]]:
        """Model -> what mteb's registry says of it: ``n_parameters, embed_dim, max_tokens, ...``."""
        return msgspec.json.decode(self._file.cards, type=dict[str, dict[str, Any]])

    def main_score(self, name: str) -> tuple[str, str] | None:
        """(name, metric) of a task under any name that old result files used, or None."""
        name = self.renamed.get(name, name)
        if name in self._file.outdated:
            return name, self._file.outdated[name][1]
        known = self.task(name) or self.task(self._lower.get(name.lower(), ""))
        return None if known is None else (known.name, known.metric)

    def benchmark(self, name: str) -> list[TaskDefinition]:
        """What a benchmark asks for: its tasks, each restricted to the benchmark's splits and subsets.

        Raises
        ------
        InputError
            If there is no such benchmark; the nearest names are suggested.
        """
        found = self._file.benchmarks[self.benchmark_name(name)]
        asked = []
        for task, differs in found["tasks"].items():
            definition = self.task(task)
            if definition is None:
                raise InputError(f"benchmark {name!r} asks for {task!r}, which the definitions do not have")
            asked.append(
                definition.asked(*(tuple(differs[k]) if k in differs else None for k in ("splits", "subsets")))
            )
        return asked

    def benchmark_name(self, name: str) -> str:
        """The benchmark's own name for a name, an alias, or either in another case."""
        names = {n: n for n in self.benchmark_names} | self.aliases
        if name in names:
            return names[name]
        folded: dict[str, str] = {}
        for full, target in names.items():
            folded.setdefault(_fold(full), target)
            # "eng v2" is short for "MTEB(eng, v2)" where nothing else is called so.
            folded.setdefault(_fold(full).removeprefix("mteb"), target)
        if _fold(name) in folded and _fold(name):
            return folded[_fold(name)]
        raise InputError(
            f"unknown benchmark {name!r} (the {len(self.benchmark_names)} benchmarks of mteb {self.mteb_version} are known)"
            f"{did_you_mean(name, self.benchmark_names)}"
        )


class _Languages(Mapping[str, tuple[str, ...]]):
    """Subset -> languages, split when they are asked for: a task of pairs of languages has tens of thousands."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    def __getitem__(self, subset: str) -> tuple[str, ...]:
        return tuple(self._written[subset].split())

    def of(self, subsets: Iterable[str]) -> tuple[str, ...]:
        """The languages of all these subsets, each once, in order."""
        return tuple(dict.fromkeys(" ".join(map(self._written.get, subsets, repeat(""))).split()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]  # as of other mappings


def _fold(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _task(name: str, raw: Mapping[str, Any]) -> TaskDefinition:
    if "pairs" in raw:
        codes = raw["pairs"]
        subsets = {f"{a}-{b}": f"{a} {b}".replace("_", "-") for a in codes for b in codes if a != b}
    else:
        subsets = raw["subsets"]
    return TaskDefinition(
        name=name,
        family=raw["type"],
        metric=raw["metric"],
        splits=tuple(raw["splits"]),
        subsets=tuple(subsets),
        languages=_Languages(subsets),
        revision=raw.get("revision"),
        parts=tuple(raw.get("parts", ())),
        group=raw.get("group"),
        samples=raw.get("samples", {}),
        modalities=tuple(raw.get("modalities", ("text",))),
        domains=tuple(raw.get("domains", ())),
    )


_decode = msgspec.json.Decoder(File).decode


@lru_cache(maxsize=4)
def load(path: Path = DATA_FILE) -> Definitions:
    """Read the definitions (once per process).

    Raises
    ------
    InputError
        If the file is missing or of another format.
    """
    data = _read(path)
    try:
        file = _decode(gzip.decompress(data))
    except (OSError, ValueError, EOFError, msgspec.MsgspecError) as error:
        raise _unreadable(path, error) from error
    if file.format != FORMAT:
        raise InputError(f"{path} has format {file.format!r}, expected {FORMAT}: reinstall embsig")
    return Definitions(file, hashlib.sha256(data).hexdigest())


@lru_cache(maxsize=1)
def data_sha256() -> str:
    """Return the hash of the definitions' file: what was read by others may differ."""
    return hashlib.sha256(_read(DATA_FILE)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"the benchmark definitions {path} cannot be read ({error}): reinstall embsig")
