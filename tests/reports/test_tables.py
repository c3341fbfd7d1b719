"""Tables: text, Markdown, LaTeX, CSV."""

import csv
import io
import re

import numpy as np
import pandas as pd

from reports import csv_table, html_report, latex_table, markdown_table, text_report
from reports.tables.rows import ranking, relevant_pairs
from stats import compare
from stats.common.text import PLAIN


def test_the_text_report_says_first_what_was_found(make):
    comparison = make(6, tasks=12, families=2)
    text = text_report(comparison)
    plain = text.replace("\n", " ")
    decided = int(comparison.pairs["significant"].sum())
    assert plain.startswith(f"Decided, {decided} of 15 pairs: ")
    assert comparison.conclusions[0] in plain
    for model in comparison.scores.models:
        assert model in text
    assert "Friedman" in text
    assert "Family0" in text
    assert text.endswith("\n")
    assert "0.000" not in re.findall(r"\s(0\.000)\s", text)


def test_the_text_report_limits_the_pairs_and_says_so(make):
    text = text_report(make(30), pairs=7)
    assert "7 of 435 pairs" in text
    shown, which = relevant_pairs(make(30), 7)
    assert len(shown) == 7
    assert which.startswith("7 of 435")


def test_the_text_report_against_a_control(make):
    comparison = make(6, control=2)
    assert len(comparison.pairs) == 5
    assert comparison.control in text_report(comparison)


def test_a_ranking_row_is_what_the_comparison_says(make):
    comparison = make(5)
    table = ranking(comparison)
    first, row = table.rows[0], comparison.ranks.iloc[0]
    assert first[1] == row["model"]
    assert first[3] == f"{row['mean_rank']:.2f}"
    assert first[4] == f"{row['mean']:.4f}"


def test_markdown_escapes_names_and_keeps_its_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.uniform(0.5, 0.6, (8, 3)), columns=["a|b", "c_d*", "<b>"], index=[f"T{i}" for i in range(8)]
    )
    text = markdown_table(compare(frame.rename_axis("task").reset_index(), n_resamples=100, rng=0), pairs=3)
    assert "a\\|b" in text
    assert "\\<b\\>" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows[:5]}) == 1


def test_latex_marks_the_best_and_those_not_told_apart(make):
    comparison = make(6, tasks=12, families=2, points=True)
    text = latex_table(comparison, caption="50% of $x_1$", label="tab:x")
    means = comparison.ranks.set_index("model")["mean"]
    row = next(line for line in text.splitlines() if means.idxmax().replace("_", "\\_") in line)
    assert rf"\bfseries {means.max():.2f}" in row
    assert r"50\% of \$x\_1\$" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    assert len(body) == 6
    assert {line.count("&") for line in body} == {5}
    tied = comparison.pairs[~comparison.pairs["significant"]]
    best = means.idxmax()
    expected = sum(best in (a, b) for a, b in zip(tied["model_a"], tied["model_b"], strict=True))
    overall = [line.split("&")[3] for line in body]
    assert sum("dagger" in cell for cell in overall) == expected


def test_latex_compiles(make, compile_tex):
    table = latex_table(make(6, tasks=12, families=2))
    document = f"\\documentclass{{article}}\\usepackage{{booktabs,siunitx}}\\begin{{document}}{table}\\end{{document}}"
    assert compile_tex(document, "booktabs.sty", "siunitx.sty").startswith(b"%PDF-")


def test_csv_reads_back_exactly_and_holds_no_formula():
    frame = pd.DataFrame({"model": ["=1+1", "@x", "-m", "plain, with comma"], "v": [0.1 + 0.2, -1e-17, np.nan, 3.0]})
    rows = list(csv.reader(io.StringIO(csv_table(frame))))
    assert rows[0] == ["model", "v"]
    assert [r[0] for r in rows[1:]] == ["'=1+1", "'@x", "'-m", "plain, with comma"]
    assert float(rows[1][1]) == 0.1 + 0.2
    assert float(rows[2][1]) == -1e-17
    assert rows[3][1] == ""


def test_after_a_bayesian_test_probabilities_stand_in_place_of_p_values(make):
    comparison = make(4, test="bayes")
    text = text_report(comparison, pairs=6)
    assert "P(a better)" in text
    assert "adjusted p" not in text.split("P(a better)")[1].split("\n")[0]
    assert "probability 0.95 or more" in text
    for row in comparison.pairs.to_dict("records"):
        assert PLAIN.chance(row["p_better"]) in text
        assert PLAIN.chance(row["p_worse"]) in text
    page = html_report(comparison)
    assert '"bayes":true' in page
    assert "P(equivalent)" in page


def test_latex_against_a_control_marks_those_not_told_from_it(make):
    comparison = make(6, control=0, spread=0.05, tasks=20)
    text = latex_table(comparison, families=False)
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    assert sum("dagger" in line for line in body) == int((~comparison.pairs["significant"]).sum())
    assert "from the control" in text


def test_a_name_does_not_steer_the_terminal():
    frame = pd.DataFrame({"task": list("wxyz"), "\x1b[31mred": [0.9, 0.8, 0.7, 0.6], "b\x9b2J": [0.1, 0.2, 0.3, 0.4]})
    found = compare(frame, n_resamples=20, rng=0)
    for text in (text_report(found), str(found), str(found.audit)):
        assert all(c == "\n" or c.isprintable() for c in text)
