"""What each tool can do, each cell tried or looked for: ``PEERS/bin/python docs/comparison/cells.py > cells.json``.

"yes" is a call that works on Demsar's table; "no" is that none of the package's public names, its modules and their parameters, speaks of
it (`ABOUT`). Where a name does and nothing here calls it, the cell is "?" and wants a person. Run it with the Python of an
environment that has the peers (requirements.txt), and with ``--ours`` where embsig is installed; a tool that cannot be installed is named.
"""

import argparse
import contextlib
import importlib
import inspect
import io
import json
import pkgutil
import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DEMSAR = Path(__file__).resolve().parents[1] / "examples" / "demsar.csv"
#: What is asked, and how a name that answers it reads.
ABOUT = {
    "p or interval of two models, paired": r"paired|wilcoxon|permutation|two_on",
    "all pairs of many, corrected": r"pairwise|posthoc|holm|correction|multi_compare|two_on_multiple",
    "ranks with their uncertainty": r"rank.*(conf|ci|interval|boot|dist)|boot.*rank",
    "verdict against a margin": r"margin|equivalen|inferior|min_delta|\bmei\b|rope|min_meaningful",
    "stops a stream early": r"sequential|anytime|confidence_sequence",
    "how many items or tasks are needed": r"required_n|required_tasks|power|sample_size",
    "reads MTEB results": r"mteb",
    "items in clusters count as such": r"stderr|cluster",
    "report for a pull request": r"comment|annotation|markdown",
}
#: Names that read as an answer and are none: somebody looked.
LOOKED = {
    "text_h_margin": "of a diagram's labels",
    "two_on_multiple": "one pair",
    "power_tune": "of prediction-powered inference",
    "sample_size": "an argument of a bootstrap",
}


def table() -> pd.DataFrame:
    """Demsar's table, rows data sets."""
    return pd.read_csv(DEMSAR, index_col=0)


def two() -> tuple[list[float], list[float]]:
    """C4.5 and C4.5+m."""
    return table()["C4.5"].tolist(), table()["C4.5+m"].tolist()


def evalsig_frames() -> tuple[Any, Any]:
    """The same as evalsig takes them."""
    import evalsig

    return tuple(
        evalsig.RunFrame(
            name, name, "task", "auc", [evalsig.ItemResult(f"t{i}", s, f"c{i // 2}") for i, s in enumerate(x)]
        )
        for x, name in zip(two(), ("a", "b"), strict=True)
    )


def called(module: str, name: str, *arguments: Any, **options: Any) -> Callable[[], Any]:
    """A call of a function by its name, made when it is asked for."""

    def call() -> Any:
        given = [a() if callable(a) else a for a in arguments]
        return getattr(importlib.import_module(module), name)(*given, **options)

    return call


def long() -> pd.DataFrame:
    """One row per score."""
    return table().rename_axis("task").reset_index().melt("task", var_name="model", value_name="score")


