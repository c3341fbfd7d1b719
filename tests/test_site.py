"""The site's promises that need no build: schemas hold for real outputs, every public name has its page, and its parts work.

The build itself (`python -m docs`) runs in .ci/run.
"""

import doctest
import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import embsig
from embsig.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from site_parts import command_line, formats, links  # noqa: E402  # beside the pages

SCHEMAS = {
    path.name.split(".")[0]: json.loads(path.read_text()) for path in (DOCS / "reference/schemas").glob("*.json")
}
DEMSAR = str(DOCS / "examples" / "demsar.csv")


@pytest.mark.parametrize(
    "options", [[], ["--details"], ["--control", "C4.5"], ["--test", "nemenyi"], ["--alpha", "0.001"], ["--margin", "0.03"]]
)  # fmt: skip
def test_what_compare_prints_is_what_its_schema_says(options: list[str]) -> None:
    printed = json.loads(CliRunner().invoke(app, ["compare", DEMSAR, "--format", "json", *options]).stdout)
    jsonschema.validate(printed, SCHEMAS["comparison"], jsonschema.Draft202012Validator)
    for family in printed["families"].values():
        jsonschema.validate(family["ranks"], SCHEMAS["comparison"]["properties"]["ranks"])


@pytest.mark.parametrize(("margin", "code"), [("0.02", 0), ("0.001", 3)])
def test_what_gate_writes_is_what_its_schema_says(margin: str, code: int) -> None:
    both = ["--baseline", "C4.5+m" if code else "C4.5", "--candidate", "C4.5+m+cf" if code else "C4.5+m"]
    ran = CliRunner().invoke(app, ["gate", DEMSAR, *both, "--margin", margin, "--json", "-"])
    assert ran.exit_code == code
    jsonschema.validate(json.loads(ran.stdout), SCHEMAS["gate"], jsonschema.Draft202012Validator)


def test_a_schema_refuses_what_is_not_so() -> None:
    wrong = {"verdict": "MAYBE"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMAS["gate"])


def test_every_public_name_has_its_place_in_the_reference() -> None:
    page = (DOCS / "reference" / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   (\w+)$", page, re.M) + re.findall(r"py:data:: (\w+)$", page, re.M)
    assert sorted(listed) == sorted(embsig.__all__)


def test_every_command_and_option_is_in_the_reference() -> None:
    for name, command in command_line.commands().items():
        page = command_line.page(name, command)
        for option in command.params:
            assert all(f"{spelled}" in page for spelled in option.opts if spelled.startswith("--")), option.opts
        assert "{figures}" not in page
        assert "{tests}" not in page
        assert re.search(rf"^\| \[embsig\s{name}\]\(commands/{name}\.rst\) \| \w.+ \|$", command_line.overview(), re.M)


def test_the_page_of_a_schema_lists_its_keys() -> None:
    page = formats.page(DOCS / "reference" / "schemas" / "comparison.schema.json")
    assert "``pairs[].pvalue_adjusted``" in page
    assert "``method.estimand``" in page


def test_links_to_nowhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="b.html#there">x</a><a href="b.html#gone">x</a><a href="c.html">x</a>')
    (tmp_path / "b.html").write_text('<p id="there"></p><script src="https://cdn.example/x.js"></script>')
    assert sorted(links.check(tmp_path)) == [
        "a.html: b.html#gone leads to no such place",
        "a.html: c.html leads to no file",
        "b.html: loads https://cdn.example/x.js from elsewhere",
    ]


def test_every_page_is_in_the_tree() -> None:
    """Sphinx says so too, but only when the site is built."""
    pages = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md") if "_build" not in p.parts}
    pages -= {"index", "examples/README"}
    listed = set()
    for page in DOCS.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in block.splitlines():
                if line and not line.startswith(":"):
                    listed.add((page.parent / line.strip()).resolve().relative_to(DOCS).as_posix())
    assert pages - listed == set()


def test_every_page_has_one_title_of_its_own_and_headings_in_order() -> None:
    """Two pages of one title can't be told apart beside the text, and a screen reader goes by levels."""
    titles = []
    for page in DOCS.rglob("*.md"):
        if "_build" in page.parts:
            continue
        text = re.sub(r"^(```+|:::+).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]
        assert levels[1:].count(1) == 0, page
        assert all(after <= before + 1 for before, after in pairwise(levels)), page
        titles += re.findall(r"^# (.*)$", text, re.M)[:1]
    assert sorted(set(titles)) == sorted(titles)
    assert len(titles) > 40


@pytest.mark.real_data
def test_the_public_results_on_the_first_page_and_in_the_readme_are_what_is_printed(results_archive: Path) -> None:
    asked = ["compare", str(results_archive), "--benchmark", "MTEB(eng, v2)", "--top", "10"]
    ran = CliRunner().invoke(app, asked, env={"COLUMNS": "100", "NO_COLOR": "1"})
    printed = [line.rstrip() for line in ran.stdout.splitlines()]
    shown = (DOCS / "examples" / "eng-v2-top10.txt").read_text(encoding="utf-8").splitlines()
    assert len(shown) > 12
    assert printed[: len(shown)] == shown
    quoted = re.findall(r"^> (The 183 models.*?)\n\n", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)
    sentences = " ".join(quoted[0].replace("\n>", " ").split())
    assert sentences in " ".join(ran.stdout.split())
    smallest = (DOCS / "how-to" / "smallest-not-worse.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^> (Of \d+ models.*?)\n\n", smallest, re.S | re.M)
    assert " ".join(quoted[0].replace("\n>", " ").split()) in " ".join(ran.stdout.split())


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_the_builder_says_how_it_is_used() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "docs", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "docs/_build" in said.stdout


#: Checks of numpydoc that are not made, and why.
NOT_CHECKED = {
    "ES01": "a summary line that says all needs no second paragraph",
    "SA01": "the reference groups related names on one page",
    "SS05": "takes Friedman's and Scores for verbs",
    "PR04": "parameters that a function hands on are documented where they go",
    "PR07": "confidence_level, rng and ax mean the same everywhere",
    "PR08": "prose begins as its sentence does",
    "PR09": "likewise",
    "RT03": "a class that is returned is documented by itself",
    "GL07": "two functions name their warnings after their references",
}
#: Order of parameters: those that are handed on are documented together.
IN_ANOTHER_ORDER = {"simulated_power", "read", "train_series"}
CALLABLE = [(room, name) for room in ("stats", "bench", "reports") for name in import_module(room).__all__]
CALLABLE = [(room, name) for room, name in CALLABLE if callable(getattr(import_module(room), name))]


@pytest.mark.parametrize(("room", "name"), CALLABLE)
def test_docstrings_are_numpydoc_and_have_an_example(room: str, name: str) -> None:
    """Parameters, returns and examples are there, complete and in order; the examples are run where the room's tests are."""
    validate = pytest.importorskip("numpydoc.validate").validate
    skipped = set(NOT_CHECKED)
    if inspect.isclass(getattr(import_module(room), name)):
        skipped.add("PR01")  # a result's fields are its attributes; nobody makes one by hand
    if name in IN_ANOTHER_ORDER:
        skipped.add("PR03")
    assert [said for code, said in validate(f"{room}.{name}")["errors"] if code not in skipped] == []
    assert ">>>" in (inspect.getdoc(getattr(import_module(room), name)) or "")


def test_the_examples_of_the_registries_do_what_they_say() -> None:
    tried = doctest.testfile(str(DOCS / "reference" / "api.rst"), module_relative=False, verbose=False)
    assert tried.attempted > 5
    assert tried.failed == 0
