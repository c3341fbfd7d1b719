"""A wheel holds everything, works from another folder, and imports only what it must."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("stats", "bench", "reports", "embsig")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the tree as git has it, so that leftovers of other builds cannot hide a missing file."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("embsig-*.whl"))


def tracked(package: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".part")
    }


def test_every_module_and_data_file_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert set().union(*(tracked(p) for p in PACKAGES)) - packed == set()


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(site)
    elsewhere.mkdir()
    (elsewhere / "scores.csv").write_text("task,a,b\n" + "".join(f"t{i},0.{50 + i},0.{40 - i}\n" for i in range(8)))
    done = run(["-m", "embsig", "compare", "scores.csv", "--format", "json"], elsewhere, PYTHONPATH=str(site))
    assert done.returncode == 0, done.stderr
    assert '"model_a": "a"' in done.stdout


def run(arguments: list[str], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import stats", ["torch", "transformers", "mteb", "matplotlib", "bench", "reports"]),
        ("from stats import compare", ["torch", "transformers", "mteb", "matplotlib", "bench", "reports"]),
        ("import bench", ["torch", "transformers", "mteb", "matplotlib", "sentence_transformers"]),
        ("from bench import read_scores", ["torch", "transformers", "mteb", "matplotlib", "sentence_transformers"]),
        ("import reports", ["torch", "transformers", "mteb", "matplotlib", "seaborn"]),
        (
            "from embsig.cli import app as command_line\ntry:\n    command_line.main(['--help'])\nexcept SystemExit:\n    pass",
            ["torch", "transformers", "mteb", "matplotlib", "numpy", "pandas", "scipy"],
        ),
    ],
)
def test_imports_stay_light(statement: str, heavy: list[str], tmp_path: Path) -> None:
    program = f"import sys\n{statement}\nprint('LOADED', sorted(set({heavy!r}) & set(sys.modules)))"
    done = run(["-c", program], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_constraints_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {d.split("[")[0].split(">")[0].split("=")[0].strip().lower().replace("_", "-") for d in wanted} - {"embsig"}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    assert names - pinned == set()
    assert "torch==2.13.0" in lines


def test_the_citation_file_names_this_version() -> None:
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)


def test_the_workflow_runs_what_is_run_by_hand() -> None:
    yaml = pytest.importorskip("yaml")
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert [step["run"] for step in jobs["run"]["steps"] if "run" in step][-1] == ".ci/run"
