"""Does a difference survive the choice of prompt? Each pair by all prompts together, and by each one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

from ..common.errors import InputError
from ..pairs import Pairs
from ..posthoc import adjust
from ..resampling.resampler import Groups
from ..results import Floats
from ..scores import Scores
from ._crossed import crossed, task_units, variance_over_tasks
from .factors import Levels, levels_of

#: What is said of a pair.
YES, NO, UNDECIDED = "yes", "no", "undecided"


@dataclass(frozen=True, eq=False)
class OverPrompts:
    """Which differences survive the choice of prompt; made by `over_prompts`.

    Attributes
    ----------
    frame : DataFrame
        ``model_a, model_b, difference, low, high`` (mean over tasks and prompts, simultaneous interval over both), ``pvalue_adjusted``,
        ``prompts, prompts_a_ahead``, ``least, least_prompt, greatest, greatest_prompt`` (by each prompt, on these tasks), ``pvalue_reversal``
        (adjusted), ``survives``: "yes", "no", "undecided".
    prompts : tuple of str
        Their names.
    """

    frame: pd.DataFrame
    prompts: tuple[str, ...]

    def count(self, verdict: str) -> int:
        """How many pairs have this verdict."""
        return int((self.frame["survives"] == verdict).sum())


def over_prompts(
    scores: Scores,
    *,
    groups: Groups = None,
    control: str | None = None,
    correction: str = "holm",
    alpha: float = 0.05,
) -> OverPrompts:
    """Say of every pair whether its difference survives the choice of prompt.

    Parameters
    ----------
    scores : Scores
        With several prompts of every model: a long table with ``prompt``, or a folder of ``embsig run --prompts``.
    groups : bool or sequence, optional
        Groups of tasks as units, as in `crossed`.
    control : str, optional
        Compare every model (a) with this one (b) only.
    correction : str
        A method of `adjust`.
    alpha : float

    Returns
    -------
    OverPrompts

    Raises
    ------
    InputError
        If not all models were asked with two prompts or more in common.

    Notes
    -----
    "yes": with the variance over prompts added to that over tasks (`crossed`) the mean difference is not 0, so other prompts like these, on other
    tasks like these, give the same order on average. "no": by one prompt a is ahead, and by another b, both beyond chance over tasks: the qualitative
    interaction of Gail and Simon (1985), whose null hypothesis is that one model is at least as good by all prompts. It is tested by Bonferroni's
    inequality over P prompts on either side, p = P max(min p_a, min p_b) (the range test of Piantadosi and Gail 1993 with t in place of z), which holds
    its level however prompts are correlated. "no" goes before "yes". At most alpha of analyses have a wrong "yes", and at most alpha a wrong "no".

    References
    ----------
    Gail, M. and Simon, R. (1985). Testing for qualitative interactions between treatment effects and patient subsets. Biometrics 41, 361-372.
    Piantadosi, S. and Gail, M. H. (1993). A comparison of the power of two tests for qualitative interactions. Stat. Med. 12, 1239-1248.

    Examples
    --------
    By prompt p, a is ahead by .1, .2, .3 on three tasks, t = .2 / (.1 / sqrt 3) = 3.4641 and one-sided p = .0371; by q behind by as much: times
    two prompts p = .0742.

    >>> rows = [(m, t, p, s * (m == "a")) for p, sign in (("p", 1), ("q", -1)) for t, s in zip("xyz", (.1 * sign, .2 * sign, .3 * sign)) for m in "ab"]
    >>> long = pd.DataFrame(rows, columns=["model", "task", "prompt", "score"])
    >>> found = over_prompts(Scores.from_frame(long)).frame.iloc[0]
    >>> f"{found['pvalue_reversal']:.4f}", int(found["prompts_a_ahead"]), found["survives"]
    ('0.0742', 1, 'undecided')
    """
    levels = levels_of(scores, "prompt")
    shared = levels.names if levels is not None and not levels.lacking(scores.models) else ()
    if levels is None or len(shared) < 2:
        raise InputError(
            "the models were not all asked with two prompts or more in common: expected a score by every prompt, from `embsig run --prompts FILE` "
            "or a long table with a column 'prompt'"
        )
    both = crossed(scores, groups=groups, control=control, correction=correction, confidence_level=1 - alpha)
    pairs = both.pairs
    by_prompt, towards_a, towards_b = _by_each(scores, levels, groups, control)
    reversal = np.minimum(1.0, len(shared) * np.maximum(towards_a.min(axis=0), towards_b.min(axis=0)))
    reversed_ = adjust(reversal, correction)
    adjusted = np.asarray(pairs.pvalue_adjusted)
    least, greatest = by_prompt.argmin(axis=0), by_prompt.argmax(axis=0)
    rows = np.arange(by_prompt.shape[1])
    names = np.asarray(shared, dtype=object)
    frame = pd.DataFrame(
        {
            "model_a": [pairs.models[i] for i in pairs.first],
            "model_b": [pairs.models[i] for i in pairs.second],
            "difference": pairs.difference, "low": pairs.low, "high": pairs.high, "pvalue_adjusted": adjusted,
            "prompts": len(shared), "prompts_a_ahead": ((by_prompt > 0) == scores.higher_is_better).sum(axis=0),
            "least": by_prompt[least, rows], "least_prompt": names[least],
            "greatest": by_prompt[greatest, rows], "greatest_prompt": names[greatest],
            "pvalue_reversal": reversed_,
            "survives": np.where(reversed_ <= alpha, NO, np.where(adjusted <= alpha, YES, UNDECIDED)),
        }
    )  # fmt: skip
    return OverPrompts(frame, tuple(shared))


def _by_each(scores: Scores, levels: Levels, groups: Groups, control: str | None) -> tuple[Floats, Floats, Floats]:
    """Mean difference of every pair by each prompt, shape (n_prompts, n_pairs), and one-sided p that it is above and below 0."""
    units = task_units(scores, groups)
    means, above, below = [], [], []
    for i in range(len(levels.names)):
        table = scores.table.copy()
        for model in scores.models:
            table[model] = levels.values[model][:, i]
        pairs = Pairs.of(Scores.build(table, scores.tasks, higher_is_better=scores.higher_is_better), control)
        difference = pairs.summary()[1]
        spread = variance_over_tasks(pairs, units, difference)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(difference == 0, 0.0, difference / np.sqrt(spread.variance))
        means.append(difference)
        above.append(stdtr(spread.df, -t))
        below.append(stdtr(spread.df, t))
    return np.array(means), np.nan_to_num(above, nan=1.0), np.nan_to_num(below, nan=1.0)
