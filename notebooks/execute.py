"""Execute the notebooks and keep their outputs: ``python notebooks/execute.py [--check] [NAME...]``.

With ``--check`` nothing is written: each notebook is executed again, and those whose kept outputs are no longer what comes out
are named. Text is compared, numbers in it to three digits (other processors round otherwise); of a figure, that there is one.
"""

import argparse
import os
import re
import sys
from math import isclose
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
#: What a notebook reads that does not come with embsig -> the variable that says where it is, and where it is looked for.
NEEDS = {"2_reading_a_leaderboard": ("EMBSIG_RESULTS", "../shared/data/mteb-results-eng.tar.zst")}

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


def run(notebook: Any) -> Any:
    """Return the notebook as it is after its execution, without what differs between any two runs."""
    done = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    NotebookClient(done, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    for cell in done.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            # What goes to stderr is progress, and so are bars, which are widgets where ipywidgets is: they are of no use to a reader.
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr" and not _is_bar(out)]
    done.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return done


def _is_bar(out: Any) -> bool:
    """Whether an output is a progress bar: a widget without a table or page of its own."""
    data = out.get("data", {})
    return "application/vnd.jupyter.widget-view+json" in data and "text/html" not in data


def shown(notebook: Any) -> list[list[str]]:
    """Return what a reader sees of every code cell: texts, and "figure" for a picture."""
    return [[_said(out) for out in _joined(cell.outputs)] for cell in notebook.cells if cell.cell_type == "code"]


def _joined(outputs: list[Any]) -> list[Any]:
    """Join pieces of one stream: how many there are is chance."""
    joined: list[Any] = []
    for out in outputs:
        if out.output_type == "stream" and joined and joined[-1].output_type == "stream":
            joined[-1] = nbformat.v4.new_output("stream", name="stdout", text=joined[-1].text + out.text)  # type: ignore[no-untyped-call]
        else:
            joined.append(out)
    return joined


def _said(out: Any) -> str:
    if out.output_type == "stream":
        return str(out.text)
    data = out.get("data", {})
    if any(kind.startswith("image/") for kind in data):
        return "figure"
    return str(data.get("text/plain", "")) + re.sub(
        r"<style.*?</style>|<[^>]+>", " ", str(data.get("text/html", "")), flags=re.S
    )


def same(old: str, new: str) -> bool:
    """Whether two texts are equal but for the last digits of numbers."""
    if _NUMBER.sub("#", old) != _NUMBER.sub("#", new):
        return False
    pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True)
    return all(isclose(float(a), float(b), rel_tol=1e-3, abs_tol=2e-4) for a, b in pairs)


def differences(old: Any, new: Any) -> list[int]:
    """Return the numbers of the code cells, from 1, of which something else is shown now."""
    before, after = shown(old), shown(new)
    return [
        number
        for number, (a, b) in enumerate(zip(before, after, strict=True), 1)
        if len(a) != len(b) or not all(same(x, y) for x, y in zip(a, b, strict=True))
    ]


def missing(name: str) -> str | None:
    """Say what a notebook needs and does not find here."""
    if name not in NEEDS:
        return None
    variable, place = NEEDS[name]
    return None if os.environ.get(variable) or (HERE.parent / place).exists() else f"{place} (or {variable})"


def main() -> int:
    """Execute or check; exit code 1 where a notebook is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="notebooks, without their folder; default: all")
    parser.add_argument("--check", action="store_true", help="write nothing, say which outputs are stale")
    asked = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.pop("MPLBACKEND", None)  # figures are drawn into the notebook
    stale = 0
    for path in sorted(HERE.glob("*.ipynb")):
        if asked.names and path.stem not in asked.names and path.name not in asked.names:
            continue
        if absent := missing(path.stem):
            print(f"{path.name}: not executed, there is no {absent}")
            continue
        old = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        new = run(old)
        if not asked.check:
            nbformat.write(new, path)  # type: ignore[no-untyped-call]
            print(f"{path.name}: executed")
        elif found := differences(nbformat.read(path, as_version=4), new):  # type: ignore[no-untyped-call]
            stale += 1
            print(
                f"{path.name}: stale in code cell {', '.join(map(str, found))}: run python notebooks/execute.py {path.stem}"
            )
        else:
            print(f"{path.name}: as kept")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
