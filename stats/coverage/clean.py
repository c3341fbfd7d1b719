"""Clean comparisons: every pair only on tasks that neither of its models was trained on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError
from ..common.text import count
from ..decisions import Decisions, max_t
from ..resampling.resampler import Groups
from ..scores import Scores, as_scores

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CleanComparison:
    """The decisions on all tasks beside those on clean ones.

    Attributes
    ----------
    pairs : DataFrame
        One row per pair, in the order of the scores: ``model_a, model_b, n, difference, verdict, n_clean, difference_clean, low_clean,
        high_clean, verdict_clean, turned, unknown``. Differences are of means, a minus b; the interval is the simultaneous one of the test.
        ``turned`` says that the mean difference has the other sign on the clean tasks. ``unknown`` says that the training data of one of the
        two are not known: its tasks count as clean, and if it was trained on all of them nothing can be said of the pair.
    n_tasks : int
    n_models : int
    unknown : tuple of str
        Models whose training data are not known.
    method : str

    Examples
    --------
    It is made from what mteb's registry knows; a table of one's own is refused:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> try:
    ...     embsig.clean_comparison(embsig.as_scores(scores), rng=0)
    ... except embsig.InputError as error:
    ...     print(str(error)[:60])
    nothing is known about what these models were trained on: re
    """

    pairs: pd.DataFrame
    n_tasks: int
    n_models: int
    unknown: tuple[str, ...]
    method: str

    def to_frame(self) -> pd.DataFrame:
        """The table of pairs."""
        return self.pairs

    def among(self, models: list[str]) -> "CleanComparison":
        """Only the pairs of these models; the decisions stay those of all."""
        shown = self.pairs[self.pairs["model_a"].isin(models) & self.pairs["model_b"].isin(models)]
        unknown = tuple(m for m in self.unknown if m in set(models))
        return replace(self, pairs=shown.reset_index(drop=True), n_models=len(models), unknown=unknown)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "method": self.method,
            "n_tasks": self.n_tasks,
            "n_models": self.n_models,
            "unknown": list(self.unknown),
            "pairs": self.pairs.to_dict("records"),
        }

    def sentences(self) -> list[str]:
        """What the clean tasks change."""
        sure = self.pairs[~self.pairs["unknown"]]
        said = []
        if len(sure):
            there = _decided(sure, "verdict_clean")
            said.append(
                f"On tasks that neither model was trained on (a median of {sure['n_clean'].median():.0f} of {self.n_tasks:,}), "
                f"{int(sure['turned'].sum()):,} of {count(len(sure), 'pair')} whose training data are known change their order; "
                f"{there:,} {'is' if there == 1 else 'are'} decided there, {_decided(sure, 'verdict'):,} on all tasks."
            )
        if len(sure) < len(self.pairs):
            lacking = len(self.unknown)
            said.append(
                f"What {count(lacking, 'model')} of {self.n_models:,} {'was' if lacking == 1 else 'were'} trained on is not known: of "
                f"{count(len(self.pairs) - len(sure), 'pair')} with one of them, the clean verdict holds only if it was trained on none of "
                "the tasks; if it was trained on all of them, nothing can be said."
            )
        return said

    def __str__(self) -> str:
        return " ".join(self.sentences())

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(self.sentences(), self.pairs)


def clean_comparison(
    scores: Scores,
    *,
    alpha: float = 0.05,
    n_resamples: int = 10_000,
    groups: Groups = True,
    rng: int | np.random.Generator | None = None,
) -> CleanComparison:
    """Decide about every pair on all tasks, and on the tasks that neither of its models was trained on.

    Which tasks a model was trained on is what its makers disclosed in mteb's registry (`Scores.cells`, column ``trained_on``). A pair of
    models that disclose more is compared on fewer tasks, not put lower: nobody is punished for disclosing. Both tables of decisions are by joint
    sign flips (see `stats.decisions.max_t`), each with its own family-wise error rate.

    Parameters
    ----------
    scores : Scores
        With ``cells`` that have ``trained_on``.
    alpha, n_resamples, groups, rng
        As in `stats.decisions.max_t`.

    Returns
    -------
    CleanComparison

    Raises
    ------
    InputError
        If nothing is known about what the models were trained on.

    References
    ----------
    Sainz, O. et al. (2023). NLP evaluation in trouble: on the need to measure LLM data contamination for each benchmark. EMNLP Findings.

    Examples
    --------
    A table of one's own says nothing about training data, and is refused:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> try:
    ...     embsig.clean_comparison(embsig.as_scores(scores), rng=0)
    ... except embsig.InputError as error:
    ...     print(str(error)[:60])
    nothing is known about what these models were trained on: re
    """
    scores = as_scores(scores)
    trained, known = training_of(scores)
    if not known.any():
        raise InputError(
            "nothing is known about what these models were trained on: read the scores from MTEB results (mteb's registry says it), or "
            "compare on all tasks"
        )
    options: dict[str, Any] = {"alpha": alpha, "n_resamples": n_resamples, "groups": groups, "rng": rng}
    whole = max_t(scores, **options)
    clean_scores = scores.with_values(np.where(trained, np.nan, scores.values))
    clean = max_t(clean_scores, **options)
    return CleanComparison(
        pairs=_pairs(whole, clean, known),
        n_tasks=scores.n_tasks,
        n_models=scores.n_models,
        unknown=tuple(m for m, k in zip(scores.models, known, strict=True) if not k),
        method=f"all tasks, and those that neither was trained on: each {whole.method}",
    )


def training_of(scores: Scores) -> tuple[Flags, Flags]:
    """Whether a model was trained on a task, shape (n_tasks, n_models), and whether that is known of a model, shape (n_models,)."""
    shape = (scores.n_tasks, scores.n_models)
    if scores.cells is None or "trained_on" not in scores.cells:
        return np.zeros(shape, dtype=bool), np.zeros(scores.n_models, dtype=bool)
    wide = scores.cells.pivot(index="task", columns="model", values="trained_on").reindex_like(scores.table)
    known = wide.notna().to_numpy()
    return np.asarray(wide.eq(True).to_numpy(), dtype=bool), np.asarray(known.any(axis=0), dtype=bool)


def _pairs(whole: Decisions, clean: Decisions, known: Flags) -> pd.DataFrame:
    names = np.asarray(whole.models, dtype=object)
    with np.errstate(invalid="ignore"):
        turned = whole.mean_difference * clean.mean_difference < 0
    return pd.DataFrame(
        {
            "model_a": names[whole.first],
            "model_b": names[whole.second],
            "n": whole.n,
            "difference": whole.mean_difference,
            "verdict": whole.verdict,
            "n_clean": clean.n,
            "difference_clean": clean.mean_difference,
            "low_clean": clean.low,
            "high_clean": clean.high,
            "verdict_clean": clean.verdict,
            "turned": turned,
            "unknown": ~(known[whole.first] & known[whole.second]),
        }
    )


def _decided(pairs: pd.DataFrame, column: str) -> int:
    return int(pairs[column].isin(["a", "b"]).sum())
