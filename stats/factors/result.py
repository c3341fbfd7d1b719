"""What a factorial analysis found."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

#: Tables of the result, in the order they are shown.
TABLES = ("contrasts", "by_family", "aligned_ranks", "mixed", "variance", "not_estimable")
#: What stands for all tasks where a family of them may stand.
OVERALL = "overall"


@dataclass(frozen=True, eq=False, repr=False)
class FactorialResult:
    """Which design choice matters, overall and for which task family; made by `factorial`.

    Attributes
    ----------
    method : dict
        The exact methods, level and seed.
    levels : dict
        Factor -> its levels, the reference first.
    contrasts : DataFrame
        One row per contrast and family (``overall`` for all tasks): ``family, kind, factor, a, b, at, contexts, n,
        difference, mean_difference, low, high, statistic, pvalue, pvalue_adjusted, significant, win, tie, loss``. `difference` is a
        minus b over n tasks in the estimand of the test (``method["estimand"]``), with its interval; ``kind`` is ``main``, ``simple`` or ``interaction``. Adjusted within a family and kind.
    by_family : DataFrame
        Whether an effect depends on the family of tasks (see `family_effects`): ``kind, factor, a, b, at, n, families,
        statistic, pvalue, pvalue_adjusted, pvalue_permutation, significant, best_family, most, worst_family, least``; ``kind`` is
        ``overall`` (all models together), ``design`` (a model against the first) or a contrast's.
    not_estimable : DataFrame
        ``kind, factor, a, b, reason``: what these models cannot answer.
    aligned_ranks : DataFrame
        ``family, effect, statistic, df1, df2, pvalue``: the aligned rank transform.
    mixed : DataFrame
        ``family, factor, a, b, difference, low, high, statistic, pvalue``: additive effects of the mixed model.
    variance : DataFrame
        ``family, component, variance``: its variance components.
    conclusions : list of str
        What was found, one sentence each: main effects, interactions, effects within families, and whether they depend on the family.
    about : list of str
        Of each conclusion the family of tasks that it is about, ``overall`` where it is about all of them or about several.
    warnings : list of str
        What must be known beside them: families too small to compare within, differences that are strongly skewed.

    Examples
    --------
    Pooling mean is .1 better than pooling eos on every task:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> design = pd.DataFrame({"pooling": ["mean", "eos"]}, index=["a", "b"])
    >>> found = embsig.factorial(scores, design)
    >>> float(abs(found.contrasts.loc[0, "difference"]).round(3))
    0.1
    """

    method: dict[str, Any]
    levels: dict[str, list[str]]
    contrasts: pd.DataFrame
    not_estimable: pd.DataFrame
    aligned_ranks: pd.DataFrame
    mixed: pd.DataFrame
    variance: pd.DataFrame
    by_family: pd.DataFrame = field(default_factory=pd.DataFrame)
    conclusions: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def main_effects(self, family: str = "overall") -> pd.DataFrame:
        """The main effects in one family, or over all tasks."""
        chosen = (self.contrasts["kind"] == "main") & (self.contrasts["family"] == family)
        return self.contrasts[chosen].reset_index(drop=True)

    def conclusions_by_scope(self) -> tuple[list[str], list[str]]:
        """The conclusions about all tasks, or several families of them, and those about one family."""
        told = list(zip(self.about, self.conclusions, strict=True))
        return [said for family, said in told if family == OVERALL], [
            said for family, said in told if family != OVERALL
        ]

    def to_frame(self) -> pd.DataFrame:
        """All contrasts."""
        return self.contrasts.copy()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings; NaN becomes None."""
        return {
            "method": self.method,
            "levels": self.levels,
            **{name: _records(getattr(self, name)) for name in TABLES},
            "conclusions": self.conclusions,
            "about": self.about,
            "warnings": self.warnings,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "FactorialResult":
        """The inverse of `to_dict`."""
        tables: dict[str, Any] = {}
        for name in TABLES:
            table = pd.DataFrame(content.get(name, []), columns=COLUMNS[name])
            for column in set(NUMBERS) & set(table):
                table[column] = table[column].astype(np.float64)
            tables[name] = table
        rest = {key: content[key] for key in ("method", "levels", "conclusions", "warnings")}
        about = content.get("about", [OVERALL] * len(rest["conclusions"]))  # not said by results of an earlier version
        return cls(**rest, **tables, about=about)

    def __str__(self) -> str:
        shown = self.contrasts[self.contrasts["kind"] != "simple"]
        columns = ["family", "factor", "a", "b", "n", "difference", "low", "high", "pvalue", "pvalue_adjusted"]
        return (
            "\n".join(self.conclusions) + "\n\n" + shown[columns].to_string(index=False, float_format="{:.4f}".format)
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(self.conclusions, self.contrasts, most=40, warnings=self.warnings)


COLUMNS = {
    "contrasts": [
        "family",
        "kind",
        "factor",
        "a",
        "b",
        "at",
        "contexts",
        "n",
        "difference",
        "mean_difference",
        "low",
        "high",
        "statistic",
        "pvalue",
        "pvalue_adjusted",
        "significant",
        "win",
        "tie",
        "loss",
    ],
    "by_family": [
        "kind",
        "factor",
        "a",
        "b",
        "at",
        "n",
        "families",
        "statistic",
        "pvalue",
        "pvalue_adjusted",
        "pvalue_permutation",
        "significant",
        "best_family",
        "most",
        "worst_family",
        "least",
    ],
    "aligned_ranks": ["family", "effect", "statistic", "df1", "df2", "pvalue"],
    "mixed": ["family", "factor", "a", "b", "difference", "low", "high", "statistic", "pvalue"],
    "variance": ["family", "component", "variance"],
    "not_estimable": ["kind", "factor", "a", "b", "reason"],
}
#: Columns that may hold NaN, which JSON writes as null.
NUMBERS = (
    "difference",
    "mean_difference",
    "low",
    "high",
    "statistic",
    "pvalue",
    "pvalue_adjusted",
    "pvalue_permutation",
    "variance",
    "most",
    "least",
)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(k): (None if isinstance(v, float) and np.isnan(v) else v) for k, v in row.items()}
        for row in table.astype(object).to_dict("records")
    ]
