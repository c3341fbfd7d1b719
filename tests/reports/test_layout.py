"""Nothing is clipped, nothing collides: measured on the drawn figure."""

import numpy as np
import pandas as pd
import pytest
from drawn_text import outside, overlapping

from reports.figures import (
    bootstrap_density,
    comparison_matrix,
    critical_difference,
    design_effects,
    equivalence_triangle,
    family_profile,
    forest,
    performance_profile,
    power_curve,
    rank_intervals,
    score_heatmap,
)
from reports.figures.canvas.axes import window
from reports.figures.canvas.layout import nice_step, pack, spread, text_width, wrap


@pytest.mark.parametrize("length", [4, 90])
@pytest.mark.parametrize("k", [2, 5, 10, 25, 30, 100])
def test_critical_difference_is_legible(make, boxes, k, length):
    found, canvas = boxes(critical_difference(make(k, length)))
    assert outside(found, canvas) == []
    assert overlapping(found) == []
    drawn = "".join(text for text, _ in found).replace("\n", "")
    for model in make(k, length).scores.models:
        assert model in drawn or all(part in drawn for part in wrap(model, 190, 8))


def test_the_ladder_holds_183_models(make, boxes):
    comparison = make(183, 40, tasks=8)
    found, canvas = boxes(critical_difference(comparison))
    assert outside(found, canvas) == []
    assert {text for text, _ in found} >= set(comparison.scores.models)
    names = [(t, b) for t, b in found if t in set(comparison.scores.models)]
    assert overlapping(names) == []


@pytest.mark.parametrize("bars", ["nemenyi", "cliques"])
@pytest.mark.parametrize("k", [2, 10])
def test_bars_and_ruler_are_legible(make, boxes, k, bars):
    found, canvas = boxes(
        critical_difference(make(k, 30), bars=bars, title="A title that is long enough to be wrapped " * 2)
    )
    assert outside(found, canvas) == []
    assert overlapping(found) == []


@pytest.mark.parametrize("size", [(3.4, 3.0), (6.9, 4.0), (5.0, 8.0)])
@pytest.mark.parametrize("k", [5, 15, 40])
def test_a_diagram_fits_the_axes_it_is_given(make, boxes, k, size):
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=size)
    ax = figure.add_axes((0.05, 0.05, 0.9, 0.9))
    assert critical_difference(make(k, 40), ax) is ax
    found, _ = boxes(ax)
    assert outside(found, ax.get_window_extent(), slack=2) == []
    assert overlapping(found) == []


@pytest.mark.parametrize("length", [4, 90])
@pytest.mark.parametrize(
    ("draw", "k"),
    [
        (forest, 10), (forest, 60), (rank_intervals, 5), (comparison_matrix, 5), (bootstrap_density, 12),
        (equivalence_triangle, 12), (performance_profile, 5), (performance_profile, 40),
    ],
)  # fmt: skip
def test_other_figures_are_legible(make, boxes, draw, k, length):
    found, canvas = boxes(draw(make(k, length)))
    assert outside(found, canvas) == []
    # The names along the top of a matrix are slanted: their upright boxes overlap, their letters do not.
    assert overlapping([f for f in found if draw is not comparison_matrix]) == []


@pytest.mark.parametrize("draw", [score_heatmap, family_profile, forest, comparison_matrix])
@pytest.mark.parametrize("k", [2, 8, 35])
def test_figures_with_families_stay_on_the_canvas(make, boxes, draw, k):
    found, canvas = boxes(draw(make(k, 30, tasks=12, families=3)))
    assert outside(found, canvas) == []
    assert found


def test_spread_moves_as_little_as_possible():
    assert spread([0.0, 0.0, 10.0], 2.0).tolist() == [-1.0, 1.0, 10.0]
    given = np.sort(np.random.default_rng(0).uniform(0, 30, 12))
    moved = spread(given, 3.0)
    assert (np.diff(moved) >= 3.0 - 1e-9).all()
    assert moved.mean() == pytest.approx(given.mean())
    np.testing.assert_allclose(spread([0.0, 5.0, 11.0], 3.0), [0.0, 5.0, 11.0])


