"""The bootstrap: against scipy's, against hand-made resamples, and its properties."""

import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from stats import InputError, PowerWarning, Scores, bootstrap, compare
from stats.pairwise._bootstrap import model_intervals
from stats.resampling.blocks import for_each
from stats.resampling.quantiles import quantile, quantiles_of, valid_counts
from stats.resampling.resampler import Resampler

# Few tasks are what most of these tests are about; that few are warned of is tested below.
pytestmark = pytest.mark.filterwarnings("ignore::stats.common.errors.PowerWarning")


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i:02}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def resamples(n, n_resamples, seed):
    """The resamples as lists of task numbers, from the counts that the seed gives."""
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    return [np.repeat(np.arange(n), c) for c in counts]


def test_percentile_interval_and_p_by_hand(r_values):
    x = r_values["untied"]
    found = bootstrap(table(x), n_resamples=499, rng=3, confidence_level=0.9)
    means = np.array([(x[i, 0] - x[i, 1]).mean() for i in resamples(12, 499, 3)])
    np.testing.assert_allclose([found.low[0], found.high[0]], np.quantile(means, [0.05, 0.95]), rtol=1e-10)
    expected = 2 * (min((means <= 0).sum(), (means >= 0).sum()) + 1) / 500
    np.testing.assert_allclose(found.pvalue[0], min(1, expected))
    np.testing.assert_allclose(found.difference[0], (x[:, 0] - x[:, 1]).mean())


@pytest.mark.parametrize("method", ["percentile", "basic", "bca"])
def test_intervals_come_close_to_scipys(r_values, method):
    x = r_values["untied"]
    found = bootstrap(table(x), n_resamples=20_000, method=method, rng=0)
    expected = scipy_stats.bootstrap(
        (x[:, 0] - x[:, 1],), np.mean, method=method, n_resamples=20_000, rng=np.random.default_rng(0)
    ).confidence_interval
    width = expected.high - expected.low
    np.testing.assert_allclose([found.low[0], found.high[0]], [expected.low, expected.high], atol=0.03 * width)


def test_bca_by_scipys_formula_on_the_same_resamples(r_values):
    x = r_values["untied"]
    d = x[:, 0] - x[:, 1]
    found = bootstrap(table(x), n_resamples=999, method="bca", rng=5)
    means = np.sort([d[i].mean() for i in resamples(12, 999, 5)])
    z0 = scipy_stats.norm.ppf((means < d.mean()).mean())
    jack = np.array([np.delete(d, i).mean() for i in range(12)])
    u = jack.mean() - jack
    a = (u**3).sum() / (6 * (u**2).sum() ** 1.5)
    z = scipy_stats.norm.ppf([0.025, 0.975])
    levels = scipy_stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
    np.testing.assert_allclose([found.low[0], found.high[0]], np.quantile(means, levels), rtol=1e-9)


def test_studentized_by_hand(r_values):
    x = r_values["untied"]
    d = x[:, 0] - x[:, 1]
    found = bootstrap(table(x), n_resamples=999, method="studentized", rng=5)
    drawn = [d[i] for i in resamples(12, 999, 5)]
    t = np.array([(s.mean() - d.mean()) / (s.std(ddof=1) / np.sqrt(12)) for s in drawn])
    error = d.std(ddof=1) / np.sqrt(12)
    low, high = d.mean() - np.quantile(t, [0.975, 0.025]) * error
    np.testing.assert_allclose([found.low[0], found.high[0]], [low, high], rtol=1e-8)
    np.testing.assert_allclose(found.statistic[0], d.mean() / error, rtol=1e-10)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_symmetric_by_hand(r_values, alternative):
    x = r_values["untied"]
    d = x[:, 0] - x[:, 1]
    found = bootstrap(table(x), n_resamples=999, method="symmetric", alternative=alternative, rng=5)
    drawn = [d[i] for i in resamples(12, 999, 5)]
    t = np.array([(s.mean() - d.mean()) / (s.std(ddof=1) / np.sqrt(12)) for s in drawn])
    error = d.std(ddof=1) / np.sqrt(12)
    half = np.quantile(np.abs(t), 0.95) * error
    np.testing.assert_allclose([found.low[0], found.high[0]], [d.mean() - half, d.mean() + half], rtol=1e-8)
    seen = d.mean() / error
    reached = {"two-sided": np.abs(t) >= abs(seen), "greater": t >= seen, "less": t <= seen}[alternative]
    assert found.pvalue[0] == pytest.approx((reached.sum() + 1) / 1000)


