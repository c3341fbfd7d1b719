"""mteb tasks whose data is the corpus's test part."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from datasets import Dataset, DatasetDict
from mteb.abstasks import (
    AbsTaskClassification,
    AbsTaskClustering,
    AbsTaskPairClassification,
    AbsTaskRetrieval,
    AbsTaskSTS,
)
from mteb.abstasks.task_metadata import TaskMetadata

from bench.corpus import Entry, load_corpus
from bench.corpus.relations import topic

from . import label_rows as labels
from . import pair_rows as pairs
from . import search_rows as search

#: In place of a revision where the corpus has not been looked at yet; a task object always names the corpus's hash.
UNREAD = "unread"

_SCORES = {
    "Retrieval": "ndcg_at_10",
    "Reranking": "map_at_1000",
    "STS": "cosine_spearman",
    "PairClassification": "max_ap",
    "Classification": "accuracy",
    "Clustering": "v_measure",
}


def describe(name: str, family: str, text: str) -> TaskMetadata:
    """Make the metadata of one task of the suite."""
    return TaskMetadata(
        name=name,
        type=family,
        main_score=_SCORES[family],
        description=text,
        dataset={"path": "embsig/docstrings", "revision": UNREAD},
        eval_splits=["test"],
        eval_langs=["eng-Latn"],
        category="t2c" if family in ("Classification", "Clustering") else "t2t",
        modalities=["text"],
        domains=["Programming", "Written"],
        task_subtypes=[],
        license="not specified",
        annotations_creators="derived",
        dialect=[],
        sample_creation="found",
        date=("2005-01-01", "2026-12-31"),
        bibtex_citation="",
    )


class FromCorpus(ABC):
    """What all tasks of the suite share: packages, size, loading, and the corpus's hash as the data's revision."""

    packages: ClassVar[Sequence[str]] = ()
    limit: ClassVar[int] = 150
    #: Salt of the hashed choices; tasks that share it share texts, so that a cached embedding serves several.
    salt: ClassVar[str] = "docstrings"
    metadata: TaskMetadata
    dataset: Any
    data_loaded: bool

    def __init__(self, seed: int = 42, **options: Any) -> None:
        revision = load_corpus().hash[:40]
        self.metadata = self.metadata.model_copy(update={"dataset": {**self.metadata.dataset, "revision": revision}})
        super().__init__(seed=seed, **options)  # type: ignore[call-arg]  # mteb's AbsTask is the next class

    @abstractmethod
    def build(self, entries: list[Entry]) -> Any:
        """Make the task's data from the test part."""

    def load_data(self, num_proc: int | None = None, **_: Any) -> None:
        """Build the data; needs no network."""
        if not self.data_loaded:
            self.dataset = _data(self)
            self.data_loaded = True


class Searching(FromCorpus, AbsTaskRetrieval):  # type: ignore[misc]  # mteb is not followed by the type checker
    """Summary -> description: retrieval, and reranking where there are candidates."""

    #: Candidates of a query in a reranking task.
    size: ClassVar[int] = 12
    #: Whether descriptions ask for summaries.
    reverse: ClassVar[bool] = False

    def build(self, entries: list[Entry]) -> Any:
        """Give ``{"default": {"test": corpus, queries, relevant documents, candidates}}``."""
        if self.metadata.type == "Reranking":
            made = search.reranking(
                entries, self.packages, limit=self.limit, size=self.size, salt=self.salt, reverse=self.reverse
            )
        else:
            made = search.retrieval(entries, self.packages, limit=self.limit, salt=self.salt, reverse=self.reverse)
        documents = Dataset.from_dict(
            {"id": list(made.documents), "text": list(made.documents.values()), "title": [""] * len(made.documents)}
        )
        queries = Dataset.from_dict({"id": list(made.queries), "text": list(made.queries.values())})
        return {
            "default": {
                "test": {
                    "corpus": documents,
                    "queries": queries,
                    "relevant_docs": made.relevant,
                    "top_ranked": made.candidates,
                }
            }
        }


