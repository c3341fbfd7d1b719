"""A wheel holds everything, works from another folder, and imports only what it must."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("stats", "bench", "reports")
MODULES = {"embsig.py", "embsig_guard.py", "embsig_options.py"}


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
    expected = MODULES.union(*(tracked(p) for p in PACKAGES))
    assert expected - packed == set()


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == MODULES | set(PACKAGES)


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


@pytest.mark.parametrize("hidden", PACKAGES)
def test_a_users_file_of_the_same_name_is_named_in_the_error(hidden: str, tmp_path: Path) -> None:
    (tmp_path / f"{hidden}.py").write_text("")
    other = next(p for p in PACKAGES if p != hidden)
    done = run(["-c", f"import {other}"], tmp_path)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert str(tmp_path / f"{hidden}.py") in last
    assert "rename that file" in last


@pytest.mark.parametrize("how", ["embsig", "python -m embsig"])
def test_the_command_is_not_affected_by_the_current_folder(how: str, tmp_path: Path) -> None:
    """Not by files of the names of our packages, of the libraries or of Python's own modules."""
    others = ("random", "statistics", "warnings", "typer", "rich", "numpy", "scipy", "pandas", "jinja2", "matplotlib")
    for name in (*PACKAGES, "embsig_guard", "embsig_options", *others):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('the wrong file')")
    (tmp_path / "scores.csv").write_text("task,a,b\n" + "".join(f"t{i},0.{50 + i},0.{40 - i}\n" for i in range(8)))
    command = Path(sys.executable).with_name("embsig")
    if how == "embsig" and not command.exists():
        pytest.skip("the console script is not installed beside this interpreter")
    start = [str(command)] if how == "embsig" else [sys.executable, "-m", "embsig"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*start, "report", "scores.csv"], cwd=tmp_path, env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "wrote report.html" in done.stderr


def test_constraints_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {d.split("[")[0].split(">")[0].split("=")[0].strip().lower().replace("_", "-") for d in wanted} - {"embsig"}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    assert names - pinned == set()
    assert "torch==2.13.0" in lines
