"""What other tools say about the tables of ``docs/examples``: ``PEERS/bin/python docs/comparison/measure.py > docs/comparison/measured.json``.

Run it with the Python of an environment that has the peers (docs/comparison/requirements.txt), and embsig's own numbers with
``--ours`` where embsig is installed. Every entry has the version and the day. A peer that is not there is left out.
"""

import argparse
import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

DEMSAR = Path(__file__).resolve().parents[1] / "examples" / "demsar.csv"


def table() -> pd.DataFrame:
    """Demsar's table, rows data sets."""
    return pd.read_csv(DEMSAR, index_col=0)


def pairs(matrix: pd.DataFrame) -> dict[str, float]:
    """The p-value of every pair of a square table."""
    return {f"{a} - {b}": round(float(matrix.loc[a, b]), 4) for a, b in combinations(table().columns, 2)}


def scikit_posthocs() -> dict[str, Any]:
    """Wilcoxon with Holm, Nemenyi and Conover."""
    import scikit_posthocs as sp

    scores = table()
    long = scores.melt(var_name="model", value_name="score")
    return {
        "wilcoxon, holm": pairs(sp.posthoc_wilcoxon(long, val_col="score", group_col="model", p_adjust="holm")),
        "nemenyi": pairs(sp.posthoc_nemenyi_friedman(scores)),
        "conover, holm": pairs(sp.posthoc_conover_friedman(scores, p_adjust="holm")),
    }


def autorank() -> dict[str, Any]:
    """What it chooses by itself, and without the choice."""
    from autorank import autorank as rank

    found = {}
    for name, options in {"its choice": {}, "forced nonparametric": {"force_mode": "nonparametric"}}.items():
        result = rank(table(), alpha=0.05, verbose=False, **options)
        found[name] = {
            "omnibus": result.omnibus,
            "posthoc": result.posthoc,
            "pvalue": round(float(result.pvalue), 4),
            "cd": None if result.cd is None else round(float(result.cd), 4),
        }
    return found


def aeon() -> dict[str, Any]:
    """Its pairwise Wilcoxon tests, which are one-sided by default."""
    from aeon.benchmarking.stats import wilcoxon_test

    scores = table()
    values = wilcoxon_test(scores.to_numpy(), list(scores.columns))
    turned = wilcoxon_test(scores.to_numpy(), list(scores.columns), lower_better=True)
    named = [pd.DataFrame(v, index=scores.columns, columns=scores.columns) for v in (values, turned)]
    return {"wilcoxon, greater": pairs(named[0]), "wilcoxon, less": pairs(named[1])}


def evalci() -> dict[str, Any]:
    """Its comparison of two columns."""
    import evalci as tool

    found = tool.compare(table()["C4.5+m"].tolist(), table()["C4.5"].tolist())
    return {"C4.5+m - C4.5": str(found)}


def siggate() -> dict[str, Any]:
    """Its gate on two columns."""
    import siggate as tool

    return {"C4.5 to C4.5+m": tool.compare(table()["C4.5"].tolist(), table()["C4.5+m"].tolist(), name="auc").summary()}


def embsig() -> dict[str, Any]:
    """Ours on the same table."""
    import embsig as ours

    found = {}
    for name, options in {
        "default (wilcoxon, max-t)": {},
        "wilcoxon, holm": {"correction": "holm"},
        "nemenyi": {"test": "nemenyi"},
        "conover, holm": {"test": "conover", "correction": "holm"},
    }.items():
        frame = ours.compare(table(), rng=0, **options).pairs
        got = {frozenset((r.model_a, r.model_b)): r.pvalue_adjusted for r in frame.itertuples()}
        found[name] = {
            f"{a} - {b}": round(float(got[frozenset((a, b))]), 4) for a, b in combinations(table().columns, 2)
        }
    return found


PEERS: dict[str, Callable[[], dict[str, Any]]] = {
    "scikit-posthocs": scikit_posthocs,
    "autorank": autorank,
    "aeon": aeon,
    "evalci": evalci,
    "siggate": siggate,
}


def main() -> None:
    """Print what is measured here as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", action="store_true")
    chosen = {"embsig": embsig} if parser.parse_args().ours else PEERS
    warnings.simplefilter("ignore")
    found = {}
    for name, run in chosen.items():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found[name] = {"version": version(name), "date": f"{datetime.now(UTC):%Y-%m-%d}", "says": run()}
        except (PackageNotFoundError, ImportError) as missing:
            print(f"{name}: {missing}", file=sys.stderr)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
