"""Every table of a comparison by its name, for callers that want one of them."""

from typing import TYPE_CHECKING

import pandas as pd

from reports.given import check_comparison
from stats.common import text
from stats.common.text import TYPESET

if TYPE_CHECKING:
    from stats import Comparison

#: Names of the further tables, and where they stand in `Comparison.further`.
FURTHER = {
    "borda": ("rankings", "borda"),
    "ranks-by-mean": ("rankings", "mean"),
    "bradley-terry": ("rankings", "bradley_terry"),
    "model-confidence-set": ("rankings", "model_confidence_set"),
    "agreement": ("agreement", "tasks"),
    "agreement-families": ("agreement", "families"),
    "effects": ("effects", "pairs"),
    "minimum-detectable-effect": ("planning", "minimum_detectable_effect"),
    "required-tasks": ("planning", "required_tasks"),
    "power": ("planning", "power"),
    "seeds": ("variance", "seeds"),
    "training-runs": ("variance", "training_runs"),
    "variance-parts": ("variance", "crossed"),
    "prompts": ("variance", "prompts"),
    "replicates": ("variance", "replicates"),
    "incomplete-models": ("prediction", "incomplete_models"),
    "new-task": ("prediction", "new_task"),
    "rules": ("robustness", "rules"),
    "clean": ("clean", "clean_tasks"),
    "size": ("cost", "n_parameters"),
    "active-size": ("cost", "n_active_parameters"),
    "vector-size": ("cost", "bytes_per_vector"),
}
NAMES = ("pairs", "ranks", "omnibus", "design", *FURTHER)
#: What makes `compare` find them.
_NEEDS = {
    "design": "a design (--design FILE)",
    "required-tasks": "an effect that matters (--effect)",
    "power": "an effect that matters (--effect)",
    "seeds": "scores of several training seeds",
    "training-runs": "scores of several training seeds",
    "variance-parts": "scores of several training seeds or prompts",
    "prompts": "scores of several prompts of every model",
    "agreement-families": "two task families or more",
    "clean": "to be asked for (--clean), and models whose training data are known",
    "size": "models whose size mteb's registry knows",
    "active-size": "models whose active size mteb's registry knows",
    "vector-size": "a run of several dimensions or precisions (embsig run --dims, --precision)",
    "incomplete-models": "details (--details), and at least 20 complete models",
}


def named_frame(comparison: "Comparison", name: str) -> tuple[pd.DataFrame, str]:
    """Return a table of the comparison, and what was done to get it.

    Parameters
    ----------
    comparison : Comparison
    name : str
        One of `NAMES`.

    Returns
    -------
    frame : DataFrame
        The table.
    words : str
        The method and its source.

    Raises
    ------
    InputError
        If there is no such table, or this comparison has none.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> frame, words = embsig.named_frame(comparison, "pairs")
    >>> frame.loc[0, ["model_a", "model_b"]].tolist(), int(frame.loc[0, "win"])
    (['a', 'b'], 6)
    """
    from stats.common.errors import InputError, unknown

    check_comparison(comparison, "named_frame")
    if name not in NAMES:
        raise unknown("table", name, NAMES)
    if name in ("pairs", "ranks"):
        return getattr(comparison, name), comparison.method.caption(TYPESET)
    if name == "omnibus":
        rows = [{"test": test, **values} for test, values in comparison.omnibus.items()]
        return pd.DataFrame(rows), "omnibus tests"
    if name == "design" and comparison.design is not None:
        return comparison.design.contrasts, "contrasts of design factors"
    group, key = FURTHER.get(name, ("", ""))
    finding = comparison.further.get(group, {}).get(key)
    if finding is None:
        needs = _NEEDS.get(name, "details (--details)")
        raise InputError(f"this comparison has no table {name!r}: it needs {needs}")
    return (
        finding.frame,
        f"{finding.method} ({finding.source}; {text.count(finding.n_tasks, comparison.scores.unit)})",
    )
