"""One true table, written in every way that people write tables."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

TASKS = ["STS12", "STS13", "SciFact", "NFCorpus", "ArguAna", "Banking77Classification"]
MODELS = ["acme/embed-large", "acme/embed-small", "orion/e-mistral", "zeta/mini"]
#: Scores with four decimals; no mean, sum or rank of the others among them.
TRUE = pd.DataFrame(
    [
        [0.5702, 0.5103, 0.5598, 0.4969],
        [0.7053, 0.6696, 0.7079, 0.6579],
        [0.5017, 0.4659, 0.5036, 0.4619],
        [0.5699, 0.5164, 0.5738, 0.5178],
        [0.8677, 0.8378, 0.8788, 0.8115],
        [0.5323, 0.4911, 0.5228, 0.4702],
    ],
    index=TASKS,
    columns=MODELS,
)
#: Rounded once more, as papers print them, in points.
POINTS = (TRUE * 100).round(2)


def _ranks(table: pd.DataFrame) -> pd.Series:
    return table.rank(axis=1, ascending=False).mean(axis=0)


#: Kind -> rows below (or columns beside) the tasks: name, scores of the models.
AGGREGATES: dict[str, Callable[[pd.DataFrame], list[tuple[str, pd.Series]]]] = {
    "none": lambda t: [],
    "average": lambda t: [("Average", t.mean())],
    "unnamed mean": lambda t: [("Everything", t.mean())],
    "average and rank": lambda t: [("Avg.", t.mean()), ("Avg. rank", _ranks(t))],
    "sum": lambda t: [("Total", t.sum())],
    "rank of the average": lambda t: [("Mean", t.mean()), ("Rank", t.mean().rank(ascending=False))],
    "a group's": lambda t: [("STS avg", t.iloc[:2].mean()), ("Overall", t.mean())],
}
#: Style of cells -> how a score is written, the factor of what should be read, whether numbers stay numbers.
CELLS: dict[str, tuple[Callable[[float], Any], float]] = {
    "fractions": (lambda x: f"{x:.4f}", 1.0),
    "points": (lambda x: f"{100 * x:.2f}", 100.0),
    "bold": (lambda x: f"**{x:.4f}**" if x > 0.7 else f"{x:.4f}", 1.0),
    "errors": (lambda x: f"{100 * x:.2f} ± 0.40", 100.0),
    "brackets": (lambda x: f"{100 * x:.2f} (0.40)", 100.0),
    "percent": (lambda x: f"{100 * x:.2f}%", 1.0),
    "decimal commas": (lambda x: f"{x:.4f}".replace(".", ","), 1.0),
    "LaTeX": (lambda x: rf"\textbf{{{100 * x:.2f}}}" if x > 0.7 else rf"${100 * x:.2f}_{{\pm 0.4}}$", 100.0),
    "marks": (lambda x: f"{x:.4f}†" if x > 0.7 else f"{x:.4f}", 1.0),
}
HEADINGS = {
    "task": ["task", "Task", "dataset", "Dataset", "DATASET_NAME", "task_name", "Benchmark"],
    "model": ["model", "Model", "classifier_name", "Method", "ALGORITHM", "system", "model_name"],
    "score": ["score", "accuracy", "main_score", "Value", "metric_value"],
}


def grid(orientation: str, cells: str, aggregate: str, heading: int = 0) -> list[list[str]]:
    """Heading and rows, as text."""
    write = CELLS[cells][0]
    task, model, score = (HEADINGS[k][heading % len(HEADINGS[k])] for k in ("task", "model", "score"))
    more = AGGREGATES[aggregate](TRUE)
    rows = [(t, TRUE.loc[t]) for t in TASKS] + more

    def written(name: str, value: float) -> str:
        ranked = "rank" in name.lower()
        return (
            f"{value:.2f}"
            if ranked and cells not in ("decimal commas",)
            else f"{value:.2f}".replace(".", ",")
            if ranked
            else write(value)
        )

    if orientation == "long":
        return [[model, task, score], *([m, name, written(name, row[m])] for name, row in rows for m in MODELS)]
    wide = [[task, *MODELS], *([name, *(written(name, row[m]) for m in MODELS)] for name, row in rows)]
    if orientation == "rows are tasks":
        return wide
    wide[0][0] = model
    return [list(row) for row in zip(*wide, strict=True)]


def _delimited(rows: list[list[str]], separator: str) -> bytes:
    quoted = [[f'"{c}"' if separator in c else c for c in row] for row in rows]
    return ("\n".join(separator.join(row) for row in quoted) + "\n").encode()


def _markdown(rows: list[list[str]]) -> bytes:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""]).encode()


def _latex(rows: list[list[str]]) -> bytes:
    def escaped(cell: str) -> str:
        return cell if "\\" in cell else cell.replace("%", r"\%").replace("_", r"\_").replace("±", r"$\pm$")

    body = [" & ".join(escaped(c) for c in row) + r" \\" for row in rows]
    parts = [
        r"\begin{tabular}{l" + "r" * (len(rows[0]) - 1) + "}",
        r"\toprule",
        body[0],
        r"\midrule",
        *body[1:],
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(parts).encode()


def _html(rows: list[list[str]]) -> bytes:
    body = ["<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows]
    return ("<html><body><table>" + "\n".join(body) + "</table></body></html>").encode()


def _records(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _number(cell: str) -> str | None:
    """A cell that a spreadsheet holds as a number."""
    try:
        return repr(float(cell))
    except ValueError:
        return None


def _zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def excel(rows: list[list[str]], names: tuple[str, ...] = ("Sheet1",)) -> bytes:
    """The least workbook that is one, each sheet with the same rows."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{n}</v></c>" if (n := _number(c)) else f'<c t="inlineStr"><is><t>{escape(c)}</t></is></c>'
            for c in row
        )
        + "</row>"
        for row in rows
    )
    numbered = list(enumerate(names, 1))
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
            + "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in numbered)
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
                for i, _ in numbered
            )
            + "</Relationships>",
            **{
                f"xl/worksheets/sheet{i}.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"
                for i, _ in numbered
            },
        }
    )


