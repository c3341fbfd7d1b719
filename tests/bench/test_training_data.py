"""Training data: files, the layouts of others, what is held out, and the order."""

import gzip
import json

import numpy as np
import pytest

from bench.training.plan import make_plan
from bench.training.recipe import make_recipe
from bench.training.triples import Triples, batch_order, hold_out, read_triples, with_held_out
from stats.common.errors import InputError


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_format_reads_alike(triples_file, tmp_path):
    import pandas as pd

    content = rows(triples_file)
    with gzip.open(tmp_path / "t.jsonl.gz", "wt") as stream:
        stream.write(triples_file.read_text())
    pd.DataFrame(content).to_parquet(tmp_path / "t.parquet")
    numbered = [
        {"query": r["query"], "positive": r["positive"], "negative_1": r["negative"][0], "negative_2": r["negative"][1]}
        for r in content
    ]
    misspelt = [{"query": r["query"], "postive": r["positive"], "negative": r["negative"]} for r in content]
    found = [
        read_triples(source)
        for source in (triples_file, tmp_path / "t.jsonl.gz", tmp_path / "t.parquet", content, numbered, misspelt)
    ]
    assert len({triples.sha256 for triples in found}) == 1
    assert found[0].negatives_per_row == 2
    assert found[0].notes == ()
    assert found[-1].notes == ("in memory spells 'positive' as 'postive'; read as 'positive'",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"query": "a", "negative": "b"}\n', "row 1 of .* no text in 'positive' .its fields: query, negative"),
        ('{"query": "a", "positive": "b"}\n{"query": 3, "positive": "b"}\n', "row 2 of .* no text in 'query'"),
        (
            '{"query": "a", "positive": "b", "negative": "c"}\n{"query": "d", "positive": "e"}\n',
            "row 2 of .* has no 'negative', but 1 other",
        ),
        ('{"query": "a", "positive": "b"}\nnonsense\n', "line 2 of .* cannot be read"),
        ('{"query": "a", "positive": "b"}\n', "holds 1 row"),
        ("", "holds 0 row"),
        ("[1, 2]\n", "row 1 of .* is a list"),
        ('{"query": "a", "positive": "b", "negative": [1]}\n', "negative that is not text"),
    ],
)
def test_bad_data_gets_one_line(tmp_path, content, message):
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        read_triples(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [("nowhere.jsonl", "no data file"), ("table.csv", "unknown kind"), ("broken.parquet", "as Parquet")],
)
def test_bad_files_get_one_line(tmp_path, source, message):
    path = tmp_path / source
    if source != "nowhere.jsonl":
        path.write_text("query,positive\n")
    with pytest.raises(InputError, match=message):
        read_triples(path)


#: One row in the layouts of others -> queries, positives, negatives.
LAYOUTS = {
    "sentence-transformers": ({"anchor": "q", "positive": "p", "negative_1": "n", "negative_2": "m"}, ["q"], ["p"], ("n", "m")),
    "questions": ({"question": "q", "answer": "p"}, ["q"], ["p"], ()),
    "pairs": ({"sentence1": "q", "sentence2": "p"}, ["q"], ["p"], ()),
    "bge": ({"query": "q", "pos": ["p", "r"], "neg": ["n"], "prompt": "Find: ", "type": "normal", "id": 3}, ["Find: q", "Find: q"], ["p", "r"], ("n",)),
    "E5": ({"query": "q", "positives": ["p"], "negatives": ["n", "m"], "instruction": "Find: "}, ["Find: q"], ["p"], ("n", "m")),
    "Tevatron": (
        {"query_id": "1", "query": "q", "positive_passages": [{"docid": "a", "title": "T", "text": "p"}], "negative_passages": [{"docid": "b", "title": "", "text": "n"}]},
        ["q"], ["T p"], ("n",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_of_others(layout):
    row, queries, positives, negatives = LAYOUTS[layout]
    found = read_triples([row, row])
    assert found.queries == queries * 2
    assert found.positives == positives * 2
    assert found.negatives == [negatives] * len(found.queries)
    said = " ".join(found.notes)
    assert ("several positives" in said) == (len(positives) > 1)
    assert ("with an instruction" in said) == (layout in ("bge", "E5"))
    assert ("no use for: id, type" in said) == (layout == "bge")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"query": "q", "anchor": "a", "positive": "p"}, "both 'query' and 'anchor'"),
        ({"sentence1": "a", "sentence2": "b", "label": 1}, "'label': pairs with grades are not read"),
        ({"query": "q", "positives": {"doc_id": ["1"]}}, "no text in 'positives'"),
        ({"query": ["q", "r"], "positive": "p"}, "no text in 'query'"),
        ({"query": "q", "pos": ["p"], "neg": ["n", "m"], "neg_scores": [0.1]}, "1 scores in 'neg_scores' for 2 texts"),
        ({"query": "q", "positive": "p", "instruction": ["x"]}, "an instruction that is not text"),
    ],
)
def test_rows_that_say_two_things_are_refused(row, message):
    with pytest.raises(InputError, match=message):
        read_triples([row, row])


