"""The floors of the house: the import contracts of pyproject.toml hold, and each of them can fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter")

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("stats", "bench", "reports", "embsig")


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, text=True, capture_output=True, check=False
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages' code and of the contracts."""
    folder = tmp_path_factory.mktemp("house")
    for floor in FLOORS:
        for file in (ROOT / floor).rglob("*.py"):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_hold(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: [4-9] kept, 0 broken", done.stdout)


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("stats/ties.py", "import bench._read_scores", "The floors"),
        ("stats/ties.py", "from reports import display", "The floors"),
        ("bench/_read_scores.py", "import reports.display", "The floors"),
        ("reports/style.py", "def f():\n    from bench import paper", "The floors"),
        ("reports/style.py", "from embsig.cli import terminal", "The floors"),
        ("stats/ties.py", "import matplotlib", "Numbers in, numbers out"),
        ("reports/style.py", "import mteb", "without torch or mteb"),
        ("reports/style.py", "from stats.pairwise import bootstrap", "reports computes nothing"),
    ],
)
def test_an_import_that_a_contract_forbids_breaks_it(file: str, line: str, broken: str, house: Path) -> None:
    place = house / file
    before = place.read_text(encoding="utf-8")
    place.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        done = lint(house)
    finally:
        place.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert any(broken in row and " BROKEN" in row for row in done.stdout.splitlines()), done.stdout


def private_imports(importer: str, imported: str) -> bool:
    """Whether a module of one floor imports a private one (``_x``) of another."""
    parts = imported.split(".")
    return parts[0] != importer.split(".")[0] and any(p.startswith("_") and not p.startswith("__") for p in parts)


def test_no_floor_imports_a_private_module_of_another() -> None:
    import grimp

    graph = grimp.build_graph(*FLOORS, cache_dir=None)
    arrows = [(m, t) for m in graph.modules for t in graph.find_modules_directly_imported_by(m)]
    assert len(arrows) > 500
    assert sorted((m, t) for m, t in arrows if private_imports(m, t)) == []


def test_a_private_import_is_seen() -> None:
    assert private_imports("reports.wording", "stats.pairwise._wilcoxon")
    assert not private_imports("stats.comparison.tests", "stats.pairwise._wilcoxon")
    assert not private_imports("reports.wording", "stats.pairwise.sign")


def test_every_path_of_the_architecture_exists() -> None:
    """`docs/architecture.md` and `CONTRIBUTING.md` name files and folders; a stranger who follows them arrives."""
    there = {
        "/" + path.relative_to(ROOT).as_posix()
        for folder in (*FLOORS, "tests", "docs", "notebooks", "benchmarks")
        for path in [ROOT / folder, *(ROOT / folder).rglob("*")]
    }
    for document in ("docs/architecture.md", "CONTRIBUTING.md"):
        text = re.sub(r"```.*?```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.S)
        named = {n for n in re.findall(r"`([\w./-]+)`", text) if n.endswith((".py", "/")) or n.startswith(FLOORS)}
        paths = {n.rstrip("/") for n in named if "/" in n or n.endswith(".py")}
        assert len(paths) > 5
        assert [p for p in sorted(paths) if not any(t.endswith(f"/{p}") for t in there)] == [], document