class Grading(FromCorpus, AbsTaskSTS):  # type: ignore[misc]
    """Pairs of summaries, graded by how closely the objects are related."""

    min_score = 0
    max_score = 3
    per_grade: ClassVar[int] = 55

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentence1, sentence2, score."""
        rows = pairs.sts(entries, self.packages, per_grade=self.per_grade, salt=self.salt)
        return _split(("sentence1", "sentence2", "score"), rows)


class Placing(FromCorpus, AbsTaskSTS):  # type: ignore[misc]
    """Pairs of summaries, graded by the nearest place that the objects share."""

    min_score = 0
    max_score = 3
    per_grade: ClassVar[int] = 50

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentence1, sentence2, score."""
        rows = pairs.placed(entries, self.packages, per_grade=self.per_grade, salt=self.salt)
        return _split(("sentence1", "sentence2", "score"), rows)


class Linking(FromCorpus, AbsTaskPairClassification):  # type: ignore[misc]
    """Pairs of summaries: linked by See Also, or not."""

    limit: ClassVar[int] = 100

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentence1, sentence2, labels."""
        return _split(
            ("sentence1", "sentence2", "labels"),
            pairs.linked_or_not(entries, self.packages, limit=self.limit, salt=self.salt),
        )


class Describing(FromCorpus, AbsTaskPairClassification):  # type: ignore[misc]
    """A summary and a description: of the same object, or of two of the same part of a library."""

    limit: ClassVar[int] = 200

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentence1, sentence2, labels."""
        return _split(
            ("sentence1", "sentence2", "labels"),
            pairs.described_or_not(entries, self.packages, limit=self.limit, salt=self.salt),
        )


class SharingPlace(FromCorpus, AbsTaskPairClassification):  # type: ignore[misc]
    """Two summaries: of one second-level module, or of two of the same library."""

    limit: ClassVar[int] = 200

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentence1, sentence2, labels."""
        return _split(
            ("sentence1", "sentence2", "labels"),
            pairs.same_place_or_not(entries, self.packages, limit=self.limit, salt=self.salt),
        )


class Labelling(FromCorpus, AbsTaskClassification):  # type: ignore[misc]
    """Which library, or which part of a library, a text is about."""

    classes: ClassVar[int] = 10
    per_class: ClassVar[int] = 36

    @staticmethod
    def label_of(entry: Entry) -> str:
        """What is asked for: the second-level module, unless a task says otherwise."""
        return topic(entry)

    def build(self, entries: list[Entry]) -> Any:
        """Give a train and a test split with text, label (numbers in alphabetical order of the names)."""
        rows = labels.labelled(
            entries,
            self.packages,
            self.label_of,
            classes=self.classes,
            per_class=self.per_class,
            salt=self.salt,
        )
        number = {name: i for i, name in enumerate(sorted({name for _, name in rows}))}
        train, test = labels.train_and_test([(text, name) for text, name in rows], salt=self.salt)
        columns = ("text", "label")
        return DatasetDict(
            {
                split: _columns(columns, [(text, number[name]) for text, name in part])
                for split, part in (("train", train), ("test", test))
            }
        )


class Grouping(FromCorpus, AbsTaskClustering):  # type: ignore[misc]
    """Texts that fall into the parts of a library."""

    max_fraction_of_documents_to_embed = None
    max_document_to_embed = None
    max_documents_per_cluster = 256
    classes: ClassVar[int] = 15
    per_class: ClassVar[int] = 20

    @staticmethod
    def label_of(entry: Entry) -> str:
        """What is asked for: the second-level module, unless a task says otherwise."""
        return topic(entry)

    def build(self, entries: list[Entry]) -> Any:
        """Give a split with sentences, labels."""
        rows = labels.labelled(
            entries, self.packages, self.label_of, classes=self.classes, per_class=self.per_class, salt=self.salt
        )
        return _split(("sentences", "labels"), rows)


#: (class, corpus hash) -> what `build` gave: a suite is loaded afresh for every model, its data made once in a process.
_BUILT: dict[tuple[type, str], Any] = {}


def _data(task: FromCorpus) -> Any:
    """Give a task's data in containers of its own; the immutable tables within are shared."""
    key = (type(task), task.metadata.revision)
    if key not in _BUILT:
        _BUILT[key] = task.build(load_corpus().part("test"))
    made = _BUILT[key]
    if isinstance(made, DatasetDict):
        return DatasetDict(made)
    return {subset: {split: dict(part) for split, part in splits.items()} for subset, splits in made.items()}


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Dataset:
    return Dataset.from_dict({name: [row[i] for row in rows] for i, name in enumerate(names)})


def _split(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    return DatasetDict({"test": _columns(names, rows)})
