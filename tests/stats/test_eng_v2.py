"""MTEB(eng, v2): 183 models on 41 tasks, against R (tests/golden/eng_v2.R) and scipy."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats import Scores, adjust, compare, friedman, rank_confidence, wilcoxon

pytestmark = pytest.mark.real_data


def test_all_pairs_equal_r(eng_v2: Scores):
    found = wilcoxon(eng_v2)
    assert len(found.pvalue) == 16_653
    # R: exact for every pair, with ties by coin.
    assert (found.pvalue <= 0.05).sum() == 14_296
    assert (adjust(found.pvalue, "holm") <= 0.05).sum() == 10_739
    assert (adjust(found.pvalue, "bh") <= 0.05).sum() == 14_207
    assert found.pvalue.sum() == pytest.approx(978.29303096754495, rel=1e-9)
    assert friedman(eng_v2).statistic == pytest.approx(5459.0999096942542, rel=1e-12)


def test_scipys_batch_loses_pairs_that_are_significant(eng_v2: Scores):
    """One pair with ties sends scipy's whole batch to the normal approximation; ours takes each by itself."""
    found = wilcoxon(eng_v2)
    values = eng_v2.values
    with np.errstate(invalid="ignore"):
        batch = scipy_stats.wilcoxon(values[:, found.first] - values[:, found.second]).pvalue
    batch[np.isnan(batch)] = 1  # identical models
    assert (adjust(batch, "holm") <= 0.05).sum() < 10_000


def test_rank_sets_are_wide_but_not_empty_words(eng_v2: Scores):
    found = rank_confidence(eng_v2, n_resamples=1000, rng=0)
    assert (found.low <= found.rank).all()
    assert (found.rank <= found.high).all()
    top = found.top_set()
    assert 10 <= len(top) <= 30
    assert "mteb/baseline-random-encoder" not in top
    assert found.low[found.models.index("mteb/baseline-random-encoder")] > 160


def test_the_whole_analysis(eng_v2: Scores):
    holm = compare(eng_v2, correction="holm", n_resamples=200, rng=0)
    assert holm.pairs["significant"].sum() == 10_739
    found = compare(eng_v2, n_resamples=4_000, rng=0)
    # A prototype in plain numpy, 4,000 other flips: 11,132 of 16,653.
    assert abs(found.pairs["significant"].sum() - 11_132) < 100
    assert found.n_models == 183
    k = len(found.cliques)
    covered = sum(len(c) >= 2 for c in found.cliques)
    assert k == covered > 10
    nonsignificant = (~found.pairs["significant"]).sum()
    assert len(found.uncovered_pairs) < nonsignificant
