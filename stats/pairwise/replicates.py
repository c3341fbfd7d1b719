"""Within-task uncertainty of published scores, from the replicates that their files carry."""

import numpy as np
import pandas as pd
from scipy import special

from ..common.errors import InputError
from ..pairs import check_level
from ..scores import Scores, as_scores


def replicate_intervals(scores: Scores, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Mean, spread and interval of every score that was computed as the mean of several runs.

    mteb evaluates classification on ten training samples (``scores_per_experiment``) and clustering on ten draws of
    texts (``v_measures``). The interval speaks about other draws of the same kind from the same task; what is common
    to all runs, the test set above all, it leaves out.

    Parameters
    ----------
    scores : Scores
        With ``replicates`` in ``cells``: a list of scores per task and model.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``task, model, n, mean, sd, standard_error, low, high``: t intervals with n - 1 degrees of freedom, for cells with
        at least two replicates. A cell whose replicates do not average to its score (to .001) is left out: its file
        mixes runs.

    Raises
    ------
    InputError
        If the scores carry no replicates.

    Examples
    --------
    Replicates .1, .2, .3: mean .2, sd .1, standard error .0577, t(.975, 2) = 4.303, so .2 -+ .248.

    >>> cells = pd.DataFrame({"task": ["x"], "model": ["m"], "replicates": [[.1, .2, .3]]})
    >>> frame = pd.DataFrame({"m": [.2]}, index=["x"])
    >>> found = replicate_intervals(Scores.build(frame, pd.DataFrame(index=["x"]), cells=cells))
    >>> found[["low", "high"]].round(3).values.tolist()
    [[-0.048, 0.448]]
    """
    level = check_level(confidence_level, "confidence_level")
    scores = as_scores(scores)
    if scores.cells is None or "replicates" not in scores.cells:
        raise InputError("these scores carry no replicates: read them from MTEB result files")
    cells = scores.cells[["task", "model", "replicates"]]
    rows = []
    for task, model, found in cells.itertuples(index=False, name=None):
        values = np.asarray(found if isinstance(found, list | tuple | np.ndarray) else [], dtype=np.float64)
        values = values[~np.isnan(values)]
        score = float(scores.table.loc[task, model])
        if len(values) >= 2 and abs(float(values.mean()) - score) <= 1e-3 * max(1.0, abs(score)):
            sd = float(values.std(ddof=1))
            rows.append((task, model, len(values), float(values.mean()), sd, sd / np.sqrt(len(values))))
    table = pd.DataFrame(rows, columns=["task", "model", "n", "mean", "sd", "standard_error"])
    # Without a row the columns have no type of their own.
    error = table["standard_error"].to_numpy(dtype=np.float64)
    half = special.stdtrit(table["n"].to_numpy(dtype=np.float64) - 1, (1 + level) / 2) * error
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)