@pytest.mark.parametrize("method", ["percentile", "basic", "bca", "studentized", "symmetric"])
def test_p_and_interval_agree(method):
    x = np.random.default_rng(1).normal(np.linspace(0, 1.2, 6), 1, size=(25, 6))
    for level in (0.8, 0.9, 0.95, 0.99):
        found = bootstrap(table(x), n_resamples=2000, method=method, confidence_level=level, rng=2)
        outside = (found.low > 0) | (found.high < 0)
        clear = np.abs(found.pvalue - (1 - level)) > 0.003  # the + 1 and the interpolation
        np.testing.assert_array_equal(outside[clear], (found.pvalue < 1 - level)[clear])


def test_bca_turned_round_where_resamples_lie_at_zero():
    """Differences of -1, 0 and 1: p is the least level whose interval leaves out 0, found by trying them all."""
    d = np.array([1, 1, 1, 0, 0, 0, 1, 1, -1.0])
    frame = table(np.column_stack([d, 0 * d]))
    options = {"method": "bca", "n_resamples": 999, "rng": 5}
    p = bootstrap(frame, **options).pvalue[0]
    levels = np.arange(1, 400) / 1000
    outside = [bootstrap(frame, confidence_level=1 - a, **options).low[0] > 0 for a in levels]
    least = levels[outside.index(True)]
    assert all(outside[outside.index(True) :])
    assert p == pytest.approx(least, abs=0.004)  # two draws of 999, on two sides


def test_p_stays_a_probability_where_resamples_miss_the_only_shared_task():
    frame = table([[0.1, np.nan], [0.4, 0.4], [np.nan, 0.3]])
    found = bootstrap(frame, method="symmetric", n_resamples=99, rng=0)
    assert found.n.tolist() == [1]
    assert found.pvalue.tolist() == [1.0]


def test_an_end_that_only_rounding_moves_off_zero_is_zero():
    """The mean of .3 - .1 - .2 is 9e-18 in floats; means of 3 tasks that are 0 must not count as beyond it."""
    frame = table(np.column_stack([[0.3, 0.2, 0.1, 0.4], [0.0, 0.3, 0.3, 0.4]]))  # differences .3, -.1, -.2, 0
    found = bootstrap(frame, method="percentile", n_resamples=500, rng=1)
    assert found.difference.tolist() == [0.0]
    assert found.statistic.tolist() == [0.0]


@pytest.mark.parametrize("method", ["percentile", "basic", "bca", "studentized", "symmetric"])
def test_identical_models_are_certainly_equal(small, method):
    found = bootstrap(small, n_resamples=200, method=method, rng=0).to_frame().set_index(["model_a", "model_b"])
    row = found.loc[("d", "d again")]
    assert row[["difference", "low", "high", "pvalue"]].tolist() == [0, 0, 0, 1]


def test_one_seed_gives_the_same_bytes_and_pairs_do_not_depend_on_the_batch(small):
    first, again = bootstrap(small, rng=4, n_resamples=500), bootstrap(small, rng=4, n_resamples=500)
    assert first.low.tobytes() == again.low.tobytes()
    assert first.pvalue.tobytes() == again.pvalue.tobytes()
    frame = first.to_frame().set_index(["model_a", "model_b"])
    for a, b in frame.index:
        alone = bootstrap(small.table[[a, b]], rng=4, n_resamples=500)
        np.testing.assert_allclose(
            [alone.low[0], alone.high[0]], frame.loc[(a, b), ["low", "high"]].astype(float), atol=1e-14
        )
        assert alone.pvalue[0] == frame.loc[(a, b), "pvalue"]


def test_adding_a_constant_to_a_task_changes_nothing(small):
    shifted = small.table + np.linspace(-1, 1, 12)[:, None]
    expected, found = bootstrap(small, rng=4, n_resamples=500), bootstrap(shifted, rng=4, n_resamples=500)
    np.testing.assert_allclose(found.low, expected.low, atol=1e-13)
    np.testing.assert_array_equal(found.pvalue, expected.pvalue)


def test_the_order_of_tasks_does_not_matter(small):
    turned = Scores.build(small.table.iloc[::-1], small.tasks.iloc[::-1])
    for options in ({}, {"groups": True}, {"statistic": "family_mean"}, {"method": "studentized"}):
        here = bootstrap(small, rng=4, n_resamples=200, **options)
        there = bootstrap(turned, rng=4, n_resamples=200, **options)
        assert here.low.tobytes() == there.low.tobytes()
        assert here.pvalue.tobytes() == there.pvalue.tobytes()


def test_swapping_models_negates(small):
    for a, b in (("a", "b"), ("c", "d"), ("a", "d")):
        here = bootstrap(small.table[[a, b]], rng=4, n_resamples=501)
        there = bootstrap(small.table[[b, a]], rng=4, n_resamples=501)
        np.testing.assert_allclose(here.low, -there.high, atol=1e-14)
        np.testing.assert_array_equal(here.pvalue, there.pvalue)


