"""On random tables every filled dot, colour, bar, count and word of the figures and the page is read off the intervals of the pairs."""

from collections.abc import Iterator
from itertools import islice

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from reports import comparison_matrix, critical_difference, forest, rank_intervals
from reports.figures.critical.content import content
from reports.page.opening import chart
from reports.page.views import script_data
from reports.tables.rows import pair_rows
from stats import Comparison, compare

from ..stats.comparison.test_sentences_agree import OPTIONS, random_scores
from .test_html import unpacked

#: So many are drawn that hold decided pairs: drawing takes most of the time.
DRAWN = 5


def random_comparisons(n: int) -> Iterator[Comparison]:
    """Comparisons of random tables, under every kind of option in turn; every ninth against a control."""
    for seed in range(n):
        scores = random_scores(seed)
        # Half of them at an alpha at which much is decided, most of them without families, which cost time.
        given = {"alpha": (0.3, 0.05)[seed % 2], "families": seed % 4 == 1} | dict(OPTIONS[seed % len(OPTIONS)])
        if seed % 9 == 0 and given.get("test") != "nemenyi" and not given.get("top"):
            given["control"] = scores.models[0]
        yield compare(scores, n_resamples=199, rng=seed, **given)


def decided(pairs: pd.DataFrame) -> set[frozenset[str]]:
    """The pairs whose intervals exclude 0."""
    sure = (pairs["low"] > 0) | (pairs["high"] < 0)
    return {frozenset(p) for p in pairs.loc[sure, ["model_a", "model_b"]].to_numpy().tolist()}


def winners(found: Comparison) -> dict[frozenset[str], str]:
    """Of decided pairs the better model, by the interval alone."""
    known = {}
    for row in found.pairs.itertuples():
        if row.low > 0 or row.high < 0:
            up = (row.low > 0) == found.scores.higher_is_better
            known[frozenset((row.model_a, row.model_b))] = row.model_a if up else row.model_b
    return known


@pytest.mark.filterwarnings("ignore::stats.common.errors.PowerWarning", "ignore::stats.common.errors.UndefinedWarning")
def test_what_the_page_holds_is_the_table():
    seen = 0
    for found in random_comparisons(24):
        models = [str(m) for m in found.ranks["model"]]
        sure = winners(found)
        seen += len(sure)
        view = script_data(found, command="")["views"][0]
        ranks, pairs = unpacked(view["models"]), unpacked(view["pairs"])
        assert view["decided"] == len(sure)
        for a, b, code in zip(pairs["a"], pairs["b"], pairs["verdict"], strict=True):
            said = {1: models[a], 2: models[b]}.get(int(code))
            assert said == sure.get(frozenset((models[a], models[b])))
        beaten = {m: sum(m in pair and best != m for pair, best in sure.items()) for m in models}
        if found.control is None and found.n_pool == len(models):
            assert ranks["rank_low"].tolist() == [1 + beaten[m] for m in models]
            assert [bool(t) for t in ranks["top"]] == [beaten[m] == 0 for m in models]
            assert [row["top"] for row in chart(found)["rows"]] == [beaten[m] == 0 for m in models]
        what = content(found)
        if what.unequal:  # brackets over the few pairs that differ
            assert {frozenset((what.models[a], what.models[b])) for a, b in what.bars} == set(sure)
        for first, last in () if what.unequal else what.bars:
            joined = what.models[first : last + 1]
            assert not any(frozenset((a, b)) in sure for a in joined for b in joined if a != b)
        table = pair_rows(found, found.pairs)
        at = table.columns.index("significant")
        assert {frozenset(row[:2]) for row in table.rows if row[at] == "yes"} == set(sure)
        assert all(row[at] in ("yes", "no") for row in table.rows)
    assert seen > 15


@pytest.mark.filterwarnings("ignore::stats.common.errors.PowerWarning", "ignore::stats.common.errors.UndefinedWarning")
def test_what_is_drawn_is_the_table():
    filled_dots = coloured = bars = 0
    telling = (found for found in random_comparisons(60) if decided(found.pairs))
    for found in islice(telling, DRAWN):
        sure = decided(found.pairs)
        if found.control is None:
            what = content(found, bars="cliques")
            drawn = [line for line in critical_difference(found, bars="cliques").lines if line.get_linewidth() == 3.2]
            assert len(drawn) == len(what.bars)
            bars += len(drawn)
            plt.close("all")
            models = [str(m) for m in found.ranks.sort_values(["mean_rank", "model"], kind="stable")["model"]]
            ax = comparison_matrix(found)
            names = [t.get_text() for t in ax.get_yticklabels()]
            (cells,) = ax.collections
            for face, path in zip(cells.get_facecolor(), cells.get_paths(), strict=True):
                j, i = (int(c) for c in path.vertices[:4].mean(axis=0).round())
                if j > i:
                    a, b = (next(m for m in models if names[at].endswith(m)) for at in (i, j))
                    assert (to_hex(face) != "#ffffff") == (frozenset((a, b)) in sure)
                    coloured += to_hex(face) != "#ffffff"
            plt.close("all")
            plt.close(rank_intervals(found).figure)
        reference = str(found.control or found.ranks["model"].iloc[0])
        ax = forest(found, model=reference, families=False)
        marks = [line for line in ax.lines if line.get_marker() in ("o", "D")]
        expected = sum(reference in pair for pair in sure)
        assert sum(m.get_marker() == "o" for m in marks) == expected
        filled_dots += expected
        plt.close("all")
    assert min(filled_dots, coloured, bars) >= 4
