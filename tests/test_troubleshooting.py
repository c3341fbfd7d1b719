"""The troubleshooting page quotes messages that the code has, and covers those that people meet."""

import importlib.util
import re
from functools import cache
from pathlib import Path

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
        "stats/scores.py",
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
