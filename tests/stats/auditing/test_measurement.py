"""Standard errors of scores, set against the differences between models."""

import io

import numpy as np
import pandas as pd
import pytest

from bench import read
from stats import audit
from stats.auditing.measurement import measurement


def test_share_is_the_mean_squared_error_in_the_variance_of_differences():
    rng = np.random.default_rng(0)
    true, error = rng.normal(0, 0.03, (2000, 2)), 0.02
    values = 0.6 + true + rng.normal(0, error, true.shape)
    found = measurement(values, np.full(values.shape, error))
    # 2 * .02^2 of 2 * .03^2 + 2 * .02^2
    assert found.share == pytest.approx(4 / 13, abs=0.02)
    expected = np.abs(values[:, 0] - values[:, 1]) < 1.959964 * error * np.sqrt(2)
    assert (found.n_within, found.n_differences) == (int(expected.sum()), 2000)


def test_errors_alone_make_all_of_the_variance_at_most():
    values = np.array([[0.5, 0.5], [0.6, 0.6], [0.7, 0.7]])
    assert measurement(values, np.full(values.shape, 0.1)).share == 1


def test_scores_without_an_error_are_left_out():
    values = np.array([[0.5, 0.9], [0.6, 0.1], [0.7, 0.2], [0.8, 0.3]])
    errors = np.array([[0.01, 0.01], [0.01, np.nan], [np.nan, 0.01], [0.01, 0.01]])
    found = measurement(values, errors)
    assert (found.n_within, found.n_differences) == (0, 2)
    assert np.isnan(found.share)


def test_the_audit_says_what_errors_of_cells_mean(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("task,a,b\nx,60.0 ± 0.3,50.0 ± 0.4\ny,70.0 ± 0.3,50.0 ± 0.4\nz,50.5 ± 0.3,50.0 ± 0.4\n")
    finding = audit(read(path)).findings.set_index("kind").loc["standard_errors"]
    assert finding["severity"] == "note"
    # differences 10, 20 and .5 (variance 95.08), each with an error of .5: .25 / 95.08
    assert finding["text"].startswith(
        "the scores have standard errors (median 0.35): 1 of 3 differences of two models on a task are within 1.96 of theirs; "
        "they make at most 0 % of the variance"
    )


def test_scores_without_errors_have_no_such_finding():
    frame = pd.read_csv(io.StringIO("task,a,b\nx,.6,.5\ny,.7,.5\n"), index_col="task")
    assert "standard_errors" not in set(audit(frame).findings["kind"])
