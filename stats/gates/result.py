"""What a gate decided: its claims, its verdict, and the one line that says both."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pandas as pd

from ..common import text
from ..common.jsonable import plain, records

Verdict = Literal["ACCEPT", "REJECT", "UNDECIDED"]
#: Verdict -> how the command ends; 2 is an input error's.
EXIT_CODES: Mapping[str, int] = {"ACCEPT": 0, "REJECT": 1, "UNDECIDED": 3}
#: Of the samples that changed, so many of either side are written out.
MOST_FLIPS = 20


@dataclass(frozen=True)
class Claim:
    """What is claimed of one set of tasks by one metric.

    Attributes
    ----------
    scope : str
        Of what: ``all tasks``, a family, a task; with several metrics, with the metric's name.
    level : str
        ``tasks``, ``samples`` or ``both``: what else the verdict speaks about.
    margin : float
        In the scores' units.
    n_tasks, n_units : int
        Tasks, and what is taken as independent: tasks or groups of them, or samples.
    unit : str
        What a unit is called.
    baseline, candidate : float
        Mean scores over the tasks.
    difference, low, high : float
        By how much the candidate is better, as the mean over units, and the interval that holds for all claims at once; negative where it is
        worse, also of scores of which lower is better. The ends are infinite where so few units say nothing.
    verdict : {"ACCEPT", "REJECT", "UNDECIDED"}
        ACCEPT: the interval lies above -margin. REJECT: below. UNDECIDED: it holds -margin.
    more_if_equal, more_as_observed : int or None
        Of an undecided claim, how many more units would decide it 80 % of the time, if the two are equally good, and if the difference is
        the one observed; None where the claim is decided or that is out of reach.
    """

    scope: str
    level: str
    margin: float
    n_tasks: int
    n_units: int
    unit: str
    baseline: float
    candidate: float
    difference: float
    low: float
    high: float
    verdict: Verdict
    more_if_equal: int | None = None
    more_as_observed: int | None = None

    @property
    def places(self) -> int:
        """Decimals that suit these scores and this margin."""
        return max(text.places([self.baseline, self.candidate]), len(f"{self.margin:g}".partition(".")[2]))

    @property
    def shown(self) -> str:
        """Difference and interval as a text."""
        return (
            f"{text.fixed(self.difference, self.places, signed=True)} "
            f"{text.interval(self.low, self.high, self.places, signed=True)}"
        )

    @property
    def needed(self) -> str:
        """What would decide an undecided claim."""
        if self.verdict != "UNDECIDED":
            return ""
        cases = (
            (self.more_if_equal, "if the two are equally good"),
            (self.more_as_observed, "if the difference is as observed"),
        )
        said = [f"{text.count(n, f'more {self.unit}')} {when}" for n, when in cases if n is not None]
        if not said:
            return f"no number of {text.plural(self.unit)} within reach would decide"
        return f"to decide 80 % of the time takes about {', '.join(said)}"


@dataclass(frozen=True, eq=False, repr=False)
class Gate:
    """Whether a candidate may take the place of a baseline; made by `gate`.

    Attributes
    ----------
    baseline, candidate : str
    verdict : {"ACCEPT", "REJECT", "UNDECIDED"}
        ACCEPT where every claim is accepted, REJECT where one is rejected, else UNDECIDED.
    claims : tuple of Claim
        All of them hold together with probability 1 - alpha.
    alpha : float
    method : str
        Exactly what was done.
    flips : DataFrame
        At the level of samples, a row a sample that changed, the largest loss first: ``task, split, subset, sample``, the scores ``baseline``
        and ``candidate`` (NaN where the metric is not a mean over samples), ``change`` (positive: better; by how much it moves the
        task's score where the metric is not a mean). Empty at other levels.
    notes : tuple of str
        What else must be known.
    bytes_per_vector : mapping of str to float
        Of both models, where the source is a run of several dimensions or precisions; else empty.

    Examples
    --------
    The differences are all .1, far above a loss of .01:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> gate = embsig.gate(scores, baseline="b", candidate="a", margin=0.01)
    >>> gate.verdict, gate.exit_code
    ('ACCEPT', 0)
    >>> float(round(gate.claims[0].difference, 3))
    0.1
    """

    baseline: str
    candidate: str
    verdict: Verdict
    claims: tuple[Claim, ...]
    alpha: float
    method: str
    flips: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: Sequence[str] = ()
    bytes_per_vector: Mapping[str, float] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 ACCEPT, 1 REJECT, 3 UNDECIDED."""
        return EXIT_CODES[self.verdict]

    @property
    def deciding(self) -> Claim:
        """The claim that the verdict hangs on: of those that have the gate's verdict, the one whose interval reaches furthest down."""
        return min((c for c in self.claims if c.verdict == self.verdict), key=lambda c: c.low + c.margin)

    @property
    def n_worse(self) -> int:
        """How many samples got worse."""
        return int((self.flips["change"] < 0).sum()) if len(self.flips) else 0

    @property
    def n_better(self) -> int:
        """How many samples got better."""
        return int((self.flips["change"] > 0).sum()) if len(self.flips) else 0

    def to_frame(self) -> pd.DataFrame:
        """One row a claim."""
        return pd.DataFrame([asdict(c) for c in self.claims])

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings; infinite ends are None; of the samples that changed the largest changes."""
        found = {
            name: getattr(self, name) for name in ("verdict", "exit_code", "baseline", "candidate", "alpha", "method")
        }
        flips: dict[str, Any] = {"n_worse": self.n_worse, "n_better": self.n_better, "worse": [], "better": []}
        if len(self.flips):
            changed = self.flips
            flips["worse"] = records(changed[changed["change"] < 0].head(MOST_FLIPS))
            flips["better"] = records(changed[changed["change"] > 0].iloc[::-1].head(MOST_FLIPS))
        return {
            **plain(found), "text": str(self), "claims": records(self.to_frame()), "flips": flips, "notes": list(self.notes),
            "bytes_per_vector": dict(self.bytes_per_vector),
        }  # fmt: skip

    @property
    def _size(self) -> str:
        """How much smaller the candidate's vectors are, where that is known."""
        if not self.bytes_per_vector:
            return ""
        old, new = self.bytes_per_vector[self.baseline], self.bytes_per_vector[self.candidate]
        if old == new:
            return ""
        change = f"{text.percent(round(1 - new / old, 2))} smaller" if new < old else f"{new / old:,.2g} times as large"
        return f", {change} ({new:,.0f} bytes a vector instead of {old:,.0f}),"

    def __str__(self) -> str:
        claim, level = self.deciding, text.percent(round(1 - self.alpha, 10))
        where = f" ({claim.scope})" if len(self.claims) > 1 else ""
        by, who = f"{claim.margin:g}", f"{self.candidate}{self._size}"
        says = {
            "ACCEPT": f"{who} is not worse than {self.baseline} by {by} or more",
            "REJECT": f"{who} is worse than {self.baseline} by more than {by}",
            "UNDECIDED": f"{who} may or may not be worse than {self.baseline} by {by}",
        }[self.verdict]
        if self.verdict == "ACCEPT" and claim.low > 0:
            says = f"{who} is better than {self.baseline}"
        over = text.count(claim.n_tasks, "task") if claim.n_tasks > 1 or claim.unit == "task" else ""
        if claim.unit != "task":
            over = f"{text.count(claim.n_units, claim.unit)}{f' of {over}' if over else ''}"
        together = f"; {len(self.claims)} claims hold jointly" if len(self.claims) > 1 else ""
        needed = f"; {claim.needed}" if claim.needed else ""
        return f"{self.verdict}: {says}{where}: {claim.shown} ({level} CI, {over}{together}){needed}"

    def __repr__(self) -> str:
        return (
            f"Gate({self.verdict}, {self.candidate} against {self.baseline}, {text.count(len(self.claims), 'claim')})"
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self), *self.notes], self.to_frame())
