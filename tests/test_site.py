"""The site's promises that need no build: schemas hold for real outputs, every public name has its page, and its parts work.

The build itself (`python -m docs`) runs in .ci/run.
"""

import json
import re
import subprocess
import sys
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


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_the_builder_says_how_it_is_used() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "docs", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "docs/_build" in said.stdout
