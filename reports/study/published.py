"""What the paper published beside one's own results."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from stats import Comparison

#: The paper's baseline, against which it tests its other designs.
BASELINE = "model-1"


def beside_the_paper(
    against: Comparison,
    means: Mapping[str, Sequence[float]],
    significant: Mapping[str, Sequence[str]],
    models: Sequence[str],
) -> pd.DataFrame:
    """Put the paper's family means beside one's own.

    Parameters
    ----------
    against : Comparison
        With the paper's first model as control, and with families.
    means : mapping of str to sequence of float
        Family -> published means of `models`, as fractions.
    significant : mapping of str to sequence of str
        Family -> the models that the paper marks as different from its first one.
    models : sequence of str
        The paper's models; the first is the baseline.

    Returns
    -------
    DataFrame
        One row per family and model: ``family, model, published_mean, published_difference, published_significant, mean,
        difference, low, high, n, pvalue_adjusted, same_direction``; differences are from the baseline, and
        ``same_direction`` is missing where either is zero.
    """
    rows = []
    for family, published in means.items():
        own = against.families.get(family)
        if own is None:
            continue
        ranks = own.ranks.set_index("model")["mean"]
        pairs = {row["model_a"]: row for row in own.pairs.to_dict("records") if row["model_b"] == models[0]}
        for model, mean in zip(models[1:], published[1:], strict=True):
            if model not in pairs:
                continue
            pair = pairs[model]
            theirs, ours = mean - published[0], float(pair["difference"])
            rows.append(
                {
                    "family": family,
                    "model": model,
                    "published_mean": mean,
                    "published_difference": round(theirs, 4),
                    "published_significant": model in significant[family],
                    "mean": ranks[model],
                    "difference": ours,
                    **{key: pair[key] for key in ("low", "high", "n", "pvalue_adjusted")},
                    "same_direction": None if theirs == 0 or ours == 0 else bool(np.sign(theirs) == np.sign(ours)),
                }
            )
    return pd.DataFrame(rows)


def paper_sentence(published: pd.DataFrame) -> str:
    """Say in one sentence how far the directions agree with the paper's, and what that is worth."""
    if published.empty:
        return "None of the paper's comparisons can be set beside these."
    same = published["same_direction"].eq(True)
    marked = published["published_significant"]
    return (
        f"Of the paper's {len(published)} family differences from model 1 (Mistral-7B), {int(same.sum())} point the same way here, "
        f"of the {int(marked.sum())} it marks as significant {int((same & marked).sum())}: a base of a few million parameters shows "
        "the method and cannot speak for a 7B model."
    )
