"""The corpus: parsing, harvesting, splitting, near-duplicates, triples, and that the parts share nothing."""

import json
import textwrap
from pathlib import Path

import pytest

from bench.corpus import SHARES, Corpus, build_corpus, harvest, load_corpus, read_corpus, training_triples, write_corpus
from bench.corpus.docstring import parse, plain, prose, sentences
from bench.corpus.harvest import Entry
from bench.corpus.masking import MASK, first_words, mask_libraries, mask_name
from bench.corpus.packages import Source, module_files
from bench.corpus.relations import class_of, see_also_links, topic
from bench.corpus.shingles import contained, shingles
from bench.corpus.split import hash_unit, module_split, split_entries
from stats.common.errors import InputError

NUMPYDOC = textwrap.dedent("""\
    Sort a table by
    one column.

    The order is stable. Equal rows keep their places, see :func:`~pkg.merge` and
    `the guide <https://example.org>`_.

    .. versionadded:: 1.2
       Not a sentence to keep.

    >>> sort_table(x)
    gone

    Parameters
    ----------
    x : array
        What is sorted.

    See Also
    --------
    merge : Joins two tables.
    pkg.other, third_one

    References
    ----------
    .. [1] Somebody, 1999.
    """)


def entry(
    path: str,
    *,
    kind: str = "function",
    summary: str = "Some summary text here.",
    description: str = "",
    see_also: tuple[str, ...] = (),
    module: str | None = None,
) -> Entry:
    module = module or path.rpartition(".")[0]
    return Entry(
        path.split(".")[0],
        module,
        path[len(module) + 1 :],
        kind,
        summary,
        description,
        see_also,
        f"{summary}\n{description}".strip(),
    )


def test_numpydoc_parts():
    parts = parse(NUMPYDOC)
    assert parts.summary == "Sort a table by one column."
    assert parts.description == "The order is stable. Equal rows keep their places, see pkg.merge and the guide."
    assert parts.see_also == ("merge", "pkg.other", "third_one")
    assert sentences(parts.description) == 2


@pytest.mark.parametrize("title", ["Args:", "Returns:", "Raises:", ":param x: y"])
def test_google_and_field_sections_end_the_description(title):
    assert parse(f"Do it.\n\nIn two ways.\n\n{title}\n    x: the thing").description == "In two ways."


def test_prose_keeps_sections_and_drops_code_and_references():
    text = prose(NUMPYDOC)
    assert "What is sorted." in text
    assert "Joins two tables." in text
    assert "Somebody" not in text
    assert ">>>" not in text
    assert "gone" not in text


def test_plain_removes_marks():
    assert plain("A ``b`` of :class:`~m.C`, **bold** [1]_ [text](http://x.y)") == "A b of m.C, bold text"


@pytest.fixture
def package(tmp_path: Path) -> Source:
    folder = tmp_path / "numpy"
    (folder / "tests").mkdir(parents=True)
    (folder / "__init__.py").write_text('"""A package that is read and never imported."""\nraise RuntimeError\n')
    (folder / "a.py").write_text(
        'class K:\n    """A class of this package."""\n    def f(self):\n        """Method text stands here."""\n'
    )
    (folder / "c.py").write_text('add_newdoc("numpy.core", "zip", "Join two arrays, written in C.")\n')
    (folder / "broken.py").write_text("def f(:\n")
    (folder / "tests" / "test_a.py").write_text('"""Not documentation of the package."""\n')
    return Source("numpy", "1.0", folder)


def test_harvest_reads_sources_without_importing(package):
    found = harvest((package,))
    assert [(e.module, e.qualname, e.kind) for e in found] == [
        ("numpy", "", "module"),
        ("numpy.a", "K", "class"),
        ("numpy.a", "K.f", "method"),
        ("numpy.c", "zip", "function"),
    ]
    assert [name for name, _ in module_files(package)] == ["numpy", "numpy.a", "numpy.broken", "numpy.c"]


def test_corpus_round_trip_and_hash(package, tmp_path):
    corpus = build_corpus((package,))
    write_corpus(corpus, tmp_path / "cache" / "c.parquet")
    again = read_corpus(tmp_path / "cache" / "c.parquet")
    assert again == corpus
    assert again.hash == corpus.hash
    assert Corpus(corpus.entries[:-1], corpus.splits[:-1], corpus.versions, corpus.removed).hash != corpus.hash
    with pytest.raises(InputError, match="train, validation, test"):
        corpus.part("dev")


def test_hash_unit_is_fixed():
    # sha256("module\x1fscipy.stats"), first eight bytes, big-endian, over 2**64
    assert hash_unit("module", "scipy.stats") == pytest.approx(0.5, abs=0.5)
    assert hash_unit("a", "b") != hash_unit("ab")
    counts = [module_split(f"m{i}") for i in range(4000)]
    for split, share in SHARES.items():
        assert counts.count(split) / 4000 == pytest.approx(share, abs=0.03)


