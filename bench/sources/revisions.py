"""Which file speaks for a model on a task, where several revisions were evaluated: mteb's rule.

``mteb.results.BenchmarkResults.join_revisions``: the registry's revision, then a file with an mteb version,
then one that is not self-reported, then the newest mteb version, then the user's own results before downloaded
ones. mteb leaves ties to the order of the file system; here the newest date decides them, then the revision's name.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from packaging.version import InvalidVersion, Version

from .definitions import Definitions

Integers = npt.NDArray[np.int64]

#: Revisions that name no revision. `EXTERNAL` holds scores that the model's authors reported themselves.
EXTERNAL = "external"
UNKNOWN = "no_revision_available"


@lru_cache(maxsize=4096)
def parse_version(text: str | None) -> Version | None:
    """Parse an mteb version; None for none, or for a range such as ``2.12.0-2.13.1``."""
    try:
        return None if text is None else Version(text)
    except InvalidVersion:
        return None


def choose(files: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Choose one file for every (model, task).

    Parameters
    ----------
    files : DataFrame
        One row per file, with the columns ``model, task, revision, mteb_version, date, remote, file``.
    definitions : Definitions
        Says which revision is a model's main one.

    Returns
    -------
    DataFrame
        The chosen rows, with the columns ``n_revisions`` (of this model on this task) and ``main_revision``
        (bool: the one in mteb's registry) added.
    """
    (model, _), (task, tasks) = (pd.factorize(files[column], sort=True) for column in ("model", "task"))
    pair = model.astype(np.int64) * max(len(tasks), 1) + task
    counts = np.ones(len(files), np.int64)
    # Nearly every task was evaluated once: only the others are put in order.
    several = pd.Series(pair).duplicated(keep=False).to_numpy()
    best, counts[several] = _first_and_counts(files[several], pair[several], definitions)
    at = np.concatenate([np.flatnonzero(~several), np.flatnonzero(several)[best]])
    at = at[np.argsort(pair[at], kind="stable")]
    chosen = files.iloc[at].reset_index(drop=True)
    main = chosen["revision"].eq(chosen["model"].map(definitions.models))
    return chosen.assign(main_revision=main, n_revisions=counts[at])


def _first_and_counts(files: pd.DataFrame, pair: Integers, definitions: Definitions) -> tuple[Integers, Integers]:
    """Of rivals: where the first of each pair of model and task stands, and how many revisions there are beside each file."""
    versions = {v: parse_version(v) for v in files["mteb_version"].dropna().unique()}
    order = {v: i for i, v in enumerate(sorted({v for v in versions.values() if v is not None}), 1)}
    rank = files["mteb_version"].map({text: order.get(v, 0) for text, v in versions.items() if v is not None})
    rank = rank.fillna(0).astype(int)
    main = files["revision"].eq(files["model"].map(definitions.models))
    named = ~files["revision"].isin([EXTERNAL, UNKNOWN])
    ranked = pd.DataFrame(
        {
            "pair": pair,
            "priority": (1000 * main + 100 * (rank > 0) + 10 * named).to_numpy(),
            "version": rank.to_numpy(),
            "date": days(files).to_numpy(),
            **{column: files[column].to_numpy() for column in ("remote", "revision", "file")},
        }
    )
    counts = ranked.groupby("pair", sort=False)["revision"].transform("nunique")
    ranked = ranked.sort_values(
        ["pair", "priority", "version", "remote", "date", "revision", "file"],
        ascending=[True, False, False, True, False, True, True],
        kind="stable",
    )
    return ranked.index.to_numpy()[~ranked["pair"].duplicated()], counts.to_numpy()


def days(files: pd.DataFrame) -> "pd.Series[float]":
    """Return the file's date as days since 1970, whether it is written in ISO format or in seconds; 0 for none."""
    seconds = pd.to_numeric(files["date"], errors="coerce")
    written = pd.to_datetime(files["date"].where(seconds.isna()), errors="coerce", utc=True, format="ISO8601")
    days = (written - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
    return (seconds / 86400).fillna(days).fillna(0.0)
