"""Method: exactly what an analysis did."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from ..common.text import PLAIN, Text, percent
from ..posthoc.corrections import CORRECTIONS, Correction
from .tests import TESTS, Estimand, Test
from .tests.base import no_pvalue


@dataclass(frozen=True, kw_only=True)
class Method:
    """Exactly what an analysis did, never "auto".

    Attributes
    ----------
    test, correction : str
        By the names that `compare` takes.
    alpha, confidence_level : float
    level : str
        What was resampled: ``"tasks"``, ``"samples"`` or ``"both"``.
    population : str
        What the p-values and intervals speak about, in words.
    resamples, seed : int
    test_name : str
        The test with its null distribution.
    zero_method : str or None
        What Wilcoxon's test did about zeros.
    rope : float or None
        Of a Bayesian test.
    alternative, interval, effect_size, rank_set, statistic : str
    groups : bool
        Whether groups of tasks were units.
    missing : str
        The policy for missing scores.
    smallest_adjusted_pvalue : float
        The smallest adjusted p-value that any data could have given.
    bonferroni_dunn_critical_difference : float or None
        With a control.
    estimand : {"mean", "pseudo-median", "win rate", "mean rank"}
        What the test says something about.
    units : str
        What is taken as independent: ``"tasks"``, ``"groups of tasks"``, ``"samples"``, or ``"tasks and samples"``.
    n_units : int
        How many there are; of samples drawn within tasks, the number of these tasks.
    families : {"joint", "separate"}
        Whether the claims about all tasks and about every family hold together, or each by itself.
    margin : float
        Differences within it do not matter.

    Examples
    --------
    What was done is named, never auto:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> comparison.method.test, comparison.method.correction, comparison.method.n_units
    ('wilcoxon', 'max-t', 6)
    """

    test: str
    correction: str
    alpha: float
    confidence_level: float
    level: str
    population: str
    resamples: int
    seed: int
    test_name: str
    zero_method: str | None
    rope: float | None = None
    alternative: str
    interval: str
    effect_size: str
    rank_set: str
    statistic: str
    groups: bool
    missing: str
    smallest_adjusted_pvalue: float
    bonferroni_dunn_critical_difference: float | None = None
    estimand: Estimand = "mean"
    units: str = "tasks"
    n_units: int = 0
    families: str = "separate"
    margin: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Field by field; the Bonferroni-Dunn critical difference only where there is one."""
        found = asdict(self)
        if self.bonferroni_dunn_critical_difference is None:
            del found["bonferroni_dunn_critical_difference"]
        return found

    @classmethod
    def from_dict(cls, found: dict[str, Any], *, n_tasks: int = 0) -> "Method":
        """Read what `to_dict` wrote; files from before the estimand and the units were noted get those of their test."""
        known = {f.name for f in fields(cls)}
        older: dict[str, Any] = {"estimand": facts_of(found["test"]).estimand, "n_units": n_tasks}
        if found.get("groups"):
            older["units"] = "groups of tasks"
        return cls(**{name: value for name, value in (older | found).items() if name in known})

    def __getitem__(self, name: str) -> Any:
        return self.to_dict()[name]

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)

    @property
    def facts(self) -> Test:
        """Everything that is said about the test."""
        return facts_of(self.test)

    @property
    def correction_facts(self) -> Correction:
        """Everything that is said about the correction."""
        found = CORRECTIONS.get(self.correction)
        return found if found is not None else Correction(self.correction, self.correction, self.correction, "none")

    @property
    def percent(self) -> str:
        """The confidence level: ``95 %``."""
        return percent(self.confidence_level)

    @property
    def references(self) -> list[str]:
        """Works that the test and its correction are from."""
        return list(dict.fromkeys([*self.facts.references, *self.correction_facts.references]))

    def caption(self, text: Text = PLAIN, *, level: bool = True) -> str:
        """Test, side, correction and level, as every sentence, table, figure and page says them.

        Parameters
        ----------
        text : Text
            The style.
        level : bool
            Whether the significance level is said.

        Returns
        -------
        str
            ``Wilcoxon signed-rank test, Holm-corrected, alpha = 0.05``.
        """
        parts = [self.facts.title]
        if self.alternative != "two-sided":
            parts.append(f"one-sided ({self.alternative})")
        if not self.facts.has_pvalues:
            return ", ".join(parts + ([f"probability {1 - self.alpha:g} or more"] if level else []))
        if phrase := self.correction_facts.phrase:
            parts.append(phrase)
        if level:
            parts.append(f"{text.alpha} = {self.alpha:g}")
        return ", ".join(parts)


def facts_of(test: str) -> Test:
    """What is said about a test; of one that is not registered here (of a saved comparison), its name alone."""
    found = TESTS.get(test)
    return found if found is not None else Test(test, f"{test} test", "statistic", "mean", _gone, no_pvalue)


def _gone(*_: Any) -> Any:
    raise LookupError("a saved comparison's test is not run again")
