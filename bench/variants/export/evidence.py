"""What is known about a model's scores, for its card: each against the other models, by the table of decisions."""

from stats import compare
from stats.common.errors import InputError, did_you_mean
from stats.common.text import count, listing
from stats.scores import Scores

from .card import Evidence


def evidence(scores: Scores, model: str) -> Evidence:
    """Compare the models of a source and say what it shows of one of them.

    Parameters
    ----------
    scores : Scores
    model : str
        How the scores call it.

    Raises
    ------
    InputError
        If the scores have no such model.
    """
    if model not in scores.models:
        raise InputError(
            f"the scores have no model {model!r} ({listing(scores.models, 4)}){did_you_mean(model, scores.models)}: say how they call it with "
            "--as NAME"
        )
    if scores.n_models < 2 or scores.n_tasks < 2:
        return Evidence(scores, model)
    found = compare(scores)
    ranks = found.ranks.set_index("model")
    if model not in ranks.index:
        return Evidence(
            scores, model, (f"Not compared: {dict(found.excluded['models']).get(model, 'it lacks scores')}.",)
        )
    row = ranks.loc[model]
    level = f"{found.method.confidence_level:.0%}".replace("%", " %")
    said = f"Over {count(found.n_tasks, 'task')} its mean score is {row['mean']:.4g}"
    if row["mean_low"] == row["mean_low"]:
        said += f" ({level} interval {row['mean_low']:.4g} to {row['mean_high']:.4g})"
    said += f" and its rank {row['rank']:g} of {found.n_models}"
    if row["rank_low"] == row["rank_low"]:
        said += f", between {row['rank_low']:g} and {row['rank_high']:g}"
    verdicts = _verdicts(found, model)
    told = [f"{word}: {listing(names, 6)}" for word, names in verdicts.items() if names]
    return Evidence(
        scores, model, (f"{said}.", f"By {found.method.test} with {found.method.correction}, {'; '.join(told)}.")
    )


def _verdicts(found: object, model: str) -> dict[str, list[str]]:
    """Better than, worse than and not told apart from which models."""
    said: dict[str, list[str]] = {"better than": [], "worse than": [], "not told apart from": []}
    pairs = found.pairs  # type: ignore[attr-defined]  # a Comparison
    for a, b, differs, difference in zip(
        pairs["model_a"], pairs["model_b"], pairs["significant"], pairs["difference"], strict=True
    ):
        if model in (a, b):
            ahead = (difference > 0) == (model == a)
            kind = "not told apart from" if not differs else "better than" if ahead else "worse than"
            said[kind].append(b if model == a else a)
    return said
