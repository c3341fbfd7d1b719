"""What the figures say, and how they are written."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn_text import outside, overlapping
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from reports import (
    PLOTS,
    comparison_matrix,
    critical_difference,
    critical_difference_tikz,
    equivalence_triangle,
    forest,
    plot_kind,
    save_plot,
    score_heatmap,
    text_report,
)
from reports.figures import coverage_trade_off, size_frontier
from reports.figures._equivalence_triangle import _labels
from reports.figures._size_frontier import _scale
from reports.figures.canvas.axes import luminance
from reports.figures.critical.classic import rank_ticks
from reports.figures.critical.content import content
from reports.style import PALETTES
from stats import compare, simulated_power
from stats.common.errors import InputError
from stats.common.text import TYPESET
from stats.comparison.on_request import power_curves
from stats.coverage import Step


def lines(ax, width):
    return [line for line in ax.lines if line.get_linewidth() == width]


def test_a_bar_never_joins_a_significant_pair(make):
    comparison = make(12, spread=0.05, tasks=20)
    what = content(comparison)
    significant = {
        frozenset(pair)
        for pair in comparison.pairs.loc[comparison.pairs["significant"], ["model_a", "model_b"]].itertuples(
            index=False
        )
    }
    assert what.bars
    assert significant
    for first, last in what.bars:
        joined = what.models[first : last + 1]
        assert not any(frozenset((a, b)) in significant for a in joined for b in joined if a != b)


def test_the_diagram_draws_each_bar_at_its_ranks(make):
    comparison = make(8, spread=0.05, tasks=20)
    what = content(comparison)
    ax = critical_difference(comparison)
    bars = lines(ax, 3.2)
    assert len(bars) == len(what.bars)
    lengths = sorted(float(np.ptp(bar.get_xdata())) - 4 for bar in bars)
    spans = sorted(what.ranks[b] - what.ranks[a] for a, b in what.bars)
    scale = lengths[-1] / spans[-1]
    np.testing.assert_allclose(lengths, np.array(spans) * scale, atol=1e-6)


def test_nemenyi_bars_are_maximal_and_no_longer_than_the_critical_difference(make):
    comparison = make(12, spread=0.05, tasks=20)
    what = content(comparison, bars="nemenyi")
    width = comparison.nemenyi_critical_difference
    assert what.ruler == width
    for first, last in what.bars:
        assert what.ranks[last] - what.ranks[first] <= width + 1e-9
        assert first == 0 or what.ranks[last] - what.ranks[first - 1] > width
        assert last == 11 or what.ranks[last + 1] - what.ranks[first] > width


def test_against_a_control_marks_are_filled_where_models_differ(make):
    comparison = make(8, control=0, spread=0.05, tasks=20)
    what = content(comparison)
    assert what.control == what.models.index(comparison.control)
    assert what.bars == ()
    assert sum(what.differs) == int(comparison.pairs["significant"].sum())


def test_figures_change_no_global_setting_and_return_the_axes_they_were_given(make):
    before = dict(mpl.rcParams)
    comparison = make(6, tasks=12, families=2, design=True)
    for draw in PLOTS.values():
        _, ax = plt.subplots(figsize=(7, 6))
        assert draw(comparison, ax) is ax
        plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("kind", list(PLOTS))
def test_svg_has_text_as_text_and_the_same_bytes_every_time(make, tmp_path, kind):
    comparison = make(6, tasks=12, families=2, design=True)
    first = save_plot(kind, comparison, tmp_path / "a.svg").read_bytes()
    (tmp_path / "again").mkdir()
    assert save_plot(kind, comparison, tmp_path / "again" / "a.svg").read_bytes() == first
    root = ElementTree.fromstring(first)  # noqa: S314  # our own drawing
    texts = {"".join(t.itertext()).strip() for t in root.iter("{http://www.w3.org/2000/svg}text")}
    expected = {"power-curve": "comparisons", "design-effects": "pooling-1", "coverage": "models with every"}.get(
        kind, comparison.scores.models[1]
    )
    assert any(expected in text for text in texts)
    assert b"<dc:date>" not in first
    assert plt.get_fignums() == []


def test_coverage_shows_every_step_and_which_was_compared(make):
    comparison = make(6, tasks=12)
    steps = (Step((), 2), Step(("t1",), 6))
    chosen = replace(
        comparison.coverage, trade_off=steps, dropped_tasks=("t1",), policy="auto", tasks_asked=12, tasks_used=11
    )
    ax = coverage_trade_off(replace(comparison, coverage=chosen))
    line, used = ax.get_lines()
    assert line.get_xydata().tolist() == [[0, 2], [1, 6]]
    assert used.get_xydata().tolist() == [[1, 6]]
    assert [t.get_text() for t in ax.texts[1:]] == ["2", "6"]
    assert "t1" in ax.texts[0].get_text().replace("\n", " ")
    with pytest.raises(InputError, match="compare again"):
        coverage_trade_off(replace(comparison, coverage=None))
    plt.close("all")


def test_pdf_and_png(make, tmp_path):
    assert save_plot("critical-difference", make(5), tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"
    assert save_plot("cd", make(5), tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf", "a.png"]


def test_tikz_escapes_names(make, tmp_path):
    comparison = make(5)
    names = {m: f"{i}_50%&$x" for i, m in enumerate(comparison.scores.models)}
    code = critical_difference_tikz(comparison, names=names)
    assert r"0\_50\%\&\$x" in code
    assert code.count("{") == code.count("}")
    assert save_plot("critical_difference", comparison, tmp_path / "a.tex").read_text().startswith(r"\documentclass")


@pytest.mark.parametrize("options", [{}, {"control": 0}, {"test": "nemenyi"}, {"length": 90}])
def test_tikz_compiles(make, compile_tex, options):
    document = critical_difference_tikz(make(8, **options))
    assert compile_tex(document, "standalone.cls", "tikz.sty").startswith(b"%PDF-")


def test_the_forest_is_oriented_from_the_reference(make):
    comparison = make(4)
    reference = comparison.scores.models[-1]
    ax = forest(comparison, model=reference, families=False)
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in ("o", "D")]
    pairs = comparison.pairs[(comparison.pairs[["model_a", "model_b"]] == reference).any(axis=1)]
    expected = np.where(pairs["model_b"] == reference, 1, -1) * pairs["difference"]
    np.testing.assert_allclose(marks, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "words"), [({}, "pseudo-median difference"), ({"test": "sign-flip"}, "mean difference"), ({"test": "nemenyi"}, "difference of mean ranks")]
)  # fmt: skip
def test_the_axis_of_a_difference_says_what_it_is_of(make, options, words):
    comparison = make(4, **options)
    reference = comparison.scores.models[-1]
    written = [str(t.get_text()) for t in forest(comparison, model=reference, families=False).figure.findobj(Text)]
    assert f"{words} from {reference}" in written


def test_the_heat_map_shows_scores_less_the_task_mean(make):
    comparison = make(6, tasks=12, families=3)
    image = np.asarray(score_heatmap(comparison).images[0].get_array())
    table = comparison.scores.table
    centred = table.sub(table.mean(axis=1), axis=0)[list(comparison.ranks["model"])]
    assert image.shape == (6, 12)
    np.testing.assert_allclose(np.sort(image, axis=1), np.sort(centred.to_numpy().T, axis=1))
    clustered = np.asarray(score_heatmap(comparison, order="cluster").images[0].get_array())
    np.testing.assert_allclose(np.sort(clustered, axis=0), np.sort(image, axis=0))


def test_a_dollar_sign_in_a_name_is_a_dollar_sign(make):
    comparison = make(5)
    names = {m: f"${i}^$" for i, m in enumerate(comparison.scores.models)}
    ax = critical_difference(comparison, names=names)
    ax.figure.canvas.draw()
    assert {t.get_text() for t in ax.texts} >= set(names.values())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda c, p: plot_kind("critcal-difference"), "did you mean 'critical-difference'"),
        (lambda c, p: save_plot("forest", c, p / "x.jpg"), "ends in svg, pdf, png or tex"),
        (lambda c, p: save_plot("forest", c, p / "x.tex"), "critical-difference only"),
        (lambda c, p: critical_difference(c, form="round"), "form='round'"),
        (lambda c, p: critical_difference(c, bars="x"), "bars='x'"),
        (lambda c, p: forest(c, model="nobody"), "not among the 5 compared"),
        (lambda c, p: save_plot("family-profile", c, p / "x.svg"), "no task families"),
        (lambda c, p: save_plot("design-effects", c, p / "x.svg"), "has no design"),
        (lambda c, p: score_heatmap(c, order="x"), "order='x'"),
    ],
)  # fmt: skip
def test_errors_are_one_line_that_says_what_to_do(make, tmp_path, call, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")) as caught:
        call(make(5), tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_importing_reports_loads_no_matplotlib():
    code = "import reports, sys; sys.exit(any(m.split('.')[0] in ('matplotlib', 'jinja2', 'seaborn', 'bench') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_name_in_an_svg_depends_on_where_an_object_lies_in_memory(make, tmp_path):
    """Two processes write the same bytes: matplotlib's own names of clip paths would not."""
    comparison = make(4)
    for kind in ("critical-difference", "forest", "score-heatmap"):
        svg = save_plot(kind, comparison, tmp_path / f"{kind}.svg").read_text()
        assert "url(#clip-" in svg, kind
        assert not re.search(r"#p[0-9a-f]{10}", svg), kind


