"""How much the order of models depends on the rule of aggregation and on single tasks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.text import count, listing
from ..results import Floats
from ..scores import Scores, as_scores
from .removal import least_removal, most_searched, removal_for_first
from .rules import RULES, Families, Rule

#: A model that is not among so many by a rule does not become its first by a few tasks less.
_CANDIDATES = 20


@dataclass(frozen=True, eq=False)
class Robustness:
    """What the order owes to the rule and to single tasks.

    Attributes
    ----------
    rules : DataFrame
        One row per rule: ``rule, title, first, tasks_to_change_first, new_first, without``. ``tasks_to_change_first`` is the exact least
        number of tasks whose removal puts another model first or level (`without` names them); missing where no removal does, or where it takes
        more than was searched (rules that are not means, see `searched`).
    pairs : DataFrame
        One row per pair of the models shown, in the order of mean scores: ``model_a, model_b, rules_for_a, rules_for_b,
        tasks_to_change``. The last is for the mean score.
    n_tasks, n_models : int
    searched : int
        So many tasks at once were tried for rules that are not means.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> found = embsig.rank_robustness(scores)
    >>> found.n_models, found.n_tasks
    (2, 6)
    """

    rules: pd.DataFrame
    pairs: pd.DataFrame
    n_tasks: int
    n_models: int
    searched: int

    def to_frame(self) -> pd.DataFrame:
        """The table of rules."""
        return self.rules

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        rules = self.rules.astype(object).where(self.rules.notna(), None)
        return {
            "n_tasks": self.n_tasks,
            "n_models": self.n_models,
            "searched": self.searched,
            "rules": rules.to_dict("records"),
            "pairs": self.pairs.astype(object).where(self.pairs.notna(), None).to_dict("records"),
        }

    def sentences(self) -> list[str]:
        """What a reader of the ranking should know."""
        shares = self.rules["first"].value_counts()
        first = str(self.rules["first"].iloc[0])
        others = [str(m) for m in shares.index if m != first]
        said = [f"{first} is first under {int(shares[first])} of {len(self.rules)} rules of aggregation"]
        said[0] += f"; {listing(others)} under the others." if others else "."
        row = self.rules.iloc[0]
        if pd.notna(row["tasks_to_change_first"]) and row["tasks_to_change_first"] > 0:
            n = int(row["tasks_to_change_first"])
            said.append(
                f"By {row['title']}, {count(n, 'task')} of {self.n_tasks:,} decide the first place: without "
                f"{listing(list(row['without']))}, {row['new_first']} would be first or level."
            )
        turned = (self.pairs["rules_for_a"] > 0) & (self.pairs["rules_for_b"] > 0)
        if len(self.pairs) > 1:
            said.append(
                f"{int(turned.sum()):,} of {count(len(self.pairs), 'pair')} among the best {len(_models(self.pairs)):,} by mean score "
                "change their order with the rule."
            )
        return said

    def __str__(self) -> str:
        return " ".join(self.sentences())

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(self.sentences(), self.rules)


def rank_robustness(scores: Scores | pd.DataFrame, *, top: int = 20) -> Robustness:
    """Say under how many rules the first is first, and how few tasks would change that.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks with a missing score are an error. Of tasks without families the mean of family means is left out.
    top : int
        Pairs of the so many best models by mean score are compared under every rule.

    Returns
    -------
    Robustness

    Raises
    ------
    InputError
        If scores are missing, or there are fewer than two models or tasks.

    References
    ----------
    Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4, 1208-1214.
    Broderick, T., Giordano, R. and Meager, R. (2020). An automatic finite-sample robustness metric. arXiv 2011.14999.

    Examples
    --------
    a leads by .1 on one task and trails by .02 on four, so that task alone puts it first by the mean (.1 > .08).

    >>> frame = pd.DataFrame({"a": [.9, .5, .5, .5, .5], "b": [.8, .52, .52, .52, .52]}, index=list("vwxyz"))
    >>> row = rank_robustness(frame).rules.iloc[0]
    >>> row["first"], row["without"], row["new_first"]
    ('a', ('v',), 'b')
    """
    given = as_scores(scores)
    if given.n_models < 2 or given.n_tasks < 2:
        raise InputError(f"got {given.n_models} x {given.n_tasks} models and tasks: expected at least two of each")
    if given.table.isna().to_numpy().any():
        raise InputError(
            "scores are missing: every rule needs every model on every task; choose a complete block first (choose_coverage)"
        )
    values = given.values if given.higher_is_better else -given.values
    known = given.tasks["family"].notna().all() and len(given.families) > 1
    families: Families = (
        np.asarray([given.families.index(f) for f in given.tasks["family"]])
        if known
        else np.zeros(given.n_tasks, np.int64)
    )
    rules = [r for r in RULES.values() if known or r.name != "family_mean"]
    if (given.values <= 0).any() or not given.higher_is_better:
        rules = [r for r in rules if r.name != "geometric_mean"]  # of no meaning without positive scores
    totals = {rule.name: rule.total(values, families) for rule in rules}
    best = np.lexsort((np.asarray(given.models), -totals["mean"]))[:top]
    return Robustness(
        rules=pd.DataFrame([_rule_row(given, rule, values, families, totals[rule.name]) for rule in rules]).astype(
            {"tasks_to_change_first": "Int64"}
        ),
        pairs=_pair_table(given, values, families, totals, best.tolist()),
        n_tasks=given.n_tasks,
        n_models=given.n_models,
        searched=most_searched(given.n_tasks),
    )


def _rule_row(given: Scores, rule: Rule, values: Floats, families: Families, total: Floats) -> dict[str, Any]:
    order = np.lexsort((np.asarray(given.models), -total))[:_CANDIDATES].tolist()
    drop, other = removal_for_first(rule, values, families, order)
    return {
        "rule": rule.name,
        "title": rule.title,
        "first": given.models[order[0]],
        "tasks_to_change_first": pd.NA if drop is None else len(drop),
        "new_first": None if other is None else given.models[other],
        "without": () if drop is None else tuple(given.task_names[t] for t in drop),
    }


def _pair_table(
    given: Scores, values: Floats, families: Families, totals: dict[str, Floats], best: list[int]
) -> pd.DataFrame:
    rows = []
    for at, a in enumerate(best):
        for b in best[at + 1 :]:
            leads = np.asarray([t[a] - t[b] for t in totals.values()])
            drop = least_removal(RULES["mean"], values, families, a, b)
            rows.append(
                {
                    "model_a": given.models[a],
                    "model_b": given.models[b],
                    "rules_for_a": int((leads > 0).sum()),
                    "rules_for_b": int((leads < 0).sum()),
                    "tasks_to_change": pd.NA if drop is None else len(drop),
                }
            )
    return pd.DataFrame(rows).astype({"tasks_to_change": "Int64"})


def _models(pairs: pd.DataFrame) -> set[str]:
    return {*pairs["model_a"], *pairs["model_b"]}
