"""The one formatter."""

import doctest
import math

import numpy as np
import pandas as pd
import pytest

from stats.common import text
from stats.common.cells import columns_of
from stats.common.text import PLAIN, TYPESET, Text

NAN, INF = math.nan, math.inf


def test_examples():
    found = doctest.testmod(text)
    assert found.attempted > 20
    assert found.failed == 0


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0, "< 0.001"),
        (1e-300, "< 0.001"),
        (0.00099, "< 0.001"),
        (0.001, "0.001"),
        (0.0041, "0.004"),
        (0.0315, "0.032"),
        (0.5, "0.500"),
        (0.9996, "> 0.999"),
        (1, "1.000"),
    ],
)
def test_a_p_value_is_one_text_bare_or_behind_its_symbol_and_never_zero(p, shown):
    assert text.pvalue(p, symbol="") == TYPESET.pvalue(p, symbol="") == shown
    assert text.pvalue(p) == (f"p {shown}" if shown[0] in "<>" else f"p = {shown}")


def test_undefined_and_infinite_are_said():
    assert text.pvalue(NAN) == "p undefined"
    assert TYPESET.pvalue(NAN, symbol="") == "–"
    assert TYPESET.fixed(NAN) == "–"
    assert TYPESET.fixed(None) == "–"
    assert TYPESET.fixed(-INF) == "−∞"
    assert text.fixed(INF, signed=True) == "+inf"
    assert text.number(INF) == "infinity"
    assert text.interval(-INF, INF) == TYPESET.interval(-INF, INF) == "unbounded"
    assert text.interval(0.5, INF, 2) == "[0.50, inf]"
    assert text.interval(NAN, NAN) == "-"


def test_the_styles_differ_in_signs_alone():
    for value in (-0.5, 0.0, 1234.5, NAN, -INF):
        for shown in (lambda t, v=value: t.fixed(v, 2, signed=True), lambda t, v=value: t.interval(v, 2.0)):
            plain, typeset = shown(PLAIN), shown(TYPESET)
            assert typeset.replace("−", "-").replace("–", "-").replace("∞", "inf") == plain
    assert Text() == PLAIN


def test_there_is_no_negative_zero():
    assert TYPESET.fixed(-0.00001, 3) == "0.000"
    assert text.fixed(-0.00007585, signed=True) == "-0.0001"
    assert TYPESET.fixed(-0.5, 2, signed=True) == "−0.50"
    assert TYPESET.interval(-0.1, 0.2, 2, signed=True) == "[−0.10, +0.20]"


def test_ranks_are_told_apart_only_where_they_differ():
    assert text.ranks([10.43, 10.43, 2]) == ["10.43", "10.43", "2.00"]
    assert text.ranks([10.431, 10.4312]) == ["10.4310", "10.4312"]
    assert text.ranks([]) == []


def test_names_are_one_printable_line():
    assert text.name("a\nb\t\x00c") == "a b c"
    assert text.name("") == "(no name)"
    assert text.listing([]) == "none"
    assert text.listing(["a"]) == "a"
    assert text.listing(list("abcdef"), 3) == "a, b, c and 3 more"


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("task", "tasks"),
        ("family", "families"),
        ("analysis", "analyses"),
        ("query", "queries"),
        ("loss", "losses"),
        ("tie", "ties"),
        ("further model", "further models"),
        ("index", "indices"),
        ("key", "keys"),
        ("match", "matches"),
        ("training run", "training runs"),
    ],
)
def test_plurals(noun, plural):
    assert text.count(1, noun) == f"1 {noun}"
    assert text.count(0, noun) == f"0 {plural}"
    assert text.count(2000, noun) == f"2,000 {plural}"


def test_a_frame_is_shown_column_by_column():
    frame = pd.DataFrame(
        {
            "model": ["a", "b"],
            "difference": [-0.01, 0.02],
            "low": [-0.02, -np.inf],
            "high": [0.01, np.inf],
            "pvalue": [0.0041, NAN],
            "rank_low": [1, 2],
            "rank_high": [1, 4],
            "significant": [True, False],
        }
    )
    shown = {c.title: c.cells for c in columns_of(frame, TYPESET)}
    assert shown == {
        "model": ["a", "b"],
        "difference": ["−0.0100", "+0.0200"],
        "interval": ["[−0.0200, +0.0100]", "unbounded"],
        "pvalue": ["0.004", "–"],
        "rank set": ["1", "2–4"],
        "significant": ["yes", "no"],
    }


def test_an_interval_without_ends_is_no_set_of_whole_numbers() -> None:
    infinite = pd.DataFrame({"low": [-np.inf, -np.inf], "high": [np.inf, np.inf]})
    assert [(c.title, c.cells) for c in columns_of(infinite, TYPESET)] == [("interval", ["unbounded", "unbounded"])]
    ranks = pd.DataFrame({"rank_low": [1, 2], "rank_high": [3, 3]})
    assert [c.title for c in columns_of(ranks, TYPESET)] == ["rank set"]
    tasks = pd.DataFrame({"n_tasks_low": [28, 39], "n_tasks_high": [161, 291]})
    assert [c.title for c in columns_of(tasks, TYPESET)] == ["n tasks interval"]  # numbers of tasks are no set of ranks
