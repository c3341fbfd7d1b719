"""What a table was understood as, before aggregates are set aside and tasks are turned."""

from dataclasses import dataclass, field

from stats.scores import Scores


@dataclass(frozen=True)
class Understood:
    """Scores as they stand in the table.

    Attributes
    ----------
    scores : Scores
    directions : dict of str to bool
        Task -> whether higher is better, of tasks that the table says it of by a column, a metric or an arrow.
    """

    scores: Scores
    directions: dict[str, bool] = field(default_factory=dict)
