"""Which samples got worse and which better."""

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..levels import deciding_samples
from ..samples import Samples
from ..ties import differences

#: Leaving out each sample of a metric that is not a mean takes time quadratic in their number.
MAX_NOT_MEAN = 2_000


def flips(samples: Samples, baseline: str, candidate: str, *, higher_is_better: bool) -> tuple[pd.DataFrame, list[str]]:
    """Every sample whose score changed, the largest loss first, and notes on tasks of which that is not known.

    Parameters
    ----------
    samples : Samples
    baseline, candidate : str
    higher_is_better : bool

    Returns
    -------
    DataFrame
        ``task, split, subset, sample, baseline, candidate, change``; see `Gate.flips`.
    list of str
    """
    parts, notes = [], []
    for task in samples.tasks:
        try:
            part = _of_means(samples, task, baseline, candidate)
        except InputError:  # no score a sample: by how much the metric falls without it
            if (n := samples.task(task, [candidate]).n_samples) > MAX_NOT_MEAN:
                notes.append(f"{task}: which of its {n:,} samples changed the score most was not computed.")
                continue
            part = deciding_samples(samples, task, candidate, baseline)
            part = part.assign(baseline=np.nan, candidate=np.nan, change=part.pop("contribution")).drop(
                columns="cumulative"
            )
        parts.append(part.assign(task=task))
    columns = ["task", "split", "subset", "sample", "baseline", "candidate", "change"]
    if not parts:
        return pd.DataFrame(columns=columns), notes
    table = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    if not higher_is_better:
        table["change"] *= -1
    table = table[table["change"] != 0].sort_values("change", kind="stable").reset_index(drop=True)
    return table, notes


def _of_means(samples: Samples, task: str, baseline: str, candidate: str) -> pd.DataFrame:
    table = samples.select(tasks=[task], models=[candidate, baseline]).items(task).table
    old, new = table[baseline].to_numpy(), table[candidate].to_numpy()
    return pd.DataFrame({"sample": table.index, "baseline": old, "candidate": new, "change": differences(new, old)})
