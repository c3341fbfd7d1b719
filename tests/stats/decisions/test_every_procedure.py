"""Every test under every correction, on a thousand random tables: what is said of pairs, ranks and cliques is one thing."""

import numpy as np
import pandas as pd
import pytest

from stats import InputError, compare
from stats.comparison.deciding import decide_all
from stats.comparison.options import Options
from stats.comparison.tests.registry import matched
from stats.posthoc.corrections import CORRECTIONS
from stats.scores import Scores

from .test_coherence import check, random_table

TESTS = (
    "wilcoxon",
    "sign",
    "sign-flip",
    "paired-t",
    "bootstrap",
    "nemenyi",
    "conover",
    "bayes",
    "bayes-t",
    "bonferroni-dunn",
)
ADJUSTED = tuple(name for name, c in CORRECTIONS.items() if c.adjust is not None)


def options(test: str, correction: str, seed: int, control: str | None) -> Options:
    return Options(
        test=test,
        correction=correction,
        alpha=(0.05, 0.2)[seed % 2],
        confidence_level=1 - (0.05, 0.2)[seed % 2],
        control=control,
        zero_method=("wilcox", "pratt", "zsplit")[seed % 3],
        alternative=("two-sided", "greater", "less")[seed % 3]
        if control and test not in ("bayes", "bayes-t")
        else "two-sided",
        n_resamples=99,
        interval=("symmetric", "percentile", "studentized")[seed % 3],
        statistic="mean",
        groups=True if seed % 4 == 0 else None,
        seed=seed,
    )


def combinations() -> list[tuple[str, str, bool]]:
    """Every test with every correction that it takes, with and without a control."""
    found = []
    for test in TESTS:
        for correction in (*ADJUSTED, "max-t", "romano-wolf"):
            for control in (False, True):
                try:
                    own = matched(options(test, correction, 0, "m0" if control else None)).own_correction
                except InputError:
                    continue
                if own in (None, correction) or correction == "holm":
                    found.append((test, correction, control))
    return found


COMBINATIONS = combinations()


def test_every_pairing_is_there():
    assert len(COMBINATIONS) > 90
    assert {"max-t", "romano-wolf", "shaffer", "bergmann-hommel"} <= {c for _, c, _ in COMBINATIONS}


@pytest.mark.filterwarnings("ignore::stats.common.errors.PowerWarning", "ignore::stats.common.errors.UndefinedWarning")
@pytest.mark.parametrize("part", range(10))
def test_a_thousand_random_tables(part):
    for seed in range(100 * part, 100 * part + 100):
        test, correction, with_control = COMBINATIONS[(7 * seed) % len(COMBINATIONS)]
        frame = random_table(seed)
        control = frame.columns[seed % frame.shape[1]] if with_control else None
        groups = pd.DataFrame({"group": [f"g{i // 2}" for i in range(len(frame))]}, index=frame.index)
        scores = Scores.build(frame.rename_axis("task"), groups.rename_axis("task"), higher_is_better=seed % 5 != 0)
        chosen = options(test, correction, seed, control)
        if test in ("nemenyi", "conover", "bonferroni-dunn") and scores.complete("keep").table.dropna().shape[0] < 2:
            continue
        try:
            (found,) = decide_all([scores], chosen)
        except InputError:  # tests by mean ranks need tasks that all models have
            assert test in ("nemenyi", "conover", "bonferroni-dunn")
            continue
        check(found.decisions)


def test_a_step_down_interval_is_the_single_step_one_cut_at_0():
    """T = 2.43 on 14 tasks: p = .030, above Bonferroni's .05 / 3 and below Holm's .05 once the two others are decided."""
    z = np.random.default_rng(4).normal(size=14)
    z = (z - z.mean()) / z.std(ddof=1)
    frame = pd.DataFrame(
        {"a": 2 + z[::-1], "b": z / 10 + 2.43 / np.sqrt(14) / 10, "c": 0.0 * z}, index=[f"t{i:02}" for i in range(14)]
    )
    holm = compare(frame, test="paired-t", correction="holm", rng=0).pairs
    bonferroni = compare(frame, test="paired-t", correction="bonferroni", rng=0).pairs
    more = holm["significant"] & ~bonferroni["significant"]
    assert more.sum() == 1
    assert 0 < holm.loc[more, "low"].item() < 1e-9
    assert holm.loc[more, "high"].item() == bonferroni.loc[more, "high"].item()
    same = holm[~more].reset_index(drop=True)
    pd.testing.assert_frame_equal(same[["low", "high"]], bonferroni.loc[~more, ["low", "high"]].reset_index(drop=True))


def test_false_discovery_rates_have_intervals_at_the_share_that_is_decided():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(20, 5)) + np.array([1.5, 1.0, 0.0, 0.0, 0.0])
    frame = pd.DataFrame(values, index=[f"t{i:02}" for i in range(20)], columns=list("abcde"))
    bh = compare(frame, test="paired-t", correction="bh", rng=0).pairs
    decided = int(bh["significant"].sum())
    assert 0 < decided < 10
    alone = compare(frame, test="paired-t", correction="none", alpha=0.05 * decided / 10, rng=0).pairs
    np.testing.assert_allclose(bh["low"], alone["low"])
