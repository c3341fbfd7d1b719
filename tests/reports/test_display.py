"""Display strings."""

import doctest
import math

import pytest

import reports.display
import reports.page.embedded_data
import reports.tables.csv
import reports.tables.markdown
import reports.tables.text
import reports.tex
from reports import display


@pytest.mark.parametrize(
    "module",
    [
        reports.display,
        reports.page.embedded_data,
        reports.tables.csv,
        reports.tables.markdown,
        reports.tables.text,
        reports.tex,
    ],
)
def test_examples(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "< 0.001"),
        (1e-300, "< 0.001"),
        (0.001, "0.001"),
        (0.0315, "0.032"),
        (0.9996, "> 0.999"),
        (1, "1.000"),
        (math.nan, "–"),
    ],
)
def test_a_p_value_is_never_zero(p, text):
    assert display.pvalue(p) == text


def test_ranks_are_told_apart_only_where_they_differ():
    assert display.rank_strings([10.43, 10.43, 2]) == ["10.43", "10.43", "2.00"]
    assert display.rank_strings([10.431, 10.4312]) == ["10.4310", "10.4312"]
    assert display.rank_strings([]) == []


def test_numbers_have_a_true_minus_and_no_negative_zero():
    assert display.number(-0.00001, 3) == "0.000"
    assert display.number(-0.5, 2, signed=True) == "−0.50"
    assert display.number(math.nan) == "–"
    assert display.interval(-0.1, 0.2, 2, signed=True) == "[−0.10, +0.20]"
    assert display.integer_range(3, 3) == "3"


def test_names_are_one_printable_line():
    assert display.name("a\nb\t\x00c") == "a b c"
    assert display.name("") == "(no name)"


def test_listing_counts_the_rest():
    assert display.listing(["a"]) == "a"
    assert display.listing(["a", "b", "c"]) == "a, b and c"
    assert display.listing(list("abcdefg")) == "a, b, c and 4 more"