def test_pack_keeps_bars_of_one_lane_apart():
    spans = [(0.0, 3.0), (2.0, 5.0), (4.0, 6.0), (6.4, 7.0)]
    lanes = pack(spans, gap=0.5)
    assert lanes == [0, 1, 0, 1]
    assert pack([], gap=1) == []


def test_wrap_leaves_nothing_out_and_keeps_the_width():
    name = "organisation/a-model_with.a-long-name" + "x" * 60
    lines = wrap(name, 60, 8)
    assert "".join(lines) == name
    assert max(text_width(line, 8) for line in lines) <= 60
    assert wrap("short", 200, 8) == ["short"]
    assert " ".join(wrap("words that are broken after blanks", 60, 8)) == "words that are broken after blanks"


def test_steps_are_round():
    assert nice_step(9, 10) == 1
    assert nice_step(182, 8) == 50
    assert nice_step(0.3, 3) == pytest.approx(0.1)


@pytest.mark.parametrize("length", [4, 90])
@pytest.mark.parametrize(("draw", "options"), [(design_effects, {"design": True}), (power_curve, {})])
def test_effects_and_power_are_legible(make, boxes, draw, options, length):
    found, canvas = boxes(draw(make(6, length, tasks=12, **options)))
    assert outside(found, canvas) == []
    assert overlapping(found) == []


@pytest.mark.parametrize("draw", [comparison_matrix, score_heatmap, family_profile])
@pytest.mark.parametrize("k", [2, 20])
def test_slanted_names_do_not_touch(make, draw, k):
    """Measured across the letters: the upright boxes of slanted names overlap, the names do not."""
    ax = draw(make(k, 40, tasks=12, families=3))
    figure = ax.get_figure(root=True)
    figure.canvas.draw()
    labels = [t for t in ax.get_xticklabels() if t.get_text()]
    assert len(labels) > 1
    at = np.sort([ax.transData.transform((t.get_position()[0], 0))[0] for t in labels])
    across = np.diff(at) * np.sin(np.radians(labels[0].get_rotation()))
    assert across.min() >= labels[0].get_fontsize() * figure.dpi / 72


@pytest.mark.parametrize("k", [10, 40])
def test_the_bold_name_of_a_control_has_its_blank_at_the_edge(make, boxes, k):
    found, canvas = boxes(critical_difference(make(k, 30, control=0)))
    assert outside(found, canvas, slack=-1.0) == []


def test_an_interval_without_end_is_an_arrow_and_does_not_squeeze_the_others(make, boxes):
    comparison = make(5, tasks=11, families=4)  # families of 2 or 3 tasks: no studentized interval is bounded
    part = comparison.families["Family3"]
    assert np.isinf(part.pairs["high"]).all()
    ax = forest(comparison)
    found, _ = boxes(ax)
    assert any("An arrow: the interval continues" in text.replace("\n", " ") for text, _ in found)
    arrows = [line for line in ax.lines if line.get_marker() in (4, 5)]
    ends = pd.concat([p.pairs for p in (comparison, *comparison.families.values())])
    low, high = ax.get_xlim()
    first = str(comparison.ranks["model"].iloc[0])
    ends = ends[(ends["model_a"] == first) | (ends["model_b"] == first)]
    sign = np.where(ends["model_b"] == first, 1, -1)
    lows, highs = np.sort([sign * ends["low"], sign * ends["high"]], axis=0)
    assert len(arrows) == (lows < low).sum() + (highs > high).sum() == 32
    assert high - low < 10 * comparison.pairs["difference"].abs().max()
    bounded = forest(make(5, tasks=20), families=False)
    assert not any(line.get_marker() in (4, 5) for line in bounded.lines)


def test_the_window_shows_every_value_and_cuts_what_is_far_off():
    assert window([0.1, 0.2], [0.05, 0.1], [0.15, 0.3]) == pytest.approx((-0.018, 0.318))
    low, high = window([0.1, 0.2], [0.05, -np.inf], [0.15, 40.0])
    assert (low, high) == (pytest.approx(0 - 0.06 * 0.7), pytest.approx(0.7 + 0.06 * 0.7))
    assert window([0.0], [np.nan], [np.nan]) == (-0.5, 0.5)
