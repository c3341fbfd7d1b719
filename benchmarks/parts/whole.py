"""A whole analysis beside those of autorank and evalstats: 60 models, and 183."""

import contextlib
import io
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.harness import Options, Row, against, peer
from benchmarks.parts.pairs import absent
from stats import compare

#: evalstats compares pair by pair: of many models it is timed on the pairs of so few.
_FEW = 8


def drawn(k: int, n: int) -> pd.DataFrame:
    """Scores of k models on n tasks, models a little apart."""
    rng = np.random.default_rng(0)
    values = rng.normal(0.6, 0.1, (n, 1)) + rng.normal(0, 0.03, (n, k)) + np.linspace(0, 0.2, k)
    return pd.DataFrame(values, [f"t{i}" for i in range(n)], [f"m{j}" for j in range(k)]).rename_axis("task")


def quietly(call: Callable[[], object]) -> Callable[[], None]:
    """The call without what it prints and warns of."""

    def run() -> None:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            call()

    return run


def run(options: Options) -> list[Row]:
    """Ours does all pairs with simultaneous intervals, rank sets, cliques, omnibus tests and sentences."""
    rows, tools = [], {name: peer(name) for name in ("autorank", "evalstats")}
    rounds = 1 if options.tiny else options.rounds
    for k in (4,) if options.tiny else (60, 183):
        frame = drawn(k, 9 if options.tiny else 41)
        few = min(k, _FEW)
        scale = k * (k - 1) / (few * (few - 1))
        values, names = frame.to_numpy().T, list(frame.columns)
        rank, stats = tools["autorank"], tools["evalstats"]
        work = f"`compare`, {k} x {len(frame)}"

        def ours(frame: pd.DataFrame = frame) -> None:
            compare(frame, rng=0)

        theirs = None if rank is None else quietly(lambda f=frame, r=rank: r.autorank(f, verbose=False))
        rows.append(
            against(
                work, "autorank: Friedman and Nemenyi", ours, theirs, rounds=rounds, missing=absent("autorank", rank)
            )
        )
        theirs = (
            None if stats is None else quietly(lambda v=values, m=names, s=stats, n=few: s.all_pairwise(v[:n], m[:n]))
        )
        note = (
            f"theirs on {few * (few - 1) // 2:,} of {k * (k - 1) // 2:,} pairs, which it goes through one by one"
            if scale > 1
            else ""
        )
        rows.append(
            against(
                work,
                "evalstats: all_pairwise",
                ours,
                theirs,
                scale=scale,
                rounds=rounds,
                note=note,
                missing=absent("evalstats", stats),
            )
        )
    return rows
