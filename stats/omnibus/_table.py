"""What omnibus tests start from."""

import pandas as pd

from ..common.errors import InputError
from ..results import Floats
from ..scores import Scores, as_scores


def complete_table(scores: Scores | pd.DataFrame) -> tuple[Floats, bool]:
    """The scores on the tasks that all models have, shape (n_tasks, n_models), and whether higher is better.

    Raises
    ------
    InputError
        With fewer than two models, or no task that all of them have.
    """
    scores = as_scores(scores).complete("tasks")
    if scores.n_models < 2:
        raise InputError(f"got {scores.n_models} model(s): expected at least two to compare; add a model")
    return scores.values, scores.higher_is_better
