"""What a reader may need to be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from stats.common.tables import Rows


@dataclass(frozen=True, kw_only=True)
class Options:
    """What decides where a source can be read in two ways; `read` documents each.

    Attributes
    ----------
    benchmark : str or None
    models, tasks : tuple of str or None
        Names and shell patterns; ``!`` before one leaves out.
    rows : {"tasks", "models"} or None
    higher_is_better : bool or None
        Of tasks whose metric does not say; None is "as usual", higher.
    directions : mapping of str to bool
        Task (or pattern) -> whether higher is better.
    metric : tuple of str
        Of every task the first of these that it has.
    separator, decimal, sheet : str or None
    strict : bool
        Refuse what would be set aside.
    seeds_from_names : bool
    require_model_meta : bool or None
    progress : callable or None
    cache : bool
    qrels : Path or None
    measure : str or None
    missing_queries : {"zero", "drop"}
    samples : bool
    seeds : {"together", "separate"}
        Training runs of one variant as runs of one model, or each as a model.
    unit : {"task", "subset", "language"}
        What a row is.
    languages : tuple of str
        Only subsets in one of these languages.
    prefer : str or None
        Of MTEB results, which of two folders of one model counts.
    """

    benchmark: str | None = None
    models: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    rows: Rows | None = None
    higher_is_better: bool | None = None
    directions: Mapping[str, bool] = field(default_factory=dict)
    metric: tuple[str, ...] = ()
    separator: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    strict: bool = False
    seeds_from_names: bool = False
    require_model_meta: bool | None = None
    progress: Callable[[int, int, str], None] | None = None
    cache: bool = True
    qrels: Path | None = None
    measure: str | None = None
    missing_queries: Literal["zero", "drop"] | None = None
    samples: bool = False
    seeds: Literal["together", "separate"] = "together"
    unit: str = "task"
    languages: tuple[str, ...] = ()
    prefer: str | None = None