PAIRED, PAIRS, RANKS, MARGIN, EARLY, NEEDED, MTEB, CLUSTERS, COMMENT = ABOUT
array = lambda: table().to_numpy()  # noqa: E731
names = lambda: list(table().columns)  # noqa: E731
c45, c45m = (lambda: two()[0]), (lambda: two()[1])
differences = lambda: np.subtract(*reversed(two()))  # noqa: E731
PEERS: dict[str, dict[str, Callable[[], Any]]] = {
    "autorank": {
        PAIRED: called("autorank", "autorank", lambda: table()[["C4.5", "C4.5+m"]], verbose=False),
        PAIRS: called("autorank", "autorank", table, verbose=False),
        MARGIN: called("autorank", "autorank", table, approach="bayesian", rope=0.01, nsamples=1_000, verbose=False),
    },
    "scikit-posthocs": {
        PAIRED: called("scikit_posthocs", "posthoc_wilcoxon", long, val_col="score", group_col="model"),
        PAIRS: called("scikit_posthocs", "posthoc_wilcoxon", long, val_col="score", group_col="model", p_adjust="holm"),
    },
    "aeon": {
        PAIRED: called("aeon.benchmarking.stats", "wilcoxon_test", array, names),
        PAIRS: called("aeon.benchmarking.stats", "wilcoxon_test", array, names),
    },
    "baycomp": {
        PAIRED: called("baycomp", "two_on_multiple", lambda: np.array(c45()), lambda: np.array(c45m())),
        MARGIN: called("baycomp", "two_on_multiple", lambda: np.array(c45()), lambda: np.array(c45m()), rope=0.01),
    },
    "evalsig": {
        PAIRED: lambda: importlib.import_module("evalsig").compare(*evalsig_frames()),
        PAIRS: called("evalsig", "holm", lambda: np.array([0.01, 0.2])),
        MARGIN: lambda: importlib.import_module("evalsig").gate(*evalsig_frames(), min_delta=0.01),
        EARLY: called("evalsig", "sequential_gate", differences, min_n=10),
        NEEDED: called("evalsig", "required_n", 0.01, 0.03),
        CLUSTERS: lambda: importlib.import_module("evalsig").compare(*evalsig_frames(), cluster="cluster_id"),
        COMMENT: lambda: importlib.import_module("evalsig").to_markdown,
    },
    "evalstats": {
        PAIRED: called("evalstats", "pairwise_differences", lambda: array().T, 0, 1, "a", "b"),
        PAIRS: called("evalstats", "all_pairwise", lambda: array().T, names),
        RANKS: called("evalstats", "bootstrap_ranks", lambda: array().T, names),
        CLUSTERS: lambda: importlib.import_module("evalstats.core.resampling").clustered_score_paired_ci,
        MARGIN: lambda: inspect.signature(importlib.import_module("evalstats").compare).parameters[
            "min_meaningful_diff"
        ],
    },
    "siggate": {
        PAIRED: called("siggate", "compare", c45, c45m),
        PAIRS: lambda: importlib.import_module("siggate").compare_suite({"x": two(), "y": two()}),
        MARGIN: called("siggate", "compare", c45, c45m, mei=0.01),
        NEEDED: lambda: inspect.signature(importlib.import_module("siggate").compare).parameters["power"],
        COMMENT: lambda: importlib.import_module("siggate").render_comment(
            importlib.import_module("siggate").compare(*two())
        ),
    },
    "evalci": {
        PAIRED: called("evalci", "compare", c45, c45m),
        PAIRS: lambda: importlib.import_module("evalci").multi_compare,
        NEEDED: called("evalci", "power", 0.05),
        CLUSTERS: called("evalci", "cluster_ci", c45, lambda: [i // 2 for i in range(14)]),
    },
    "inspect_ai": {CLUSTERS: called("inspect_ai.scorer", "stderr", cluster="group")},
}
IMPORTED = {"scikit-posthocs": "scikit_posthocs", "aeon": "aeon.benchmarking.stats", "inspect_ai": "inspect_ai.scorer"}


def ours() -> dict[str, Callable[[], Any]]:
    """What embsig calls."""
    import embsig

    def compared() -> Any:
        return embsig.compare(table(), rng=0, margin=0.02)

    return {
        PAIRED: lambda: embsig.wilcoxon(table()),
        PAIRS: lambda: compared().pairs["pvalue_adjusted"],
        RANKS: lambda: compared().ranks["rank_low"],
        MARGIN: lambda: compared().pairs["verdict"],
        EARLY: lambda: embsig.anytime_tasks,
        NEEDED: lambda: embsig.required_tasks(table(), 0.01, rng=0),
        MTEB: lambda: embsig.read_scores,
        CLUSTERS: lambda: embsig.bootstrap(table(), groups=[f"g{i // 2}" for i in range(14)], rng=0),
        COMMENT: lambda: compared().to_markdown(),
    }


def spoken_of(package: str) -> set[str]:
    """Public names of a package: modules, what they hold, and the parameters of their functions."""
    found: set[str] = set()
    root = importlib.import_module(package)
    inside = [m.name for m in pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}.")]
    for name in [package, *inside]:
        if any(part.startswith("_") or part in ("tests", "test", "testing") for part in name.split(".")[1:]):
            continue
        found.add(name)
        try:
            module = importlib.import_module(name)
        except Exception:  # noqa: S112  # an optional part that is not installed
            continue
        for key, value in vars(module).items():
            if key.startswith("_") or not getattr(value, "__module__", "").startswith(package.split(".")[0]):
                continue
            found.add(key)
            with contextlib.suppress(TypeError, ValueError):
                found.update(inspect.signature(value).parameters)
    return found


def cells(tool: str, calls: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Every cell of one tool."""
    said: dict[str, Any] = {}
    words = None if tool == "embsig" else spoken_of(IMPORTED.get(tool, tool))
    for asked, pattern in ABOUT.items():
        if asked in calls:
            try:
                calls[asked]()
                said[asked] = "yes"
            except Exception as wrong:  # what a tool raises is its own
                said[asked] = f"? {type(wrong).__name__}: {wrong}"[:120]
        else:
            hits = sorted(w for w in words or () if re.search(pattern, w, re.IGNORECASE) and w not in LOOKED)
            said[asked] = "no" if not hits else f"? {', '.join(hits[:6])}"
    return {"version": version(tool), "date": f"{datetime.now(UTC):%Y-%m-%d}", "cells": said}


def markdown(found: dict[str, Any]) -> str:
    """The cells as a table, a tool a column."""
    tools = [f"{tool} {of['version']}" for tool, of in found.items()]
    lines = ["| | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
    for asked in ABOUT:
        lines.append(
            f"| {asked} | " + " | ".join(of["cells"][asked].replace("no", "\u2013") for of in found.values()) + " |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print what is found as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="print cells.json as a table")
    parser.add_argument("tools", nargs="*")
    asked = parser.parse_args()
    if asked.markdown:
        print(markdown(json.loads((Path(__file__).parent / "cells.json").read_text(encoding="utf-8"))), end="")
        return
    chosen = {"embsig": ours()} if asked.ours else {t: PEERS[t] for t in asked.tools or PEERS}
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {}
    for tool, calls in chosen.items():
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                found[tool] = cells(tool, calls)
            except Exception as missing:  # not installed
                found[tool] = f"not checked: {missing}"
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