def test_likely_answers_among_the_negatives_are_left_out():
    rows = [
        {"query": f"q{i}", "pos": ["p"], "neg": ["far", "near"], "pos_scores": [0.8], "neg_scores": [0.3, 0.75]}
        for i in range(2)
    ]
    found = read_triples(rows, negative_margin=0.1)
    assert found.negatives == [("far",)] * 2
    assert found.notes == ("2 negatives left out, scored above their positive less 0.1",)
    with pytest.raises(InputError, match="needs a teacher's scores, and row 1"):
        read_triples([{"query": "q", "pos": ["p"], "neg": ["n"]}] * 2, negative_margin=0.1)


def test_batches_of_one_source():
    rows = [{"query": f"q{i}", "positive": f"p{i}", "source": "ab"[i % 3 == 0]} for i in range(60)]
    data = read_triples(rows)
    order = batch_order(data, np.arange(60), 5, 30, 0, one_source=True).reshape(30, 5)
    of = [{data.sources[i] for i in batch} for batch in order]
    assert all(len(sources) == 1 for sources in of)
    assert {next(iter(s)) for s in of} == {"a", "b"}
    assert all(len(set(batch)) == 5 for batch in order.tolist())
    with pytest.raises(InputError, match="no row of in memory says its 'source'"):
        make_plan(
            read_triples([{"query": f"q{i}", "positive": f"p{i}"} for i in range(9)]),
            make_recipe("default", one_source=True),
            0,
        )


def test_hold_out_depends_on_the_queries_alone(triples_file):
    data = read_triples(triples_file)
    train_rows, held_out = hold_out(data, 10)
    assert len(held_out) == 10
    assert set(train_rows) | set(held_out) == set(range(120))
    content = rows(triples_file)[::-1]
    reverse = read_triples(content)
    assert {reverse.queries[i] for i in hold_out(reverse, 10)[1]} == {data.queries[i] for i in held_out}
    assert len(hold_out(data, 1000)[1]) == 12


def test_order_is_seeded_and_keeps_equal_texts_apart():
    data = Triples([f"q{i % 12}" for i in range(24)], [f"p{i}" for i in range(24)], [()] * 24, "memory", "")
    order = batch_order(data, np.arange(24), 8, 9, rng=1)
    assert np.array_equal(order, batch_order(data, np.arange(24), 8, 9, rng=1))
    assert not np.array_equal(order, batch_order(data, np.arange(24), 8, 9, rng=2))
    for batch in order.reshape(9, 8):
        assert len({data.queries[i] for i in batch}) == 8
    assert set(np.bincount(order, minlength=24)) <= {2, 3, 4}, (
        "every row is trained on, as often as any other but for those put off"
    )
    alike = Triples(["same"] * 4, ["same"] * 4, [()] * 4, "memory", "")
    assert len(batch_order(alike, np.arange(4), 4, 2, rng=0)) == 8, "where all texts are equal there is no choice"


def test_texts_lie_beside_the_process(tmp_path):
    """4,000 rows of 3 kB each: in memory there is where they begin, not what they say."""
    import tracemalloc

    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        for i in range(4000):
            long = f"{i} " * 200
            file.write(json.dumps({"query": f"q{long}", "positive": f"p{long}", "negative": [f"n{long}"]}) + "\n")
    tracemalloc.start()
    try:
        data = read_triples(path)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 4000 * 150
    assert data.queries[-1] == "q" + "3999 " * 200
    assert data.columns([0, 3999], 1)["negative_1"] == ["n" + "0 " * 200, "n" + "3999 " * 200]
    assert data.queries[:2] == [data.queries[0], data.queries[1]]
    with pytest.raises(IndexError):
        data.queries[4000]


def test_rows_held_out_beforehand_are_those_and_no_others():
    def of(words):
        return read_triples([{"query": f"a {w}", "positive": f"b {w}", "negative": f"c {w}"} for w in words])

    both = with_held_out(of("pqrstuvw"), of("xyz"))
    plan = make_plan(both, make_recipe("embedded", steps=4, batch_size=4, held_out=1), 0)
    assert [both.queries[i] for i in plan.held_out] == ["a x", "a y", "a z"]
    assert set(plan.order.tolist()) <= set(range(8))
    assert both.sha256 != with_held_out(of("pqrstuvw"), of("xy")).sha256
    with pytest.raises(InputError, match="already"):
        with_held_out(both, of("xy"))
