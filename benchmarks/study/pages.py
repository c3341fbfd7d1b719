"""What the documentation shows of the study's archive: its tables, the examples' files, and the trained columns of the suite's tables."""

import tempfile
from pathlib import Path

import pandas as pd

from bench.study import Archive, read_archive
from bench.study.protocol import FACTORIAL
from stats.common.writing import csv_text, write_whole

from ..suite.untrained import untrained_scores
from .tables import tables, write_into

#: The two designs that the examples compare: the paper's first, and the plainest of those that see both ways.
_TWO = ("model-1", "mean+bidirectional")
#: A heading of the suite's tables -> the model's name in the examples.
_HEADINGS = {"base, untrained": "untrained"}
_QUERIES = "DocstringsSymbolicsRetrieval"


def write_pages(folder: str | Path, docs: Path, *, untrained: Path | None = None) -> list[Path]:
    """Write ``study.md``, the columns of the study's models in ``suite.md`` and ``examples/suite.csv``, and the study's examples.

    Parameters
    ----------
    folder : path-like
        An archive.
    docs : Path
    untrained : Path, optional
        Where the untrained models are evaluated, or were; without it, their columns stay as they are.

    Returns
    -------
    list of Path
        What was written.
    """
    archive = read_archive(folder)
    examples = docs / "examples"
    write_into(docs / "study.md", tables(folder))
    first = archive.table[(archive.table["seed"] == 0) & archive.table["variant"].isin(_TWO)]
    scores = {(v, _short(t)): s for v, t, s in zip(first["variant"], first["task"], first["score"], strict=True)}
    if untrained is not None:
        scores |= {(model, _short(task)): score for (model, task), score in untrained_scores(untrained).items()}
    _suite(scores, docs / "suite.md", examples / "suite.csv")
    design = pd.DataFrame.from_dict(dict(FACTORIAL), orient="index", columns=["pooling", "attention"])
    written = {
        "variants.csv": _scores(archive),
        "variants-design.csv": design.rename_axis("model").reset_index(),
        "seeds.csv": _seeds(archive),
        "ndcg.csv": _queries(archive),
    }
    for name, frame in written.items():
        write_whole(examples / name, csv_text(frame))
    return [docs / "study.md", docs / "suite.md", examples / "suite.csv", *(examples / name for name in written)]


def _short(task: str) -> str:
    return task.removeprefix("Docstrings")


def _scores(archive: Archive) -> pd.DataFrame:
    """Means over training seeds."""
    means = archive.table.groupby(["variant", "task", "family"], sort=False)["score"].mean().reset_index()
    means = means.assign(task=means["task"].map(_short)).rename(columns={"variant": "model"})
    return means.sort_values(["model", "family", "task"]).round(4)


def _seeds(archive: Archive) -> pd.DataFrame:
    """Every training seed of two designs."""
    kept = archive.table[archive.table["variant"].isin(_TWO)]
    kept = kept.assign(task=kept["task"].map(_short)).rename(columns={"variant": "model"})
    return kept.sort_values(["model", "task", "seed"])[["model", "task", "seed", "family", "score"]].round(5)


def _queries(archive: Archive) -> pd.DataFrame:
    """nDCG@10 of the first seed of two designs, a row a query."""
    with tempfile.TemporaryDirectory() as place:
        samples = archive.expand(place, tasks=[_QUERIES])
        columns = {m: samples.read(_QUERIES, f"{m}/seed-0").set_index("sample")["score"] for m in _TWO}
    table = pd.DataFrame(columns).round(5)
    table.index = pd.Index([f"q{i}" for i in range(len(table))], name="query")
    return table.reset_index()


def _suite(scores: dict[tuple[str, str], float], page: Path, example: Path) -> None:
    """Replace the scores of these models in the suite's tables of baselines."""
    models = {model for model, _ in scores}
    lines: list[str] = []
    columns: dict[int, str] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = line.split("|")
        if line.startswith("| task |"):
            named = {i: cell.strip().removesuffix(", trained") for i, cell in enumerate(cells)}
            columns = {i: _HEADINGS.get(name, name) for i, name in named.items()}
            columns = {i: name for i, name in columns.items() if name in models}
        elif not line.startswith("|"):
            columns = {}
        for i, model in columns.items():
            if (found := scores.get((model, cells[1].strip()))) is not None:
                cells[i] = f" {found:.3f} ".replace("0.", ".")
        lines.append("|".join(cells))
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = pd.read_csv(example)
    found = [scores.get((m, t)) for m, t in zip(table["model"], table["task"], strict=True)]
    table["score"] = [old if new is None else round(new, 3) for new, old in zip(found, table["score"], strict=True)]
    write_whole(example, csv_text(table.assign(score=table["score"].map("{:.3f}".format))))
