"""`stats` loads a name when it is first used; what type checkers are told is what is there."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import stats


def test_type_checkers_are_told_of_exactly_the_names_that_are_there() -> None:
    tree = ast.parse(Path(stats.__file__).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    imports = [n for n in block.body if isinstance(n, ast.ImportFrom)]
    assert {alias.asname: f".{n.module}" for n in imports for alias in n.names} == stats._HOME


def test_every_name_is_there_and_is_no_module() -> None:
    assert set(stats.__all__) <= set(dir(stats))
    modules = {type(os)}
    assert [name for name in stats.__all__ if type(getattr(stats, name)) in modules] == []


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'stats' has no attribute 'comparee'"):
        stats.comparee  # type: ignore[attr-defined]  # noqa: B018


#: What a comparison stands on; versions of SciPy differ in what they load with it.
_NEEDED = "pandas, scipy.special"


@pytest.mark.parametrize(
    ("needed", "statement", "absent"),
    [
        ("os", "import stats", "numpy pandas scipy"),
        ("os", "import stats.common.errors", "numpy pandas scipy"),
        (
            _NEEDED,
            "from stats import compare",
            "scipy.stats scipy.optimize scipy.sparse scipy.linalg pyarrow.parquet statsmodels",
        ),
        (
            _NEEDED,
            "from embsig.cli import app\ntry:\n    app.main(['compare', 'scores.csv'])\nexcept SystemExit:\n    pass",
            "scipy.stats scipy.optimize scipy.sparse scipy.linalg pyarrow.parquet statsmodels bench.sources.index bench.runner "
            "matplotlib jinja2 stats.gates stats.sequential stats.subsets",
        ),
    ],
)
def test_nobody_waits_for_what_he_does_not_use(needed: str, statement: str, absent: str, tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("task,a,b\n" + "".join(f"t{i},0.{50 + i},0.{40 + i * 2}\n" for i in range(12)))
    program = (
        f"import sys, {needed}\nthere = set(sys.modules)\n{statement}\n"
        f"print('LOADED', sorted(set({absent.split()!r}) & (set(sys.modules) - there)))"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(stats.__file__).parents[1])}  # embsig need not be installed
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=here, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"
