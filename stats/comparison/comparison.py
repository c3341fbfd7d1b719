"""Comparison: everything one analysis found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from ..auditing._audit import Audit
from ..common import text
from ..common.jsonable import plain, records
from ..coverage import Coverage
from ..factors.result import FactorialResult
from ..scores import Scores
from .finding import GROUPS, Findings
from .method import Method
from .presentation import presentation


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Everything one analysis found; made by `compare`.

    Attributes
    ----------
    method : Method
        Exactly what was done: ``method.test``, ``method.correction``, ``method.seed``, ...
    scores : Scores
        What was compared: the models in rank order, complete under the policy for missing scores.
    excluded : mapping
        ``{"models": {name: reason}, "tasks": {name: reason}}``.
    omnibus : dict
        ``friedman`` with ``statistic, df, pvalue``; ``iman_davenport`` with ``statistic, df1, df2, pvalue``; where scores
        are missing, ``skillings_mack`` with ``statistic, df, pvalue``; for small tables ``friedman_exact``; further ones
        likewise. Each has its ``method`` and ``n_tasks``.
    nemenyi_critical_difference : float
        Mean ranks that differ by it or more differ by Nemenyi's test at ``alpha``.
    ranks : DataFrame
        One row per model, best first: ``model, mean, mean_low, mean_high, mean_rank, rank, rank_low, rank_high,
        in_top_set``, then ``mean_rank_low, mean_rank_high``. ``rank`` is the position by mean rank (equal mean ranks
        share the better one), and ``rank_low``-``rank_high`` is the simultaneous confidence set for the same
        thing: from 1 + the number of models surely better to the number of models less those surely worse; ``in_top_set`` says that none
        is surely better. The intervals of means hold all at once, so also that of the first; those of mean ranks each by itself.
    pairs : DataFrame
        One row per pair, in rank order: ``model_a, model_b, n, difference, low, high, statistic, pvalue,
        pvalue_adjusted, significant, effect_size, win, tie, loss`` and ``low_marginal, high_marginal, verdict, mean_difference``, then
        ``hodges_lehmann, hodges_lehmann_low, hodges_lehmann_high, d_z, common_language, skewness`` and what the test adds. ``difference``
        is a minus b in the test's estimand; ``low, high`` hold together for all pairs, and a pair is ``significant`` exactly where they
        exclude 0; ``verdict`` says which is better, ``a`` or ``b``, ``equivalent`` or ``undecided``; ``low_marginal, high_marginal`` are the
        pair's by itself; ``mean_difference`` is mean a minus mean b; ``effect_size`` is the matched-pairs rank-biserial
        correlation; ``win`` counts the tasks on which a is better. With a control, b is the control.
    cliques : list of list of str
        Maximal runs in rank order without a significant pair; empty with a control.
    uncovered_pairs : list of tuple of str
        Pairs that are not significant and share no clique; empty with a control.
    conclusions, warnings : list of str
        Sentences.
    smallest_pvalue : float
        The smallest p-value that this test can reach on so many tasks, before correction.
    control : str or None
    families : dict
        A Comparison per task family with two tasks or more; a family's own is empty.
    audit : Audit or None
        What makes the scores incomparable.
    provenance : dict
        Where the scores came from, and with what the analysis was run.
    design : FactorialResult or None
        Which design choice matters, where a design was given.
    coverage : Coverage or None
        Which models were compared on which tasks of those asked for, and what other choices would have given; of all tasks together.
    further : dict of dict of Finding
        What other methods say of all tasks together, by group and name, each with its method, source and n: ``rankings``
        (``borda, mean, bradley_terry, model_confidence_set``), ``agreement`` (``tasks, families``), ``effects``
        (``pairs``), ``planning`` (``minimum_detectable_effect, required_tasks, power``), ``variance`` (``seeds,
        training_runs, replicates``), ``prediction`` (``incomplete_models, new_task``), ``robustness`` (``rules``), ``clean``
        (``clean_tasks``), ``cost`` (``n_parameters, n_active_parameters``); those that were asked for and that these scores allow.
    n_pool : int
        Number of models analysed; more than `n_models` where only the best are shown.
    top_set : list of str
        The models of the whole pool that none is surely better than.
    powerless : bool
        Whether no pair could have been decided, whatever the signs of the differences.

    Examples
    --------
    All six tasks favour a by .1, so p = 2 / 2^6:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> float(comparison.pairs.loc[0, "pvalue"])
    0.03125
    >>> comparison.top_set
    ['a']
    """

    method: Method
    scores: Scores
    excluded: Mapping[str, Mapping[str, str]]
    omnibus: dict[str, dict[str, Any]]
    nemenyi_critical_difference: float
    ranks: pd.DataFrame
    pairs: pd.DataFrame
    cliques: list[list[str]]
    uncovered_pairs: list[tuple[str, str]]
    conclusions: list[str]
    warnings: list[str]
    smallest_pvalue: float
    control: str | None = None
    families: dict[str, "Comparison"] = field(default_factory=dict)
    audit: Audit | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    design: FactorialResult | None = None
    coverage: Coverage | None = None
    further: Findings = field(default_factory=lambda: {group: {} for group in GROUPS})
    n_pool: int = 0
    top_set: list[str] = field(default_factory=list)
    powerless: bool = False

    @property
    def n_tasks(self) -> int:
        """Number of tasks compared on."""
        return self.scores.n_tasks

    @property
    def n_models(self) -> int:
        """Number of models shown: those compared, or the best of them."""
        return self.scores.n_models

    @property
    def places(self) -> int:
        """Decimals in which scores and their differences are shown."""
        return text.places(self.ranks["mean"])

    @property
    def mean_ranks(self) -> list[str]:
        """Mean ranks in rank order, as they are shown."""
        return text.ranks(self.ranks["mean_rank"])

    def to_dict(self, *, pairs: bool = True) -> dict[str, Any]:
        """Everything but the scores as dictionaries, lists, strings and numbers; undefined and infinite are None.

        Parameters
        ----------
        pairs : bool
            False: without what is said of every pair; ``pairs_left_out`` is their number.
        """
        found: dict[str, Any] = {
            "method": self.method.to_dict(),
            "n_tasks": self.n_tasks,
            "n_models": self.n_models,
            "n_pool": self.n_pool,
            "excluded": {kind: dict(names) for kind, names in self.excluded.items()},
            "read": dict(self.scores.provenance.get("read", {})),
            "omnibus": self.omnibus,
            "nemenyi_critical_difference": self.nemenyi_critical_difference,
            "smallest_pvalue": self.smallest_pvalue,
            "control": self.control,
            "ranks": records(self.ranks),
            "pairs": records(self.pairs) if pairs else [],
            **({} if pairs else {"pairs_left_out": len(self.pairs)}),
            "top_set": list(self.top_set),
            "powerless": self.powerless,
            "cliques": [list(c) for c in self.cliques],
            "uncovered_pairs": [list(p) for p in self.uncovered_pairs] if pairs else [],
            "conclusions": list(self.conclusions),
            "warnings": list(self.warnings),
            "families": {name: part.to_dict(pairs=pairs) for name, part in self.families.items()},
            "audit": None if self.audit is None else self.audit.to_dict(),
            "provenance": self.provenance,
            "coverage": None if self.coverage is None else self.coverage.to_dict(),
            "design": None if self.design is None else self.design.to_dict(),
            **{group: {name: f.to_dict() for name, f in named.items()} for group, named in self.further.items()},
        }
        done = ("ranks", "pairs", "families")
        return {key: value if key in done else plain(value) for key, value in found.items()}

    def summary(self) -> str:
        """Return a paragraph as a paper's results section prints it.

        Returns
        -------
        str
            What was compared and what was left out, the test with its correction, n, intervals and effect size; the
            omnibus test; who is best, who differs from whom, who cannot be told apart, and the warnings.
        """
        return str(_rendered("sentences.paragraph", "summarise")(self))

    def plot(self, kind: str = "critical-difference", ax: Any = None, **options: Any) -> Any:
        """Draw one figure.

        Parameters
        ----------
        kind : str
            A key of `reports.PLOTS`: ``critical-difference, rank-intervals, forest, comparison-matrix, ...``.
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        **options
            Go to the figure's function: ``plot("forest", ...)`` is ``embsig.forest(comparison, ...)``.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        InputError
            If there is no such kind; the nearest one is suggested.
        """
        return presentation().plot(self, kind, ax, **options)

    def report(self, path: str | PathLike[str] = "report.html", **options: Any) -> Path:
        """Write one self-contained HTML page: verdict, figures, tables, methods and provenance.

        Parameters
        ----------
        path : path-like
        **options
            Go to `embsig.html_report`: ``samples, title, command``.

        Returns
        -------
        Path
            Where the page is.
        """
        return presentation().report(self, path, **options)

    def explore(self, *, height: int = 720, **options: Any) -> Any:
        """Show the report's page in a notebook, where models can be pinned, searched and filtered.

        What is chosen in the page is an attribute of the widget, and what is assigned to the attribute is chosen in the page:
        ``pinned`` (a model's name, or None), ``search`` (parts of names) and ``families`` (names of task families; empty: all
        tasks). ``observe`` calls a function when one changes. A saved notebook keeps the table, which is shown where there is
        no kernel, and not the page; the page loads nothing from a network.

        Parameters
        ----------
        height : int
            Height of the widget in pixels; its lower edge can be dragged.
        **options
            Go to `embsig.html_report`: ``samples, title, command, cards``.

        Returns
        -------
        anywidget.AnyWidget

        Raises
        ------
        InputError
            If anywidget is not installed (``pip install 'embsig[notebook]'``); if a model or family that is assigned is not in the
            comparison.

        Examples
        --------
        Pin a model, and read which one is pinned:

        >>> import embsig
        >>> import pandas as pd
        >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
        >>> explorer = embsig.compare(scores, rng=0).explore()
        >>> explorer.pinned = "b"
        >>> explorer.pinned
        'b'
        """
        return presentation().explore(self, height=height, **options)

    def to_latex(self, **options: Any) -> str:
        """Return the ranking as a LaTeX table (booktabs, siunitx), or another table (``table=``).

        Parameters
        ----------
        **options
            Go to `embsig.latex_table`: ``families, points, caption, label, table``.
        """
        return presentation().to_latex(self, **options)

    def to_markdown(self, **options: Any) -> str:
        """Return the ranking as a Markdown table, or another table (``table=``).

        Parameters
        ----------
        **options
            Go to `embsig.markdown_table`: ``pairs, table``.
        """
        return presentation().to_markdown(self, **options)

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything, the scores included, to one file that `load` reads back exactly.

        Parameters
        ----------
        path : path-like
            JSON; compressed where it ends in ``.gz``.
        """
        _rendered("saving", "save")(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Comparison":
        """Read what `save` wrote.

        Raises
        ------
        InputError
            If the file is not a saved comparison, or is of a newer version.
        """
        found: Comparison = _rendered("saving", "load")(path)
        return found

    def __repr__(self) -> str:
        test = f"{self.method.test}, {self.method.correction}"
        return f"Comparison({self.n_models} models, {self.n_tasks} tasks, {test}, {len(self.families)} families)"

    def __str__(self) -> str:
        return str(_rendered("sentences.plain", "as_text")(self))

    def _repr_html_(self) -> str:
        return str(_rendered("sentences.plain", "as_html")(self))


def _rendered(module: str, function: str) -> Callable[..., Any]:
    """What shows, saves or loads a comparison, found when it is asked for: those modules know this one, not the reverse."""
    found: Callable[..., Any] = getattr(import_module(f".{module}", __package__), function)
    return found
