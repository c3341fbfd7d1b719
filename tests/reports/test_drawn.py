"""What a terminal shows beside numbers: decided pairs by name, ranks drawn."""

from pathlib import Path

import pandas as pd
import pytest

import reports
import stats
from reports.tables.drawn import decided_pairs, rank_line, rank_lines

FRAME = (
    pd.DataFrame({m: [0.9 - d, 0.8 - d, 0.7 - d, 0.6 - d, 0.5 - d, 0.4 - d] for m, d in (("a", 0), ("b", 0.1))})
    .rename_axis("task")
    .rename("t{}".format)
)

DEMSAR = pd.read_csv(Path(__file__).parents[2] / "docs/examples/demsar.csv", index_col=0)


def test_decided_pairs_name_the_better_model_in_either_direction() -> None:
    assert decided_pairs(stats.compare(FRAME, rng=0)) == "Decided, 1 of 1 pair: a over b."
    errors = stats.Scores.from_frame(FRAME, higher_is_better=False)
    assert decided_pairs(stats.compare(errors, rng=0)) == "Decided, 1 of 1 pair: b over a."


def test_decided_pairs_begin_with_neighbours_at_the_top() -> None:
    """Not with the best against the worst, which nobody asks about."""
    frame = pd.DataFrame({f"m{i}": [0.9 - 0.02 * task - 0.1 * i for task in range(20)] for i in range(6)})
    named = "m0 over m1; m1 over m2; m2 over m3; m3 over m4; m4 over m5; m0 over m2; m1 over m3; m2 over m4; m3 over m5; m0 over m3"
    assert decided_pairs(stats.compare(frame.rename("t{}".format), rng=0)) == (
        f"Decided, 15 of 15 pairs: {named}; and 5 more."
    )


def test_that_nothing_is_decided_is_said() -> None:
    comparison = stats.compare(FRAME.head(3), rng=0)  # three tasks cannot decide
    assert decided_pairs(comparison) == "Decided, none of 1 pair."


@pytest.mark.parametrize(
    ("rank", "low", "high", "drawn"),
    [(1, 1, 1, "●"), (1, 1, 5, "●───┤"), (3, 2, 4, " ├●┤"), (5, 1, 5, "├───●"), (float("nan"), 1, 5, "")],
)
def test_a_rank_lies_within_its_set(rank: float, low: float, high: float, drawn: str) -> None:
    assert rank_line(rank, low, high, 5, width=5) == drawn


def test_every_model_of_the_ranking_is_drawn() -> None:
    comparison = stats.compare(FRAME, rng=0)
    assert rank_lines(comparison) == ["●", " ●"]
    assert "1 to 2" in reports.text_report(comparison)


def test_what_is_decided_comes_first_then_the_ranking_what_to_do_next_and_the_sentences() -> None:
    said = reports.text_report(stats.compare(DEMSAR, rng=0))
    order = ["Decided, 1 of 6 pairs: C4.5+m over C4.5.", "rank  model", "Next: ", "The 4 models are not all equal"]
    assert [said.index(o) for o in order] == sorted(said.index(o) for o in order)
    assert said.startswith(order[0])


def test_pairs_that_are_equivalent_are_decided():
    frame = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]}).assign(
        b=lambda f: f["a"] - 0.01, c=lambda f: f["a"] - 0.1
    )
    assert (
        decided_pairs(stats.compare(frame, margin=0.2, rng=0))
        == "Decided, 3 of 3 pairs: 3 equivalent within the margin of 0.2."
    )
    some = decided_pairs(stats.compare(frame, margin=0.05, rng=0))
    assert some == "Decided, 3 of 3 pairs: a over c; b over c; 1 equivalent within the margin of 0.05."
