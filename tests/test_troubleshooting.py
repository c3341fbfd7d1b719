"""The troubleshooting page quotes messages that the code has, and covers those that people meet."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import typer.main
from typer.testing import CliRunner

from embsig.cli import app as command_line

DOCS = Path(__file__).resolve().parents[1] / "docs"


@cache
def _messages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("messages", DOCS / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.messages()
    return found


def _quoted() -> list[str]:
    rows = re.findall(r"^\| `(.+?)` \| .+? \| .+ \|$", (DOCS / "troubleshooting.md").read_text(encoding="utf-8"), re.M)
    return [row.replace("\\|", "|") for row in rows]


def test_every_message_of_the_page_is_in_the_code() -> None:
    assert len(_quoted()) > 25
    assert [q for q in _quoted() if q not in _messages()] == []


def test_the_page_covers_every_room_that_users_enter() -> None:
    places = {_messages()[q] for q in _quoted()}
    needed = (
        "stats/common/tables.py",
        "stats/missing.py",
        "stats/comparison/",
        "stats/samples.py",
        "bench/sources/",
        "bench/folder_lock.py",
    )
    needed += (
        "bench/training/",
        "bench/variants/",
        "bench/runner/grid/",
        "embsig/cli/terminal.py",
        "reports/figures/registry.py",
    )
    assert [n for n in needed if not any(p.startswith(n) for p in places)] == []


def test_messages_are_one_line_and_do_not_shout() -> None:
    for message, place in _messages().items():
        assert "\n" not in message, place
        assert not message.endswith("!"), place


def _options() -> dict[str, set[str]]:
    """Every option of every command, and the words that it takes where they are fixed, as the help shows them."""
    found: dict[str, set[str]] = {}
    commands = typer.main.get_command(command_line.app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                found.setdefault(option, set())
        shown = CliRunner().invoke(command_line.app, [name, "--help"], env={"COLUMNS": "600"}).output
        for option, words in re.findall(r"(--[a-z-]+)[^\n\[]*\[((?:[a-z-]+\|)+[a-z-]+)\]", shown):
            found[option].update(words.split("|"))
    assert {"text", "json"} < found["--format"]
    return found


def test_every_option_that_a_message_recommends_is_there() -> None:
    options, seen, wrong = _options(), 0, []
    for message, place in _messages().items():
        for name, word in re.findall(r"(?<![\w-])(--[a-z][a-z_-]*)(?:[ =]([a-z][a-z-]*)(?![\w…]))?", message):
            if name in ("--head", "--log_samples", "--nproc_per_node"):  # of Ray, lm-evaluation-harness and torchrun
                continue
            seen += 1
            if name not in options or (word and options[name] and word not in options[name]):
                wrong.append(f"{place}: {name} {word}".strip())
    assert seen > 40
    assert wrong == []
