"""What is given in the wrong kind is answered by one line, and not by an error from within."""

import numpy as np
import pandas as pd
import pytest

import embsig

SCORES = pd.DataFrame({"a": [0.5, 0.6, 0.7], "b": [0.4, 0.6, 0.5]}, index=["x", "y", "z"])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: embsig.adjust("x"), "pvalues: got 'x': expected numbers"),
        (lambda: embsig.adjust([[0.1], [0.2, 0.3]]), "pvalues: got"),
        (lambda: embsig.anytime_tasks(["a"], margin=0), "differences: got"),
        (lambda: embsig.anytime_samples([0.1], margin=0), "got list: expected a mapping of tasks"),
        (lambda: embsig.smallest_pvalue(5.5), "n_tasks=5.5: expected a whole number"),
        (lambda: embsig.sample_level(SCORES), "got DataFrame: expected Samples"),
        (lambda: embsig.seed_t(SCORES), "seed"),
        (lambda: embsig.variance_components(SCORES), "seed"),
        (lambda: embsig.clean_comparison(SCORES), "nothing is known about what these models were trained on"),
        (lambda: embsig.gate(SCORES, baseline=1, candidate=2, margin=0.1), "there are a and b"),
        (lambda: embsig.latex_table(SCORES), "latex_table: got DataFrame: expected a Comparison"),
        (lambda: embsig.markdown_table(5), "markdown_table: got int"),
        (lambda: embsig.text_report(SCORES), "text_report: got DataFrame"),
        (lambda: embsig.html_report(SCORES), "html_report: got DataFrame"),
        (lambda: embsig.named_frame(SCORES, "pairs"), "named_frame: got DataFrame"),
        (lambda: embsig.critical_difference(SCORES), "critical_difference: got DataFrame"),
        (lambda: embsig.forest(np.zeros(3)), "forest: got ndarray: expected a Comparison"),
        (
            lambda: embsig.predict_new_task(pd.DataFrame(np.eye(4)), like=["0"]),
            "1 task gives rank intervals of at most 0 %: 90 % needs 19; give more tasks",
        ),
    ],
)
def test_the_wrong_kind_is_said(call, said):
    with pytest.raises(embsig.InputError, match=said.replace("(", r"\(")):
        call()
