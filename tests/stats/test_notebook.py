"""How results look in a notebook."""

import dataclasses
import inspect
import sys
import typing

import numpy as np
import pandas as pd
import pytest

import stats
from stats import notebook


def result_classes(package) -> dict[str, type]:
    """Return the classes that a package's public functions and methods return."""
    found = {}
    for name in package.__all__:
        thing = getattr(package, name)
        functions = [thing]
        if inspect.isclass(thing):
            functions = [f for n, f in inspect.getmembers(thing, callable) if not n.startswith("_")]
        for function in functions:
            returned = getattr(function, "__annotations__", {}).get("return")
            if isinstance(returned, str):
                returned = getattr(sys.modules[function.__module__], returned, None)
            for kind in (returned, *typing.get_args(returned)):
                if dataclasses.is_dataclass(kind) and kind.__module__.startswith("stats."):
                    found[kind.__name__] = kind
    return found


def test_every_result_shows_itself_in_a_notebook():
    classes = result_classes(stats)
    assert {"Comparison", "FriedmanResult", "PairwiseResult", "Plan", "Samples", "Scores", "TaskSamples"} <= set(
        classes
    )
    assert [name for name, kind in classes.items() if "_repr_html_" not in vars(kind)] == []


QUICK = {"n_resamples": 100, "rng": 0}
RESULTS = {
    "Scores": (lambda s: s, "12 tasks"),
    "Comparison": (lambda s: stats.compare(s, families=False, **QUICK), "10 pairs"),
    "Audit": (stats.audit, "severity"),
    "wilcoxon": (stats.wilcoxon, "Wilcoxon signed-rank, exact, two-sided."),
    "friedman": (stats.friedman, "Friedman rank sum test"),
    "iman_davenport": (stats.iman_davenport, "df2"),
    "quade": (stats.quade, "Quade"),
    "aligned_ranks": (stats.aligned_ranks, "aligned"),
    "skillings_mack": (stats.skillings_mack, "n_scores"),
    "rank_confidence": (lambda s: stats.rank_confidence(s, **QUICK), "all at once"),
    "bradley_terry": (lambda s: stats.bradley_terry(s, **QUICK), "ability"),
    "model_confidence_set": (lambda s: stats.model_confidence_set(s, **QUICK), "95 % model confidence set"),
    "agreement": (stats.agreement, "Kendall"),
    "choose_coverage": (stats.choose_coverage, "Every model has every task"),
    "plan": (lambda s: stats.minimum_detectable_effect(s, **QUICK), "effect"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_sentences_and_one_table_with_every_name_escaped(small, name):
    make, words = RESULTS[name]
    hostile = "<script>alert(1)</script>"
    scores = dataclasses.replace(small, table=small.table.rename(columns={"a": hostile}))
    html = make(scores)._repr_html_()
    assert html.startswith("<p>")
    assert '<table class="dataframe">' in html
    assert words in html
    assert "<script>" not in html
    assert "e-0" not in html  # no 1e-05


def test_numbers_are_written_as_one_reads_them():
    frame = pd.DataFrame(
        {"score": [0.61234, np.nan], "pvalue": [1e-9, 0.04123], "n": [1200, 2], "sure": [True, False],
         "variance": [1.234e-6, 0.0], "points": [61.234, np.inf], "who": ["a<b", None], "models": [("a", "b"), ()]}
    )  # fmt: skip
    html = notebook.table(frame)
    cells = [row.split("</td>")[:-1] for row in html.split("<tr>")[1:]]
    cells = [[cell.split("<td>")[1] for cell in row] for row in cells]
    assert cells[0] == ["0.6123", "&lt; 0.001", "1,200", "yes", "0.00000123", "61.23", "a&lt;b", "a and b"]
    assert cells[1] == ["–", "0.041", "2", "no", "0.00000000", "∞", "–", "–"]


def test_long_tables_are_cut_and_say_so_and_long_texts_are_not():
    frame = pd.DataFrame({"text": ["x" * 300] * 30})
    html = notebook.table(frame)
    assert html.count("x" * 300) == 20
    assert "20 of 30 rows" in html
    assert "rows" not in notebook.table(frame.head(20)).split("</table>")[1]
    twice = pd.DataFrame([[1, 2]], columns=["task", "task"])
    assert notebook.table(twice).count("<th>task</th>") == 2


def test_examples():
    import doctest

    assert doctest.testmod(notebook).failed == 0
