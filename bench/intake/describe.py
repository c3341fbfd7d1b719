"""What MTEB knows about the tasks of a table, and which of them a benchmark asks for."""

from dataclasses import replace

import pandas as pd

from stats.common.errors import InputError
from stats.common.text import listing
from stats.scores import Scores

from ..sources.definitions import Definitions, TaskDefinition
from ..sources.task_information import task_table
from .account import Account


def describe(scores: Scores, definitions: Definitions, benchmark: str | None, account: Account) -> Scores:
    """Say what MTEB knows about the tasks of a plain table, and reduce it to a benchmark's tasks if one is named."""
    provenance = dict(scores.provenance)
    if scores.tasks["group"].notna().any():
        provenance["own_groups"] = True
    known: dict[str, TaskDefinition] = {}
    if benchmark is not None:
        known = {t.name: t for t in definitions.benchmark(benchmark)}
        here = [t for t in known if t in scores.table.index]
        if not here:
            raise InputError(
                f"no task of {benchmark} among the {scores.n_tasks} tasks ({', '.join(scores.task_names[:3])}, ...)"
            )
        # Tasks that nobody has stay, empty: whoever compares is told that they are missing.
        scores = replace(
            scores.select(tasks=here),
            table=scores.table.reindex(list(known)),
            tasks=scores.tasks.reindex(list(known)),
        )
        provenance["benchmark"] = definitions.benchmark_name(benchmark)
    else:
        known = {n: t for n in scores.task_names if (t := definitions.task(n)) is not None}
        if known and 2 * len(known) < scores.n_tasks:
            # Where most tasks are foreign, one that is called as in mteb ("NQ") may be another: no family of it.
            account.note(
                f"{listing(list(known), 3)} {'has' if len(known) == 1 else 'have'} the name of an MTEB task, "
                "the other tasks have not: taken as other data, without a family"
            )
            known = {}
    if not known:
        return replace(scores, provenance=provenance)
    described = task_table([known[n] for n in scores.task_names if n in known]).reindex(scores.table.index)
    if benchmark is None:
        # A bare name does not say which subsets a score of several is the mean of.
        single = [n in known and len(known[n].pairs) == 1 for n in scores.task_names]
        for column in ("n_samples", "languages"):
            described[column] = pd.Series(
                [v if one else None for v, one in zip(described[column], single, strict=True)],
                described.index,
                dtype=object,
            )
    described = described.drop(columns="current_revision")
    tasks = scores.tasks.astype(object).where(scores.tasks.notna(), described.reindex(columns=scores.tasks.columns))
    for column in described.columns.difference(scores.tasks.columns):
        tasks[column] = described[column]
    provenance["definitions"] = f"mteb {definitions.mteb_version}"
    return replace(
        Scores.build(
            scores.table,
            tasks,
            cells=scores.cells,
            provenance=provenance,
            higher_is_better=scores.higher_is_better,
            unit=scores.unit,
        ),
        excluded=scores.excluded,
    )