def open_document(rows: list[list[str]]) -> bytes:
    """The least OpenDocument sheet that is one."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="float" office:value="{n}"/>'
            if (n := _number(c))
            else f'<table:table-cell office:value-type="string"><text:p>{escape(c)}</text:p></table:table-cell>'
            for c in row
        )
        + "</table:table-row>"
        for row in rows
    )
    return _zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<office:document-content xmlns:office="{oasis}:office:1.0" xmlns:table="{oasis}:table:1.0" '
            f'xmlns:text="{oasis}:text:1.0"><office:body><office:spreadsheet><table:table table:name="T">{cells}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{oasis}:manifest:1.0"/>',
        }
    )


def _parquet(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(out, index=False)
    return out.getvalue()


#: Ending -> how rows are written.
FORMATS: dict[str, Callable[[list[list[str]]], bytes]] = {
    ".csv": lambda rows: _delimited(rows, ","),
    "semicolons.csv": lambda rows: _delimited(rows, ";"),
    "excel-de.csv": lambda rows: b"sep=;\r\n" + _delimited(rows, ";").replace(b"\n", b"\r\n"),
    "utf-16.csv": lambda rows: _delimited(rows, "\t").decode().encode("utf-16"),
    "bom.csv": lambda rows: b"\xef\xbb\xbf" + _delimited(rows, ","),
    "titled.csv": lambda rows: b"Results of the main experiment\n\n" + _delimited(rows, ","),
    ".tsv": lambda rows: _delimited(rows, "\t"),
    ".md": _markdown,
    ".tex": _latex,
    ".html": _html,
    ".json": lambda rows: json.dumps(_records(rows)).encode(),
    ".jsonl": lambda rows: "\n".join(json.dumps(r) for r in _records(rows)).encode(),
    ".parquet": _parquet,
    ".xlsx": excel,
    ".ods": open_document,
}


def expected(cells: str) -> pd.DataFrame:
    """What is to be read of a style of cells."""
    factor = CELLS[cells][1]
    return TRUE if factor == 1 else pd.DataFrame(np.round(TRUE.to_numpy() * factor, 2), TRUE.index, TRUE.columns)
