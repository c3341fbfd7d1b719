"""The suite: every task is complete, deterministic, masked, and made of the test part alone."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from bench import suite
from bench.corpus import load_corpus, training_triples
from bench.corpus.masking import description, summary
from bench.suites.paper import PAPER
from stats.common.errors import InputError

FAMILIES = {"Retrieval": 9, "Reranking": 6, "STS": 9, "PairClassification": 6, "Classification": 9, "Clustering": 9}
OF_DOCSTRINGS = {
    "Retrieval": 6,
    "Reranking": 3,
    "STS": 3,
    "PairClassification": 3,
    "Classification": 3,
    "Clustering": 3,
}


@pytest.fixture(scope="module")
def tasks():
    made = suite("study")  # those of `docstrings` first
    for task in made:
        task.load_data()
    return {task.metadata.name: task for task in made}


def texts(task) -> list[str]:
    if "default" in task.dataset:
        part = task.dataset["default"]["test"]
        return [*part["queries"]["text"], *part["corpus"]["text"]]
    return [
        text
        for split in task.dataset.values()
        for column in ("sentence1", "sentence2", "text", "sentences")
        if column in split.column_names
        for text in split[column]
    ]


def test_families_names_and_revision(tasks):
    assert len(tasks) == sum(FAMILIES.values())
    for family, count in FAMILIES.items():
        assert sum(task.metadata.type == family for task in tasks.values()) == count
    small = [task.metadata.name for task in suite("docstrings")]
    assert small == list(tasks)[: len(small)]
    for family, count in OF_DOCSTRINGS.items():
        assert sum(tasks[name].metadata.type == family for name in small) == count
    revision = load_corpus().hash[:40]
    for name, task in tasks.items():
        assert task.metadata.revision == revision
        assert name.startswith("Docstrings")
        assert "hidden" in task.metadata.description


def test_every_call_gives_new_objects_with_their_own_containers():
    first, second = suite("docstrings"), suite("docstrings")
    assert not {id(task) for task in first} & {id(task) for task in second}
    first[0].load_data()
    second[0].load_data()
    assert first[0].dataset["default"]["test"] is not second[0].dataset["default"]["test"]
    assert (
        first[0].dataset["default"]["test"]["queries"]["text"][:]
        == second[0].dataset["default"]["test"]["queries"]["text"][:]
    )


def test_sizes(tasks):
    for task in tasks.values():
        if "default" in task.dataset:
            assert 100 <= len(task.dataset["default"]["test"]["queries"]) <= 1000
        else:
            assert 100 <= len(task.dataset["test"]) <= 1000


def test_search_tasks_have_one_right_document_among_the_candidates(tasks):
    for task in tasks.values():
        if task.metadata.type not in ("Retrieval", "Reranking"):
            continue
        part = task.dataset["default"]["test"]
        documents = set(part["corpus"]["id"])
        assert len(set(part["corpus"]["text"])) == len(documents)
        for query, relevant in part["relevant_docs"].items():
            assert len(relevant) == 1
            assert set(relevant) <= documents
            if part["top_ranked"] is not None:
                listed = part["top_ranked"][query]
                assert set(relevant) <= set(listed) <= documents
                assert 4 <= len(listed) == len(set(listed)) <= 12


def test_pairs_and_labels(tasks):
    linked: dict[str, set[tuple[str, str]]] = {"STS": set(), "PairClassification": set()}
    for task in tasks.values():
        family = task.metadata.type
        if family in linked:
            rows = task.dataset["test"]
            column, positive = ("score", 3) if family == "STS" else ("labels", 1)
            linked[family] |= {
                (a, b)
                for a, b, y in zip(rows["sentence1"], rows["sentence2"], rows[column], strict=True)
                if y == positive
            }
            assert set(rows[column]) == ({0, 1, 2, 3} if family == "STS" else {0, 1})
        if family == "Classification":
            train, test = task.dataset["train"], task.dataset["test"]
            assert not set(train["text"]) & set(test["text"])
            assert set(train["label"]) == set(test["label"]) == set(range(len(set(test["label"]))))
            assert (
                min(
                    train["label"].count(label)
                    if isinstance(train["label"], list)
                    else list(train["label"]).count(label)
                    for label in set(train["label"])
                )
                >= 8
            )
    assert not linked["STS"] & linked["PairClassification"]


def test_no_query_names_its_object(tasks):
    names = {text(e): e for e in load_corpus().part("test") for text in (description, summary)}
    checked = 0
    for name, task in tasks.items():
        if "default" not in task.dataset:
            continue
        for query in task.dataset["default"]["test"]["queries"]["text"]:
            own = names[query].name.strip("_")
            if len(own) > 1:
                checked += 1
                assert not re.search(rf"(?<!\w){re.escape(own)}(?!\w)", query, re.IGNORECASE), (name, query)
    assert checked > 1500


def test_no_text_of_the_suite_is_trained_on(tasks):
    rows = training_triples(more=True)
    assert len(rows) > 3 * len(training_triples())
    trained = {row[column].lower() for row in rows for column in ("query", "positive", "negative")}
    held = {text.lower() for task in tasks.values() for text in texts(task)}
    # only short generic sentences can coincide ("Return the index of this."): they are no near-duplicates by five words
    assert len(held & trained) / len(held) < 0.005


def test_no_text_of_the_suite_stands_in_a_training_text(tasks):
    from bench.corpus.shingles import contained

    held = sorted({text for task in tasks.values() for text in texts(task) if len(text.split()) >= 12})[::8]
    known = sorted({row[column] for row in training_triples(more=True) for column in ("query", "positive")})
    shares = contained(held, known)
    # texts of the suite are parts of entries, of which less than half stands in one entry of the training part; a part may be more
    assert len(held) > 500
    assert (shares >= 0.5).mean() < 0.01


def test_the_study_asks_of_distinct_objects_where_it_can(tasks):
    """Tasks are the units of the analysis: two of a family that shared most of their texts would be one."""
    for family in FAMILIES:
        own = {name: set(texts(task)) for name, task in tasks.items() if task.metadata.type == family}
        for a, b in combinations(own, 2):
            assert len(own[a] & own[b]) / min(len(own[a]), len(own[b])) < 0.6, (a, b)


def test_paper_names_resolve_in_mteb():
    made = suite("paper")
    assert [task.metadata.name for task in made] == [name for names in PAPER.values() for name in names]
    for family, names in PAPER.items():
        assert {task.metadata.type for task in made if task.metadata.name in names} == {family}


def test_unknown_suite():
    with pytest.raises(InputError, match="expected one of docstrings, study, paper"):
        suite("docstring")


def test_bm25_by_hand(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.suite.baselines import bm25

    # one query word, in one of two documents of equal length: idf ln(1 + 1.5/1.5) = ln 2, tf part 2.2/2.2
    assert bm25(["sort"], ["sort a list", "sum a list"]).round(6).tolist() == [[0.693147, 0.0]]
