"""What the documentation says of other tools is what the script found: every cell, every version."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPARISON = ROOT / "docs" / "comparison"
CELLS = json.loads((COMPARISON / "cells.json").read_text(encoding="utf-8"))


def test_the_table_is_the_scripts() -> None:
    script = COMPARISON / "cells.py"
    made = subprocess.run(
        [sys.executable, str(script), "--markdown"], capture_output=True, text=True, check=True
    ).stdout
    assert made.count("\n") == 2 + len(CELLS["embsig"]["cells"])
    assert made in (ROOT / "docs" / "coming-from" / "index.md").read_text(encoding="utf-8")


def test_every_cell_was_decided_on_a_day_with_a_version() -> None:
    for tool, found in CELLS.items():
        assert set(found["cells"].values()) <= {"yes", "no"}, tool
        assert re.fullmatch(r"2026-\d\d-\d\d", found["date"]), tool
        assert found["version"], tool


def test_what_was_tried_is_what_the_requirements_pin() -> None:
    pinned = dict(
        line.split("==")
        for line in (COMPARISON / "requirements.txt").read_text(encoding="utf-8").split()
        if "==" in line
    )
    assert pinned == {tool: found["version"] for tool, found in CELLS.items() if tool != "embsig"}


def test_the_readme_names_every_tool_of_the_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert len(readme.splitlines()) <= 200
    for tool in (*CELLS, "mteb"):
        assert tool.removesuffix("_ai") in readme, tool