def test_family_means_weigh_families_alike_and_keep_them(small):
    found = bootstrap(small, statistic="family_mean", n_resamples=300, rng=0)
    family = small.table.groupby(small.tasks["family"]).mean().mean()
    np.testing.assert_allclose(found.difference[0], family["a"] - family["b"])
    # A family of equal differences keeps its own mean in every resample.
    table_ = small.table.copy()
    table_.loc[small.tasks["family"] == "STS", "a"] = table_["b"] + 0.1
    table_.loc[small.tasks["family"] == "Retrieval", "a"] = table_["b"] - 0.3
    even = Scores.build(table_, small.tasks)
    fixed = bootstrap(even, statistic="family_mean", n_resamples=300, rng=0)
    np.testing.assert_allclose([fixed.low[0], fixed.high[0]], [-0.1, -0.1])


def test_mean_ranks_can_be_resampled(small):
    found = bootstrap(small, statistic="mean_rank", n_resamples=300, rng=0).to_frame()
    assert found["difference"].iloc[0] < 0  # a ranks better: its mean rank is smaller
    assert (found["low"] <= found["difference"]).all()


def test_groups_are_drawn_as_a_whole():
    x = np.array([[0.1, 0.0], [0.1, 0.0], [0.5, 0.0]])
    found = bootstrap(table(x), groups=["g", "g", "h"], n_resamples=4000, rng=0)
    resampler = Resampler.make(3, 4000, 0, groups=np.array([0, 0, 1]))
    means = resampler.replicates(x[:, :1].T)[0]
    # Two units of sizes 2 and 1: both once (mean .7/3), the first twice (.1), the second twice (.5).
    np.testing.assert_allclose(np.unique(means.round(12)), [0.1, 0.7 / 3, 0.5])
    assert [found.low[0], found.high[0]] == pytest.approx([0.1, 0.5])
    assert "groups of tasks" in found.method


def test_missing_scores_leave_their_task_out(r_values):
    values = r_values["untied"].copy()
    values[0, 0] = np.nan
    found = bootstrap(table(values), n_resamples=1000, rng=0)
    assert found.n[0] == 11
    np.testing.assert_allclose(found.difference[0], (values[1:, 0] - values[1:, 1]).mean())
    assert np.isfinite(found.low).all()
    few = table([[0.5, 0.4], [np.nan, 0.3], [np.nan, 0.3], [np.nan, 0.3]])
    found = bootstrap(few, n_resamples=1000, rng=0)  # some resamples hold nothing of the pair
    assert [found.low[0], found.high[0]] == pytest.approx([0.1, 0.1])


def test_memory_is_bounded_by_blocks(small, monkeypatch):
    expected = bootstrap(small, rng=0, n_resamples=100)
    monkeypatch.setattr(sys.modules["stats.pairs"], "_BLOCK", 150)
    np.testing.assert_array_equal(bootstrap(small, rng=0, n_resamples=100).low, expected.low)


def test_intervals_of_models(small):
    found = model_intervals(small, n_resamples=1000, rng=0)
    np.testing.assert_allclose(found["estimate"], small.table.mean())
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


@pytest.mark.parametrize(("method", "least"), [("studentized", 0.93), ("percentile", 0.80)])
def test_coverage_with_eight_tasks(method, least):
    """600 models whose true mean is that of the control: the share of intervals that hold the difference, 0."""
    x = np.random.default_rng(11).normal(size=(8, 601))
    x[:, 0] = 0
    found = bootstrap(table(x), n_resamples=600, method=method, control="m0", rng=1)
    held = ((found.low <= 0) & (found.high >= 0)).mean()
    assert least <= held <= 0.985


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "exact"}, "unknown interval 'exact': expected one of percentile, basic, bca, studentized"),
        ({"statistic": "median"}, "unknown statistic 'median': expected one of"),
        ({"n_resamples": 0}, "n_resamples=0: expected a positive whole number"),
        ({"n_resamples": 99.5}, "n_resamples=99.5: expected"),
        ({"confidence_level": 1}, "confidence_level=1: expected"),
    ],
)
def test_errors_say_what_was_expected(small, options, words):
    with pytest.raises(InputError, match=words):
        bootstrap(small, **options)


def test_family_means_need_families():
    with pytest.raises(InputError, match="every task's family: 't00' has none"):
        bootstrap(table([[1, 2], [3, 4]]), statistic="family_mean")


