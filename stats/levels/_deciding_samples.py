"""Which samples of a task decide the difference of two models."""

import numpy as np
import pandas as pd

from ..samples import Samples


def deciding_samples(samples: Samples, task: str, model_a: str, model_b: str) -> pd.DataFrame:
    """Which samples of a task decide the difference of two models.

    Parameters
    ----------
    samples : Samples
    task, model_a, model_b : str

    Returns
    -------
    DataFrame
        ``split, subset, sample, contribution, cumulative``: by how much the difference a - b falls when the sample is left
        out, the largest contribution in the difference's own direction first; `cumulative` is what would be left of the
        difference without this sample and all above (NaN in the last row, without any sample). How many rows it takes to turn its sign says how few samples the
        verdict hangs on.

    Notes
    -----
    A contribution is computed by leaving one sample out. What is left without several is exact for a mean over the samples of one
    split and subset, and a first-order approximation for any other metric.

    References
    ----------
    Broderick, T., Giordano, R. and Meager, R. (2020). An automatic finite-sample robustness metric: when can dropping a little data
    make a big difference? arXiv:2011.14999.

    Examples
    --------
    Differences .3, 0 and 0 on three queries: .1 in the mean, 0 without the first, .15 without the second or third.

    >>> import tempfile
    >>> from stats.samples import write_task
    >>> folder = tempfile.TemporaryDirectory()
    >>> for model, scores in {"a": [.9, .7, .8], "b": [.6, .7, .8]}.items():
    ...     frame = pd.DataFrame({"sample": list("xyz"), "score": scores})
    ...     _ = write_task(folder.name, "Quora", model, frame, {"metric": "mean", "main_score": frame["score"].mean()})
    >>> found = deciding_samples(Samples.open(folder.name), "Quora", "a", "b")
    >>> found["sample"].iloc[0], found["contribution"].round(9).tolist()
    ('x', [0.1, -0.05, -0.05])
    >>> folder.cleanup()
    """
    held = samples.task(task, [model_a, model_b])
    difference = float(held.value(model_a)[0] - held.value(model_b)[0])
    contribution = held.influence(model_a) - held.influence(model_b)
    order = np.argsort(-contribution if difference >= 0 else contribution, kind="stable")
    table = held.units.iloc[order].reset_index(drop=True)
    n = len(order)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Of n samples that carry the same weight, leaving r out weighs what each of them held (n - 1) / (n - r) times.
        left = difference - np.cumsum(contribution[order]) * ((n - 1) / (n - np.arange(1, n + 1)))
    left[-1] = np.nan
    return table.assign(contribution=contribution[order], cumulative=left)