def test_a_missing_score_is_a_cross_and_no_colour(make):
    comparison = make(6, tasks=12, families=3)
    table = comparison.scores.table.copy()
    table.iloc[[0, 3], 2] = np.nan

    ax = score_heatmap(compare(table, missing="keep", n_resamples=100, rng=0))
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [2]
    image = np.ma.filled(ax.images[0].get_array().astype(float), np.nan)
    at = zip(crosses[0].get_ydata(), crosses[0].get_xdata(), strict=True)
    assert all(np.isnan(image[int(y), int(x)]) for y, x in at)
    assert any("no score" in t.get_text() for t in ax.texts)


def test_after_a_bayesian_test_the_matrix_has_probabilities(make):
    comparison = make(4, test="bayes")
    ax = comparison_matrix(comparison)
    row = comparison.pairs.iloc[0]
    shown = {
        (round(t.get_position()[0]), round(t.get_position()[1])): t.get_text()
        for t in ax.texts
        if t.get_ha() == "center"
    }
    assert shown[0, 1] == TYPESET.chance(max(row["p_better"], row["p_worse"]))
    note = " ".join(t.get_text() for t in ax.texts).replace("\n", " ")
    assert "probability that the likelier one is better" in note
    assert "adjusted p" not in note


def test_a_crowd_in_a_corner_of_the_triangle_is_counted():
    chances = np.array([[0.01, 0.005, 0.985]] * 6 + [[0.2, 0.3, 0.5], [0.98, 0.01, 0.01]])
    assert _labels(chances, [str(i) for i in range(8)]) == [(6, "6"), (7, "7"), (0, "6 models")]
    assert len(_labels(chances[4:], list("abcd"))) == 4