def test_a_name_belongs_to_one_split_and_duplicates_leave_the_test_part():
    train, test = (next(f"m{i}" for i in range(99) if module_split(f"pkg.m{i}") == s) for s in ("train", "test"))
    same = "The quick brown fox jumps over the lazy dog and goes home."
    entries = [
        entry(f"pkg.{train}.f", summary=same),
        entry(f"pkg.{test}.g", summary=same),
        entry(f"pkg.{train}.twice"),
        entry(f"pkg.{test}.twice", summary="Quite another text stands here now."),
    ]
    splits, counts = split_entries(entries)
    assert splits[:2] == ["train", ""]
    assert sorted(splits[2:]) in (["", "test"], ["", "train"])
    assert counts == {"shared_name": 1, "near_duplicate": 1}


def test_shingles_and_containment_by_hand():
    assert len(shingles("a b c d e f g")) == 3
    assert shingles("") == []
    # of the three 5-grams of the query, two stand in the second text, none in the first
    assert contained(["a b c d e f g"], ["x y z", "a b c d e f"]).tolist() == [pytest.approx(2 / 3)]
    assert contained(["", "a"], ["a"]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("Use numpy.sort(a) or Sort; sorted copies stay.", "numpy.sort", "Use this or this; sorted copies stay."),
        ("Fit a KMeans. `KMeans.fit` is slow.", "sklearn.KMeans.fit", "this a this. `this` is slow."),
        ("A __len__ method: len of it", "pkg.mod.K.__len__", "A this method: this of it"),
    ],
)
def test_masking_of_names(text, path, expected):
    module = path.split(".")[0] if path.count(".") < 3 else "pkg.mod"
    assert mask_name(text, entry(path, module=module)) == expected


def test_masking_of_libraries_and_cutting():
    assert (
        mask_libraries("PyTorch tensors from numpy.ndarray, in scikit-learn.")
        == f"{MASK} tensors from {MASK}, in {MASK}."
    )
    assert first_words("One two three. Four five six seven.", 5) == "One two three."
    assert first_words("one two three four", 2) == "one two"


def test_relations():
    entries = [
        entry("pkg.a.f", see_also=("g", "nothing")),
        entry("pkg.a.g"),
        entry("pkg.b.g"),
        entry("other.c.f"),
        entry("pkg._b._c.K.m", module="pkg._b._c", kind="method", see_also=("f",)),
    ]
    assert see_also_links(entries) == [(0, 1), (0, 4)]
    assert topic(entries[4]) == "pkg.b"
    assert class_of(entries[4]) == "pkg._b._c.K"
    assert class_of(entries[0]) is None
    # two places equally near: no link
    assert see_also_links([entry("pkg.z.h", see_also=("g",)), *entries[1:3]]) == []


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def test_parts_share_no_module_no_name_and_no_near_duplicate(corpus):
    parts = {split: corpus.part(split) for split in SHARES}
    for left, right in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not {e.module for e in parts[left]} & {e.module for e in parts[right]}
        assert not {e.name.lower() for e in parts[left]} & {e.name.lower() for e in parts[right]}
    sample = parts["test"][::7]
    shares = contained([f"{e.summary} {e.description}" for e in sample], [e.text for e in parts["train"]])
    assert shares.max() < 0.5


def test_corpus_is_of_the_size_it_claims(corpus):
    assert len(corpus.part("train")) > 30_000
    assert sum(e.is_pair for e in corpus.part("test")) > 1_500
    assert len(corpus.versions) >= 30


def test_training_triples(corpus, tmp_path):
    rows = training_triples(corpus, split="validation")
    assert len(rows) > 300
    assert rows == training_triples(corpus, split="validation")
    assert {row["kind"] for row in rows} == {"description", "see_also"}
    for row in rows:
        assert len({row["query"], row["positive"], row["negative"]}) == 3
    with pytest.raises(InputError, match="test part"):
        training_triples(corpus, split="test")
    from bench.corpus import write_triples

    path = write_triples(tmp_path / "t.jsonl", rows[:3])
    assert [json.loads(line) for line in path.read_text().splitlines()] == rows[:3]


def test_two_passages_share_no_words_place_and_a_body_lacks_its_summary():
    from bench.corpus.passages import body, passage, two_passages

    words = [f"w{i}" for i in range(60)]
    one = entry("pkg.mod.thing", summary="Some summary text here.", description=" ".join(words))
    assert body(one) == " ".join(words)
    assert passage(one) == " ".join(words[:45])
    first, second = (text.split() for text in two_passages(one))
    assert not set(first) & set(second)
    assert set(first) | set(second) <= set(words)
    short = entry("pkg.mod.thing", description="only four words here")
    assert passage(short) is None
    assert two_passages(short) is None
    named = entry("pkg.mod.thing", description="thing returns " + " ".join(words[:12]))
    assert passage(named).startswith(f"{MASK} returns w0")


def test_more_training_rows_keep_the_few_and_contrast_within_their_kind():
    few, many = training_triples(), training_triples(more=True)
    kinds = {row["kind"] for row in many}
    assert kinds == {"description", "see_also", "body", "passages"}
    as_set = {tuple(row.values()) for row in many}
    assert {tuple(row.values()) for row in few} <= as_set
    for row in many[::50]:
        assert len({row["query"], row["positive"], row["negative"]}) == 3
    assert many[:5] == training_triples(more=True, limit=5)
