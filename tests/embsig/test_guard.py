"""A stranger's `stats`, `bench` or `reports` is named in one line; the command is not affected."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bench", "reports", "stats")
GOOD = "task,a,b\n" + "".join(f"t{i},0.{50 + i},0.{40 - i}\n" for i in range(8))

#: What setuptools' editable install does: a finder after the others, so that any folder on the path comes before it.
EDITABLE = f"""
import sys
from importlib.util import spec_from_file_location

class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in {(*ROOMS, "embsig")!r}:
            return spec_from_file_location(name, {str(ROOT)!r} + "/" + name + "/__init__.py")

sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in str(f)] + [Finder]
"""


def run(program: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        check=False,
    )


def refusal(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line that refuses; nothing was raised before it."""
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len([line for line in lines if line.startswith("Traceback")]) == 1, done.stderr
    assert lines[-1].startswith("ImportError: ")
    return lines[-1]


def put_file(folder: Path, room: str) -> Path:
    (folder / f"{room}.py").write_text("")
    return folder / f"{room}.py"


def put_package(folder: Path, room: str) -> Path:
    (folder / room).mkdir()
    (folder / room / "__init__.py").write_text("")
    return folder / room


def put_empty_folder(folder: Path, room: str) -> Path:
    (folder / room).mkdir()
    return folder / room


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("put", [put_file, put_package, put_empty_folder])
def test_what_hides_a_room_of_an_editable_install_is_named(put, room: str, tmp_path: Path) -> None:
    hidden = put(tmp_path, room)
    said = refusal(run(EDITABLE + "import embsig", tmp_path))
    assert f"{hidden} hides embsig's own package {room!r}" in said
    assert f"rename that {'file' if put is put_file else 'folder'}" in said


@pytest.mark.parametrize("put", [put_file, put_package])
def test_what_hides_a_room_of_an_installed_wheel_is_named(put, tmp_path: Path) -> None:
    hidden = put(tmp_path, "stats")
    said = refusal(run("import embsig", tmp_path, PYTHONPATH=str(ROOT)))
    assert f"{hidden} hides embsig's own package 'stats'" in said


def test_an_empty_folder_hides_nothing_of_an_installed_wheel(tmp_path: Path) -> None:
    put_empty_folder(tmp_path, "reports")
    assert run("import embsig", tmp_path, PYTHONPATH=str(ROOT)).returncode == 0


@pytest.mark.parametrize(
    "made", ["import stats", "import sys, types; sys.modules['stats'] = types.ModuleType('stats')"]
)
def test_a_module_that_was_imported_before_is_seen(made: str, tmp_path: Path) -> None:
    """Also one without a spec, of which importlib knows nothing but that it is there."""
    hidden = put_file(tmp_path, "stats")
    assert str(hidden) in refusal(run(f"{made}\nimport embsig", tmp_path))


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder of installed packages with embsig in it, as far as the guard reads it."""
    site = tmp_path / "site"
    for package in (*ROOMS, "embsig"):
        (site / package).mkdir(parents=True)
        for file in (ROOT / package).glob("*.py"):
            (site / package / file.name).write_bytes(file.read_bytes())
    (tmp_path / "elsewhere").mkdir()
    return site


def import_installed(site: Path) -> "subprocess.CompletedProcess[str]":
    program = f"import sys; sys.path.insert(0, {str(site)!r}); import embsig; print(embsig.__file__)"
    return run(program, site.parent / "elsewhere", PYTHONPATH="")


def test_the_installed_one_is_accepted(installed: Path) -> None:
    done = import_installed(installed)
    assert done.stdout.strip() == str(installed / "embsig" / "__init__.py"), done.stderr


def test_a_room_that_another_distribution_has_overwritten_is_named_with_it(installed: Path) -> None:
    """frappe-bench installs a package `bench`, too: the last one installed wins the file."""
    (installed / "bench" / "__init__.py").write_text('VERSION = "5.25.9"\nPROJECT_NAME = "frappe-bench"\n')
    about = installed / "frappe_bench-5.25.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: frappe-bench\nVersion: 5.25.9\n")
    (about / "RECORD").write_text("bench/__init__.py,,\nbench/app.py,,\n")
    said = refusal(import_installed(installed))
    assert (
        f"{installed / 'bench' / '__init__.py'} is not embsig's own (frappe-bench has a package of that name)" in said
    )
    assert "pip uninstall frappe-bench && pip install --force-reinstall --no-deps embsig" in said


def test_a_room_that_an_uninstall_has_taken_away_is_named(installed: Path) -> None:
    (installed / "bench" / "__init__.py").unlink()
    said = refusal(import_installed(installed))
    assert f"{installed / 'bench' / '__init__.py'} is missing" in said
    assert "pip install --force-reinstall --no-deps embsig" in said


@pytest.mark.parametrize("how", ["embsig", "python -m embsig"])
def test_the_command_is_not_affected_by_the_current_folder(how: str, tmp_path: Path) -> None:
    """Not by files of the names of our packages, of the libraries or of Python's own modules."""
    others = ("random", "statistics", "warnings", "typing", "typer", "rich", "numpy", "scipy", "pandas", "jinja2")
    for name in (*ROOMS, "guard", "matplotlib", *others):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('the wrong file')")
    (tmp_path / "scores.csv").write_text(GOOD)
    command = Path(sys.executable).with_name("embsig")
    if how == "embsig" and not command.exists():
        pytest.skip("the console script is not installed beside this interpreter")
    start = [str(command)] if how == "embsig" else [sys.executable, "-m", "embsig"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*start, "report", "scores.csv", "--resamples", "200"],
        cwd=tmp_path,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "wrote report.html" in done.stderr


@pytest.mark.parametrize("arguments", [["-m", "embsig"], ["-membsig"], ["-um", "embsig"]])
def test_a_folder_of_a_rooms_name_does_not_stop_the_module(arguments: list[str], tmp_path: Path) -> None:
    for room in ROOMS:
        put_empty_folder(tmp_path, room)
        put_file(tmp_path, room)
    done = subprocess.run(
        [sys.executable, *arguments, "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("embsig ")