def test_a_power_curve_of_constant_differences_ends_at_the_range_of_the_scores():
    values = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    found = power_curves(compare(pd.DataFrame({"a": values, "b": values - 0.1}), rng=0), 50)
    assert found.effects[-1] == pytest.approx(0.6)


def test_a_power_curve_starts_at_its_level_whatever_the_skewness():
    rng = np.random.default_rng(0)
    base = rng.uniform(0.4, 0.6, 30)
    frame = pd.DataFrame({"a": base, "b": base + rng.exponential(0.05, 30), "c": base + rng.exponential(0.04, 30)})
    comparison = compare(frame, n_resamples=100, rng=0)
    found = power_curves(comparison, 2000)
    for (_, shared), curve in zip(found.kinds, found.curves, strict=True):
        assert curve[0] == pytest.approx(comparison.method.alpha / shared, abs=0.015)
    # Without symmetry the test of a skewed difference rejects where the means are equal.
    kept = simulated_power(comparison.scores, 0.0, pairs=[("b", "a")], n_resamples=2000, rng=0)
    assert kept["power"].iloc[0] > 0.08


def test_what_is_equivalent_is_what_the_comparison_calls_so(make):
    comparison = compare(make(4).scores, test="bayes", rope=0.003, n_resamples=200, rng=0)
    texts = [t.get_text() for t in equivalence_triangle(comparison).texts]
    assert any("within ±0.003 of" in t.replace("\n", " ") for t in texts)


