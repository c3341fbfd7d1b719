"""The notebooks are kept executed, enter by the front door, and what is stale in them is found."""

import ast
import copy
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("nbclient")

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def execute() -> ModuleType:
    spec = importlib.util.spec_from_file_location("execute", ROOT / "notebooks" / "execute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_imports_embsig_and_none_of_its_rooms(path: Path) -> None:
    imported = set()
    for cell in code_cells(path):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    assert "embsig" in imported
    assert imported & {"stats", "bench", "reports"} == set()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_is_kept_executed(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert any(cell["outputs"] for cell in cells)
    assert not any(out["output_type"] == "error" for cell in cells for out in cell["outputs"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_writes_only_to_temporary_folders(path: Path) -> None:
    source = "\n".join("".join(cell["source"]) for cell in code_cells(path))
    assert ".unlink(" not in source
    assert '.to_csv("' not in source
    assert "output=folder" in source or "output=" not in source


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("mean 0.5012, p 0.031", "mean 0.5013, p 0.031", True),
        ("mean 0.5012", "mean 0.5112", False),
        ("n = 12", "n = 13", False),
        ("a beats b", "b beats a", False),
        ("a 0.1", "a 0.1 0.2", False),
    ],
)
def test_texts_are_equal_but_for_last_digits(old: str, new: str, equal: bool, execute: ModuleType) -> None:
    assert execute.same(old, new) is equal


def test_a_stale_output_is_named_by_its_cell(execute: ModuleType) -> None:
    import nbformat

    cells = [nbformat.v4.new_code_cell("a"), nbformat.v4.new_code_cell("b")]
    picture = nbformat.v4.new_output("display_data", data={"image/png": "x", "text/plain": "<Figure 1>"})
    table = nbformat.v4.new_output("execute_result", data={"text/html": "<b>0.25</b>", "text/plain": "T"})
    cells[0].outputs, cells[1].outputs = [picture], [table]
    old = nbformat.v4.new_notebook(cells=cells)
    same = copy.deepcopy(old)
    same.cells[0].outputs[0].data["image/png"] = "y"
    assert execute.differences(old, same) == []
    other = copy.deepcopy(old)
    other.cells[1].outputs[0].data["text/html"] = "<b>0.75</b>"
    assert execute.differences(old, other) == [2]
    without = copy.deepcopy(old)
    without.cells[0].outputs = []
    assert execute.differences(old, without) == [1]
