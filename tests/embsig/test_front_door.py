"""`import embsig` gives every public name, each when it is first used."""

import ast
import inspect
import os
import subprocess
import sys
import typing
from collections import Counter
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import embsig
import stats

ROOMS = ("bench", "reports", "stats")
PUBLIC = {room: set(import_module(room).__all__) for room in ROOMS}
FILE = Path(embsig.__file__)


def for_editors() -> dict[str, str]:
    """Return name -> module of the imports that only type checkers see."""
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    imports = [n for n in block.body if isinstance(n, ast.ImportFrom)]
    return {alias.asname or "": f"{'.' * n.level}{n.module}" for n in imports for alias in n.names}


def test_editors_are_told_of_exactly_the_public_names() -> None:
    """A name that is new in a room's `__all__` gets its line in `embsig/__init__.py` too."""
    told = for_editors()
    assert set(told) == set().union(*PUBLIC.values())
    own = {name for name, module in told.items() if module == ".from_source"}
    assert {name: module for name, module in told.items() if name not in own} == {
        name: room for room, names in PUBLIC.items() for name in names - own
    }
    assert own == set(embsig._OWN)


def test_no_two_rooms_have_a_public_name_in_common() -> None:
    counted = Counter(name for names in PUBLIC.values() for name in names)
    assert [name for name, n in counted.items() if n > 1] == []


def test_every_name_is_there_and_is_the_rooms_own() -> None:
    assert set(embsig.__all__) == set().union(*PUBLIC.values())
    assert set(dir(embsig)) == {*embsig.__all__, "__version__"}
    for room in ("reports", "stats"):  # what bench has needs torch or mteb
        for name in PUBLIC[room] - set(embsig._OWN):
            assert getattr(embsig, name) is getattr(import_module(room), name), name


def test_the_version_is_the_distributions() -> None:
    assert embsig.__version__ == version("embsig")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'embsig' has no attribute 'comparee'"):
        embsig.comparee  # noqa: B018


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import embsig", "numpy pandas scipy torch mteb matplotlib stats bench reports typer"),
        ("import embsig; embsig.critical_difference", "torch mteb bench._read_scores"),
        ("import embsig; embsig.VARIANTS", "reports matplotlib mteb torch"),
        ("import embsig; embsig.compare", "torch mteb matplotlib transformers sentence_transformers"),
        ("import embsig; dir(embsig)", "torch mteb matplotlib transformers"),
    ],
)
def test_a_name_loads_what_it_needs_and_no_more(statement: str, absent: str, tmp_path: Path) -> None:
    program = f"import sys\n{statement}\nprint(sorted(set({absent.split()!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=dict(os.environ), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


#: Tasks of MTEB; its definitions say of which family they are.
TABLE = "task,a,b,c\n" + "".join(
    f"{task},0.{60 + i},0.{50 + (3 * i) % 7},0.{40 + i}\n"
    for i, task in enumerate(["STS12", "STS13", "STS14", "STS15", "ArguAna", "SciFact", "NFCorpus", "SCIDOCS"])
)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_compared_as_on_the_command_line(kind: type, tmp_path: Path, cli: typing.Any) -> None:
    import orjson

    path = tmp_path / "scores.csv"
    path.write_text(TABLE)
    found = embsig.compare(kind(path), n_resamples=200, rng=0)
    assert set(found.families) == {"STS", "Retrieval"}
    code, out, _ = cli("compare", path, "--resamples", "200", "--format", "json")
    assert code == 0
    said, printed = orjson.loads(orjson.dumps(found.to_dict(), option=orjson.OPT_SERIALIZE_NUMPY)), orjson.loads(out)
    assert said == printed


def test_what_takes_a_source_takes_a_table_as_before(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(TABLE)
    frame = pd.read_csv(path, index_col="task")
    assert embsig.compare(scores=frame, rng=0, n_resamples=200).n_models == 3
    assert embsig.audit(str(path)).to_dict().keys() == stats.audit(frame).to_dict().keys()


def test_its_signature_and_docstring_are_those_of_stats() -> None:
    assert inspect.signature(embsig.compare) == inspect.signature(stats.compare)
    assert embsig.compare.__doc__ == stats.compare.__doc__
