"""Does the best design depend on the family of tasks: the table of `factorial` and its sentence."""

from typing import Any

import numpy as np
import pandas as pd

from ..common import text as wording
from ..results import Floats
from ..scores import Scores
from .design import Contrast, Design
from .interaction import FamilyTest, family_test

#: Fewest tasks of a family that is tested: two say too little of their family's spread (docs/validity.md).
FEWEST = 3
#: Kinds of rows beside those of the contrasts: all models together, and every model against the first of the design.
OVERALL_KIND, DESIGN_KIND = "overall", "design"


def family_effects(
    scores: Scores, design: Design, contrasts: list[Contrast], *, alpha: float, n_resamples: int, seed: int
) -> pd.DataFrame:
    """Tests of family x design (`family_test`): overall, for every model against the first, and for every contrast.

    Parameters
    ----------
    scores : Scores
        Complete, the models in the order of the design.
    design : Design
    contrasts : list of Contrast
    alpha : float
    n_resamples, seed : int
        Of the permutations and draws.

    Returns
    -------
    DataFrame
        ``kind, factor, a, b, at, n, families, statistic, pvalue, pvalue_adjusted, pvalue_permutation, significant, best_family,
        most, worst_family, least``: `most` and `least` are the contrast's largest and smallest mean over a family's tasks, for
        the better first. Adjusted within a kind; `pvalue_permutation` is by itself, and of the permutations alone. Without rows
        where fewer than two families have three tasks.
    """
    names = large_enough(scores)
    if len(names) < 2:
        return pd.DataFrame()
    place = {name: i for i, name in enumerate(names)}
    family = np.array([place.get(name, -1) for name in scores.tasks["family"]], dtype=np.intp)
    known = family >= 0
    family = family[known]
    values = scores.values[known]
    values = values - values.mean(axis=1, keepdims=True)
    sign = 1 if scores.higher_is_better else -1
    rows: list[dict[str, Any]] = []
    for kind, group in _kinds(design, contrasts).items():
        d = values @ np.stack([weights for *_, weights in group], axis=1)
        found = family_test(values, d, family, n_resamples=n_resamples, seed=seed)
        shared = {"n": len(family), "families": len(names)}
        if kind == DESIGN_KIND:
            rows.append(
                {"kind": OVERALL_KIND, "factor": "", "a": "", "b": "", "at": ""}
                | shared
                | {"statistic": found.statistic, "pvalue": found.pvalue, "pvalue_adjusted": found.pvalue}
                | {"pvalue_permutation": found.permuted[0]}
                | {"best_family": "", "most": np.nan, "worst_family": "", "least": np.nan}
            )
        rows += _rows(kind, group, d, family, names, found, sign, shared)
    table = pd.DataFrame(rows)
    table["significant"] = table["pvalue_adjusted"] <= alpha
    return table


_Row = tuple[str, str, str, str, Floats]


def _kinds(design: Design, contrasts: list[Contrast]) -> dict[str, list[_Row]]:
    """Kind -> its contrasts, with their weights of models."""
    first, *others = design.models
    eye = np.eye(len(design.models))
    kinds: dict[str, list[_Row]] = {
        DESIGN_KIND: [("", m, first, "", eye[i + 1] - eye[0]) for i, m in enumerate(others)]
    }
    for c in contrasts:
        kinds.setdefault(c.kind, []).append((c.factor, c.a, c.b, c.at, c.weights))
    return kinds


def _rows(
    kind: str,
    group: list[_Row],
    d: Floats,
    family: np.ndarray,
    names: list[str],
    found: FamilyTest,
    sign: int,
    shared: dict[str, int],
) -> list[dict[str, Any]]:
    means = np.stack([d[family == f].mean(axis=0) for f in range(len(names))])
    best, worst = (sign * means).argmax(axis=0), (sign * means).argmin(axis=0)
    return [
        {"kind": kind, "factor": factor, "a": a, "b": b, "at": at}
        | shared
        | {"statistic": found.statistics[i], "pvalue": found.pvalues[i], "pvalue_adjusted": found.adjusted[i]}
        | {"pvalue_permutation": found.permuted[1 + i]}
        | {"best_family": names[best[i]], "most": means[best[i], i]}
        | {"worst_family": names[worst[i]], "least": means[worst[i], i]}
        for i, (factor, a, b, at, _) in enumerate(group)
    ]


def large_enough(scores: Scores) -> list[str]:
    """The families of three tasks or more."""
    sizes = scores.tasks["family"].value_counts()
    return [f for f in scores.families if sizes[f] >= FEWEST]


def left_out(scores: Scores) -> str | None:
    """What is not asked of which families, and how many tasks it takes."""
    families, asked = scores.families, large_enough(scores)
    if len(families) < 2 or len(asked) == len(families):
        return None
    sizes = scores.tasks["family"].value_counts()
    small = ", ".join(f"{f} {sizes[f]}" for f in families if f not in asked)
    if len(asked) < 2:
        return (
            f"Whether an effect depends on the family of tasks is not asked: that takes two families of {FEWEST} tasks or more, "
            f"fewer say too little of how much a family's tasks vary (tasks: {small})"
        )
    return f"Not asked whether effects are other in families of fewer than {FEWEST} tasks, which say too little of how much their tasks vary (tasks: {small})"


def say(table: pd.DataFrame, best: dict[str, str]) -> list[str]:
    """The answer in a sentence or two.

    Parameters
    ----------
    table : DataFrame
        Of `family_effects`.
    best : dict
        Family -> the model of best mean on its tasks.
    """
    if table.empty:
        return []
    overall = table[table["kind"] == OVERALL_KIND].iloc[0]
    tested = (
        f"{wording.count(int(overall['n']), 'task')} in {overall['families']} families: pseudo-F = {wording.number(float(overall['statistic']))}, "
        f"{wording.pvalue(float(overall['pvalue']))}, the larger p of two: with the families permuted among tasks, and with each drawn by its own spread"
    )
    by_family = "; ".join(
        f"{model} on {', '.join(f for f, m in best.items() if m == model)}" for model in dict.fromkeys(best.values())
    )
    if not overall["significant"]:
        said = [f"It could not be shown that the design's effect depends on the family of tasks ({tested})."]
    else:
        said = [f"The design's effect depends on the family of tasks ({tested}). Best mean: {by_family}."]
    telling = table[(table["kind"] == DESIGN_KIND) & table["significant"]]
    for row in telling.sort_values("pvalue_adjusted", kind="stable").to_dict("records"):
        said.append(
            f"{row['a']} against {row['b']} depends on the family: {row['most']:+.3f} on {row['best_family']}, "
            f"{row['least']:+.3f} on {row['worst_family']} (adjusted {wording.pvalue(float(row['pvalue_adjusted']))})."
        )
    return said
