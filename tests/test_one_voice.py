"""Every fact is said in one place and every quantity looks the same wherever it is shown."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import reports
import stats
from embsig.cli.app import app
from reports.figures.canvas.save import close, svg_text
from reports.figures.registry import PLOTS, Figure, register_figure
from stats.common.text import PLAIN, TYPESET, cited, places
from stats.comparison.tests import TESTS, Test, register_test
from stats.pairwise import paired_t
from stats.posthoc import procedures
from stats.posthoc.corrections import CORRECTIONS, Correction, register_correction

REFERENCE = "Madeup, A. (2031). A test of nothing. Journal of Imagined Results 1, 1–2."
WORK = "Invented, B. and Fancied, C. (2032). A correction. Journal of Imagined Results 2, 3–4."


@pytest.fixture
def made_up() -> Iterator[None]:
    """A test and a correction of somebody else's, registered as an entry point would."""

    def run(scores, options):
        found = paired_t(scores, control=options.control)
        return replace(found, method="made-up test, exact", statistic=found.statistic + 5)

    test = Test(
        name="made-up",
        title="made-up test",
        symbol="Q*",
        estimand="mean",
        run=run,
        smallest_pvalue=lambda n, k, options: 0.0,
        references=(REFERENCE,),
        simulate=TESTS["paired-t"].simulate,
    )
    correction = Correction("halves", "Halving", "halving-corrected", "single-step", (WORK,), procedures.bonferroni)
    register_test(test)
    register_correction(correction)
    yield
    TESTS.unregister("made-up")
    CORRECTIONS.unregister("halves")