@pytest.mark.parametrize(
    ("row", "q", "value"),
    [
        ([-np.inf, 0, 1, 2], 0.1, -np.inf),
        ([-np.inf, 0, 1, 2], 1 / 3, 0),
        ([0, 1, 2, np.inf], 0.9, np.inf),
        ([0, 1, 2, np.inf], 2 / 3, 2),
        ([-np.inf, np.inf], 0.1, -np.inf),
        ([-np.inf, np.inf], 0.9, np.inf),
        ([0, 1], 0.25, 0.25),
    ],
)
def test_a_quantile_beside_infinity_is_unbounded_and_never_undefined(row, q, value):
    found = quantile(np.array([row], dtype=float), np.array([q]), np.array([len(row)]))
    np.testing.assert_allclose(found, [value], atol=1e-12)


@pytest.mark.filterwarnings("error")
def test_intervals_that_are_too_narrow_from_few_tasks_say_so_when_called():
    few, many = (
        table(np.random.default_rng(0).normal(size=(8, 2))),
        table(np.random.default_rng(0).normal(size=(20, 2))),
    )
    for method in ("percentile", "basic", "bca"):
        with pytest.warns(PowerWarning, match=f"the {method} interval from 8 units .* method='symmetric' holds"):
            bootstrap(few, n_resamples=50, method=method, rng=0)
        bootstrap(many, n_resamples=50, method=method, rng=0)
    for method in ("studentized", "symmetric"):
        bootstrap(few, n_resamples=50, method=method, rng=0)
    found = compare(few, interval="percentile", n_resamples=50, rng=0)  # it says so in its result instead
    assert any("too narrow" in w for w in found.warnings)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 41, 1_999, 2_000, 9_999])
@pytest.mark.parametrize("shares", [(0.025, 0.975), (0.95,), (0.5,), (0.25, 0.75), (0.0005, 0.9995), (0.05,)])
def test_selecting_finds_what_sorting_finds(n, shares):
    rng = np.random.default_rng(n)
    plain = rng.normal(size=(12, n))
    few = rng.integers(0, 5, size=plain.shape).astype(float)
    infinite = np.where(rng.random(plain.shape) < 0.3, np.inf, plain)
    infinite[0], infinite[1, -1] = 0.0, -np.inf
    missing = np.where(rng.random(plain.shape) < 0.3, np.nan, plain)
    for rows in (plain, few, infinite, missing, np.sort(plain, axis=1), np.abs(plain)):
        ordered = np.sort(rows, axis=1)
        valid = valid_counts(ordered)
        wanted = [quantile(ordered, np.full(len(rows), q), valid) for q in shares]
        np.testing.assert_array_equal(quantiles_of(rows.copy(), *shares), wanted)
        squares = np.abs(rows)
        ordered = np.sqrt(np.sort(squares, axis=1))
        wanted = [quantile(ordered, np.full(len(rows), q), valid) for q in shares]
        np.testing.assert_array_equal(quantiles_of(squares, *shares, of=np.sqrt), wanted)


def test_threads_do_not_change_the_numbers(monkeypatch):
    """Blocks of pairs are shared among threads; every one's numbers are its own."""
    drawn = np.random.default_rng(0).normal(size=(12, 30)).cumsum(axis=1)
    drawn[3, 4] = np.nan
    scores = pd.DataFrame(drawn, [f"t{i}" for i in range(12)], [f"m{j}" for j in range(30)])
    for method in ("percentile", "basic", "bca", "studentized", "symmetric"):
        for frame in (scores.iloc[4:], scores):
            found = []
            for threads in ("1", "3"):
                monkeypatch.setenv("OMP_NUM_THREADS", threads)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", PowerWarning)
                    found.append(bootstrap(frame, n_resamples=4_000, method=method, rng=0).to_frame())
            pd.testing.assert_frame_equal(*found, check_exact=True)


@pytest.mark.parametrize("method", ["percentile", "basic", "bca", "studentized", "symmetric"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_resamples_without_a_shared_task_do_not_count(method, alternative):
    """Models that share two tasks of nine and are equal there: a tenth of the resamples has neither, and p is 1."""
    values = np.random.default_rng(0).normal(size=(9, 2))
    values[:4, 0] = values[4:7, 1] = np.nan
    values[7:, 0] = values[7:, 1]
    values[7, 0] += 0.25
    values[8, 0] -= 0.25
    found = bootstrap(table(values), n_resamples=4_000, method=method, alternative=alternative, rng=0)
    assert 0 < found.pvalue[0] <= 1
    if method == "symmetric" and alternative == "two-sided":
        assert found.pvalue[0] == 1


def test_an_error_in_a_thread_is_raised_and_stops_the_rest(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    done = []

    def work(block):
        if block.start == 0:
            raise ValueError("here")
        done.append(block)

    with pytest.raises(ValueError, match="here"):
        for_each([slice(i, i + 1) for i in range(10_000)], work)
    assert len(done) < 10_000