def test_no_probability_is_shown_as_certain(make):
    table = make(4).scores.table.add([0.3, 0.2, 0.1, 0.0], axis=1)  # so far apart that every draw agrees
    comparison = compare(table, test="bayes", n_resamples=200, rng=0)
    assert (comparison.pairs[["p_better", "p_worse"]].max(axis=1) == 1).all()
    texts = {t.get_text() for t in comparison_matrix(comparison).texts}
    assert "> 0.999" in texts
    assert "1.000" not in texts
    pairs = text_report(comparison).split("P(a better)")[1].split("\n\n")[0]
    assert "> 0.999" in pairs
    assert "1.000" not in pairs


def test_a_line_is_not_broken_within_a_number():
    from reports.figures.canvas.layout import wrap

    for width in range(20, 140, 5):
        lines = wrap("corrected (max-t, α = 0.05). A 95 % set", float(width), 8, even=False)
        assert not any(line.endswith(("0.", "95")) for line in lines if width > 40), lines
        assert "".join(lines).replace(" ", "") == "corrected(max-t,α=0.05).A95%set"


def test_where_few_pairs_differ_these_are_drawn_and_no_bars_that_read_as_groups(make):
    few = make(6, tasks=12, spread=0.08)
    hits = few.pairs[few.pairs["significant"]]
    assert 1 < len(hits) < len(few.pairs) / 4
    what = content(few)
    assert what.unequal
    drawn = {(what.models[a], what.models[b]) for a, b in what.bars}
    assert {frozenset(d) for d in drawn} == {frozenset(d) for d in zip(hits["model_a"], hits["model_b"], strict=True)}
    assert f"{len(hits)} of {len(few.pairs)} pairs differ" in " ".join(what.notes)
    for form in ("classic", "ladder"):
        ax = critical_difference(few, form=form)
        assert [t.get_text() for t in ax.texts].count("≠") == len(hits)
        assert not lines(ax, 3.2)
    assert critical_difference_tikz(few).count(r"$\neq$") == len(hits)
    assert "The bars are no groups." in " ".join(content(few, bars="cliques").notes)
    many = next(
        c for k in (6, 8, 10) for c in [make(k, tasks=30)] if int(c.pairs["significant"].sum()) * 4 >= len(c.pairs)
    )
    assert not content(many).unequal
    assert "no groups" not in " ".join(content(many).notes)


def test_ticks_of_ranks_are_even():
    for high in (2, 5, 9, 10, 25, 40, 183, 500):
        for room in (2, 4, 8, 20):
            ticks = rank_ticks(1.0, float(high), room)
            assert len(set(np.diff(ticks))) <= 1, ticks
            assert len(ticks) <= room + 1


@pytest.mark.parametrize("palette", list(PALETTES))
def test_in_grey_the_better_is_the_darker(palette):
    shades = [luminance(to_rgb(c)) for c in PALETTES[palette].diverging]
    assert all(a > 1.15 * b for a, b in pairwise(shades))
    assert [luminance(to_rgb(c)) for c in PALETTES[palette].sequential] == sorted(
        luminance(to_rgb(c)) for c in PALETTES[palette].sequential
    )