def table(k: int = 4, n: int = 12, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = 0.6 + rng.normal(0, 0.02, (n, k)) - 0.02 * np.arange(k)
    return pd.DataFrame(values, index=[f"task{i}" for i in range(n)], columns=list("abcdefgh")[:k])


def page_text(page: str) -> str:
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def figure_text(kind: str, comparison: stats.Comparison) -> str:
    ax = PLOTS[kind](comparison)
    try:
        return page_text(svg_text(ax, salt="x"))
    finally:
        close(ax)


def forms(comparison: stats.Comparison) -> dict[str, str]:
    """A comparison in every form of text."""
    return {
        "sentences": " ".join(comparison.conclusions),
        "summary": comparison.summary(),
        "text": " ".join(reports.text_report(comparison, width=10_000).split()),
        "markdown": reports.markdown_table(comparison, pairs=50).replace("\\", ""),
        "latex": reports.latex_table(comparison),
        "page": page_text(reports.html_report(comparison)),
    }


@pytest.mark.usefixtures("made_up")
def test_a_made_up_test_is_called_by_its_name_symbol_and_reference_everywhere():
    found = stats.compare(table(), test="made-up", correction="halves", details=True, n_resamples=100, rng=0)
    assert found.method.estimand == "mean"
    shown = forms(found)
    for form, words in shown.items():
        assert "made-up test, halving-corrected" in words, form
        assert "Q*" in words, form
        assert form == "sentences" or REFERENCE in words or cited(REFERENCE) in words, form
        assert form == "sentences" or WORK in words or cited(WORK) in words, form
    assert REFERENCE in shown["page"]
    statistic = found.pairs["statistic"].iloc[0]
    assert f"Q* = {PLAIN.statistic(statistic)}" in shown["sentences"]
    for kind in ("forest", "comparison-matrix", "critical-difference"):
        assert "made-up test, halving-corrected, α = 0.05" in figure_text(kind, found), kind
    assert "made-up test" in figure_text("power-curve", found)
    assert found.further["planning"]["minimum_detectable_effect"].method.startswith("made-up test")
    assert stats.adjust([0.01, 0.02], "halves").tolist() == [0.02, 0.04]
    help_text = CliRunner().invoke(app, ["compare", "--help"]).output
    assert "made-up" in help_text
    assert "halves" in help_text


@pytest.mark.usefixtures("made_up")
def test_a_comparison_by_a_test_that_is_not_installed_here_is_still_shown(tmp_path):
    stats.compare(table(), test="made-up", correction="halves", n_resamples=100, rng=0).save(tmp_path / "c.json")
    TESTS.unregister("made-up")
    CORRECTIONS.unregister("halves")
    assert "made-up test, halves, alpha = 0.05" in stats.Comparison.load(tmp_path / "c.json").summary()


def test_names_are_taken_once_and_only_by_what_they_name():
    with pytest.raises(
        stats.InputError, match="'wilcoxon' is already registered: choose another name, or replace=True"
    ):
        register_test(TESTS["wilcoxon"])
    with pytest.raises(stats.InputError, match="got Correction to register as a test: expected Test"):
        register_test(CORRECTIONS["holm"])  # type: ignore[arg-type]  # what is refused


def test_every_test_correction_and_figure_says_what_it_is():
    for test in TESTS.values():
        assert test.title
        assert test.symbol
        assert test.assumes
        assert test.references or test.own_correction
        assert all(name in CORRECTIONS for name in test.joint)
        assert test.own_correction is None or test.own_correction in CORRECTIONS
    for correction in CORRECTIONS.values():
        assert correction.title
        assert correction.kind == "none" or correction.references or correction.name == "studentized range"
    help_text = "".join(CliRunner().invoke(app, ["plot", "--help"]).output.split())
    for figure in PLOTS.values():
        assert figure.title
        assert figure.name in help_text


def test_a_made_up_figure_is_drawn_by_its_name():
    drawn = []
    register_figure(Figure("dots", "Dots", lambda c, ax, **o: drawn.append(c) or ax, lambda c: "Dots.", aliases=("d",)))
    try:
        found = stats.compare(table(), n_resamples=100, rng=0)
        assert reports.plot_kind("D").title == "Dots"
        found.plot("dots", ax="here")
        assert drawn == [found]
    finally:
        PLOTS.unregister("dots")


@pytest.mark.parametrize(
    "options",
    [{}, {"control": "c", "alternative": "greater"}, {"test": "bootstrap"}, {"test": "nemenyi"}, {"test": "bayes"}],
    ids=str,
)
@pytest.mark.parametrize("scale", [1, 100])
def test_each_quantity_is_one_text_in_every_form(options, scale):
    found = stats.compare(table() * scale, n_resamples=200, rng=0, **options)
    plain = {
        name: shown.replace("−", "-").replace("–", "-").replace("--", "-").replace("∞", "inf")
        for name, shown in forms(found).items()
    }
    first = found.pairs.iloc[0]
    digits = places(found.ranks["mean"])
    bayes = not found.method.facts.has_pvalues
    difference = PLAIN.fixed(first["difference"], digits, signed=True)
    interval = PLAIN.interval(first["low"], first["high"], digits, signed=True)
    adjusted = PLAIN.chance(first["p_better"]) if bayes else PLAIN.pvalue(first["pvalue_adjusted"], symbol="")
    for form in ("sentences", "text", "markdown", "page"):
        for quantity in (difference, interval, adjusted, PLAIN.fixed(first["effect_size"], 2, signed=True)):
            assert quantity in plain[form].replace("= ", ""), (form, quantity)
    best = found.ranks.iloc[0]
    for form in ("sentences", "summary", "text", "markdown", "page"):
        for quantity in (
            PLAIN.fixed(best["mean"], digits),
            PLAIN.interval(best["mean_low"], best["mean_high"], digits),
            found.mean_ranks[0],
        ):
            assert quantity in plain[form], (form, quantity)
    for form in ("text", "sentences"):
        assert PLAIN.statistic(found.omnibus["friedman"]["statistic"]) in plain[form]
    # Test, side, correction and level: one caption.
    caption = found.method.caption()
    for form, shown in plain.items():
        if bayes and form == "sentences":  # they speak of probabilities, and name the test
            assert found.method.facts.title in shown
        elif form != "latex":
            assert caption in shown.replace("α", "alpha"), form
    assert caption.split(", alpha")[0] in plain["latex"]
    if not bayes:
        assert found.method.caption(TYPESET) in figure_text("forest", found)
    notebook = page_text(found._repr_html_()).replace("−", "-").replace("∞", "inf")
    assert difference in notebook
    assert interval in notebook
    matrix = figure_text("comparison-matrix", found).replace("−", "-") if found.control is None else difference
    assert difference in matrix
    assert not re.search(r"\de-\d", plain["sentences"])


def test_a_single_pair_is_no_plural():
    found = stats.compare(table(k=2), n_resamples=100, rng=0)
    shown = forms(found)
    assert all("1 pairs" not in words and "All 1 pair" not in words for words in shown.values())
    assert "The only pair." in shown["text"]


def test_the_page_and_the_details_plan_by_one_simulation():
    found = stats.compare(table(), details=True, n_resamples=100, rng=0)
    # The page says before it in what the plan is not this comparison, so that it begins in the middle of a sentence.
    planned = " ".join(found.further["planning"]["minimum_detectable_effect"].text.split())[1:]
    page = page_text(reports.html_report(found))
    assert page.count(planned) == 2
    assert len(set(re.findall(r"differences above (\S+)", page))) == 1
    lone = stats.compare(table(), n_resamples=100, rng=0)
    assert planned in page_text(reports.html_report(lone))


def test_json_has_the_estimand_and_the_units():
    method = json.loads(json.dumps(stats.compare(table(), n_resamples=100, rng=0).to_dict()["method"]))
    assert (method["estimand"], method["units"], method["n_units"]) == ("pseudo-median", "tasks", 12)