def test_options_of_figures_reach_the_file_and_others_are_refused(make, tmp_path):
    comparison = make(5)
    first = str(comparison.ranks["model"].iloc[0])
    path = save_plot("cd", comparison, tmp_path / "a.svg", form="ladder", names={first: "Ours"}, title="A title")
    text = path.read_text(encoding="utf-8")
    assert ">Ours<" in text
    assert "A title" in text
    assert first not in text
    small, large = (save_plot("cd", comparison, tmp_path / f"{d}.png", dpi=d).stat().st_size for d in (50, 200))
    assert small < large
    with pytest.raises(
        InputError, match=r"comparison-matrix has no option form \(--style\); critical-difference has it"
    ):
        save_plot("comparison-matrix", comparison, tmp_path / "b.svg", form="ladder")
    with pytest.raises(InputError, match=r"unknown palette 'gray'.*did you mean 'grey'"):
        save_plot("cd", comparison, tmp_path / "b.svg", palette="gray")
    with pytest.raises(InputError, match="none of the 1 given, 'nobody' the first"):
        save_plot("cd", comparison, tmp_path / "b.svg", names={"nobody": "x"})
    with pytest.raises(
        InputError, match=r"too small for this figure's words, even at 3 points: about .* inches are needed"
    ):
        save_plot("forest", comparison, tmp_path / "b.svg", width=1, height=1)
    with pytest.raises(InputError, match="cd as tex has no option palette: write svg, pdf or png"):
        save_plot("cd", comparison, tmp_path / "b.tex", palette="grey")
    with pytest.raises(InputError, match="dpi is for png"):
        save_plot("cd", comparison, tmp_path / "b.svg", dpi=100)


@pytest.mark.parametrize("kind", [k for k in PLOTS if k != "rank-intervals"])
def test_every_figure_takes_title_names_size_palette_and_type(make, boxes, kind):
    comparison = make(6, 30, tasks=12, families=2, design=True)
    first, second = map(str, comparison.ranks["model"].iloc[:2])
    options = {
        "title": "Six models, drawn as wanted",
        "palette": "tol",
        "names": {first: "Ours", second: "Theirs"},
        "font_size": 9,
    }
    natural = PLOTS[kind](comparison, **options).get_figure().get_size_inches()
    for width, height in ((natural[0] * 0.8, None), (None, natural[1] * 0.9), (natural[0] + 1, natural[1] + 1)):
        ax = PLOTS[kind](comparison, width=width, height=height, **options)
        figure = ax.get_figure()
        if width:
            assert figure.get_size_inches()[0] == pytest.approx(width)
        if height:
            assert figure.get_size_inches()[1] == pytest.approx(height)
        found, canvas = boxes(ax)
        words = [t for t, _ in found]
        assert any("Six models" in t for t in words)
        assert kind in ("power-curve", "coverage", "design-effects") or any("Ours" in t or "Theirs" in t for t in words)
        assert not any(first in t for t in words)
        assert outside(found, canvas) == []
        slanted = kind in ("comparison-matrix", "score-heatmap", "family-profile")
        assert slanted or overlapping(found) == []


def test_the_scale_of_sizes_has_more_than_two_labels():
    """From 23 M to 572 M there is one power of ten."""
    _, ax = plt.subplots()
    _scale(ax, pd.Series([2.3e7, 1.1e8, 5.7e8]), "n_parameters")
    low, high = ax.get_xlim()
    shown = [ax.xaxis.get_major_formatter()(x) for x in ax.xaxis.get_major_locator()() if low <= x <= high]
    assert shown == ["20 M", "50 M", "100 M", "200 M", "500 M"]
    plt.close("all")


def test_the_frontier_shows_who_may_be_the_best_at_its_size(make):
    """Every model once; filled are the top set, grey those that a model as small surely beats, ringed the smallest of the top set."""
    comparison = make(6, 30, tasks=12, families=2, design=True)
    table = comparison.further["cost"]["n_parameters"].frame
    ax = size_frontier(comparison)
    _, off, possible, best, ring = (line.get_xydata() for line in ax.get_lines())
    top = set(comparison.top_set)
    expected = table.set_index("model").loc[[m for m in table["model"] if m in top], ["cost", "mean"]]
    np.testing.assert_allclose(best, expected)
    np.testing.assert_allclose(ring, expected[:1])
    beaten = table[table["surely_dominated_by"].notna() & ~table["in_top_set"]]
    np.testing.assert_allclose(off, beaten[["cost", "mean"]])
    assert len(off) + len(possible) + len(best) == 6
    with pytest.raises(InputError, match="it knows n_parameters"):
        size_frontier(comparison, cost="n_active_parameters")
    with pytest.raises(InputError, match=r"expected models of mteb"):
        size_frontier(make(6))
    plt.close("all")
