"""The site: whole, the same bytes however it came about, only what changed made again."""

import html
import json
import re
import shlex
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

import embsig
from bench.sources.definitions import load
from embsig.site import make_site
from embsig.site.serving import serve
from reports.site.boards import slug
from stats.common.errors import InputError

FRA, JPN = "RTEB(fra, beta)", "RTEB(jpn, beta)"
BOTH = (FRA, JPN)


@pytest.fixture
def results(write_result):
    """Write results of models on all tasks of a benchmark; return the folder."""

    def write(benchmark: str, models: range) -> Path:
        for m in models:
            for i, task in enumerate(load().benchmark(benchmark)):
                value = 0.5 + 0.05 * m + 0.01 * ((m * 7 + i * 3) % 5)
                scores = {split: dict.fromkeys(task.subsets, value) for split in task.splits}
                path = write_result(f"org/m{m}", task.name, scores)
        return path.parents[2]

    return write


@pytest.fixture
def source(results) -> Path:
    results(FRA, range(5))
    return results(JPN, range(5))


@pytest.fixture
def plain(monkeypatch):
    """Replace the page by its numbers, so that only the making of the site takes time."""
    import reports

    def html_report(comparison, path, **options):
        shown = [
            comparison.ranks.to_csv(),
            comparison.pairs.to_csv(),
            str(comparison.provenance),
            options["command"],
            str(options["date"]),
        ]
        Path(path).write_text("\n".join(shown), encoding="utf-8")

    monkeypatch.setattr(reports, "html_report", html_report)


def content(site: Path) -> dict[str, bytes]:
    """Every file that is shown; the state that the site keeps for itself is not."""
    return {
        p.relative_to(site).as_posix(): p.read_bytes()
        for p in sorted(site.rglob("*"))
        if p.is_file() and ".embsig-site" not in p.parts
    }


@pytest.mark.usefixtures("plain")
def test_a_site_is_whole_and_the_same_however_it_came_about(source, results, tmp_path, monkeypatch):
    first = make_site(source, tmp_path / "a" / "site", benchmarks=BOTH, url="https://example.org/x/")
    assert (first.made, first.kept, first.left_out) == ([FRA, JPN], [], {})
    made = content(first.folder)
    again = make_site(source, first.folder, benchmarks=BOTH, url="https://example.org/x/")
    assert (again.made, again.kept) == ([], [FRA, JPN])
    assert content(first.folder) == made

    # Every link within the site leads to a file.
    for name, text in made.items():
        for href in re.findall(rb'href="([^"#]+)', text) if name.endswith(".html") else ():
            link = unquote(href.decode())
            if not link.startswith("data:"):
                assert (first.folder / name).parent.joinpath(link).resolve().is_file(), (name, link)
    assert b"https://example.org/x/models.html" in made["sitemap.xml"]

    # One more model on one of the benchmarks: that one alone is made again, and all is as if made at once.
    results(JPN, range(5, 6))
    grown = make_site(source, first.folder, benchmarks=BOTH, url="https://example.org/x/")
    assert (grown.made, grown.kept) == ([JPN], [FRA])
    at_once = make_site(source, tmp_path / "b" / "site", benchmarks=BOTH, url="https://example.org/x/")
    assert content(at_once.folder) == content(first.folder)
    assert f"models/{slug('org/m5')}.html" in content(first.folder)

    # A kill after the first benchmark: the second alone is left to make, and nothing half-made stays.
    import reports

    drawn, html_report = [], reports.html_report

    def dies(*given, **options):
        drawn.append(given)
        if len(drawn) == 2:
            raise KeyboardInterrupt
        return html_report(*given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(reports, "html_report", dies)
        with pytest.raises(KeyboardInterrupt):
            make_site(source, tmp_path / "c" / "site", benchmarks=BOTH, url="https://example.org/x/")
    resumed = make_site(source, tmp_path / "c" / "site", benchmarks=BOTH, url="https://example.org/x/")
    assert (resumed.made, resumed.kept) == ([JPN], [FRA])
    assert content(resumed.folder) == content(at_once.folder)

    # Without one of them its folder and its models go; the rest stays.
    less = make_site(source, first.folder, benchmarks=[FRA])
    assert less.removed == [slug(JPN)]
    assert not (first.folder / slug(JPN)).exists()
    assert f"models/{slug('org/m5')}.html" not in content(first.folder)


@pytest.mark.usefixtures("plain")
def test_a_benchmark_without_results_says_why_and_other_folders_are_left_alone(source, tmp_path):
    made = make_site(source, tmp_path / "site", benchmarks=[*BOTH, "BRIGHT"])
    assert "no task of BRIGHT" in made.left_out["BRIGHT"]
    assert "no task of BRIGHT" in (made.folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        make_site(source, tmp_path / "mine", benchmarks=BOTH)
    with pytest.raises(InputError, match="no benchmark of results can be compared"):
        make_site(source, tmp_path / "none", benchmarks=["BRIGHT"])
    assert (tmp_path / "mine" / "diary.txt").read_text() == "dear"


def test_the_site_of_the_archive_says_what_compare_says(rteb_archive, tmp_path):
    name = "RTEB(Code, beta)"
    made = make_site(rteb_archive, tmp_path / "site", benchmarks=[name])
    found = embsig.compare(embsig.read(rteb_archive, benchmark=name), rng=0)
    folder = made.folder / slug(name)
    ranks = pd.read_parquet(folder / "ranks.parquet")
    assert list(ranks["model"]) == list(found.ranks["model"])
    np.testing.assert_array_equal(ranks[["rank_low", "rank_high"]], found.ranks[["rank_low", "rank_high"]])
    pairs = pd.read_parquet(folder / "pairs.parquet")
    assert list(pairs["verdict"]) == list(found.pairs["verdict"])
    board = json.loads((made.folder / "boards.json").read_text(encoding="utf-8"))[0]
    borda = found.further["rankings"]["borda"].frame.set_index("model")["rank"]
    assert {s["model"]: s["borda"] for s in board["standings"]} == borda.to_dict()
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert f"Which of {found.n_models} models is the best on {name}?" in page
    assert str(rteb_archive.parent) not in page


@pytest.mark.usefixtures("plain")
def test_the_index_is_by_modality_language_and_domain_and_a_page_has_the_recipe(source, tmp_path, monkeypatch):
    made = make_site(source, tmp_path / "site", benchmarks=BOTH)
    boards = {b["name"]: b for b in json.loads((made.folder / "boards.json").read_text(encoding="utf-8"))}
    tasks = load().benchmark(FRA)
    assert boards[FRA]["modalities"] == sorted({m for t in tasks for m in t.modalities}) == ["text"]
    counts = {d: sum(d in t.domains for t in tasks) for d in {d for t in tasks for d in t.domains}}
    assert boards[FRA]["domains"] == sorted(d for d, n in counts.items() if n >= len(tasks) / 2) != []
    index = (made.folder / "index.html").read_text(encoding="utf-8")
    assert re.search(rf"<dt>fra <.*?{re.escape(FRA)}", index)
    assert "By domain" in index
    # What made these pages makes these, and not all benchmarks of the source.
    footer = re.search(r"<footer>.*<code>(.*?)</code>", index)[1]
    remade = html.unescape(re.sub(r"<[^>]*>", "", footer))
    assert remade == f"embsig site {source.name} -o site" + "".join(f' --benchmark "{name}"' for name in sorted(BOTH))

    # The recipe that the page gives is run as it stands there.
    page = html.unescape((made.folder / "leaderboard.html").read_text(encoding="utf-8"))
    command = re.search(r'<code id="command">(.*?)</code>', page)[1]
    monkeypatch.chdir(source.parent)
    source.rename(source.parent / "results") if source.name != "results" else None
    done = subprocess.run([sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ranks = pd.read_csv("ranks.csv")
    python = re.search(r'<code id="python">(.*?)</code>', page, re.S)[1]
    scope: dict = {}
    exec(python.replace("found.ranks[", "shown = found.ranks["), scope)  # noqa: S102 - our own
    assert list(scope["shown"].columns) == ["model", "rank_low", "rank_high", "in_top_set"]
    pd.testing.assert_frame_equal(scope["shown"].astype(str), ranks[scope["shown"].columns].astype(str))


def test_the_kinds_of_benchmarks_stand_apart_in_the_index():
    from reports.site import Board, site_files
    from reports.site.boards import Standing

    def board(name, modalities, languages, domains):
        standing = Standing("org/m", 1.0, 1, 2, True, 0.5, 1.0)
        return Board(name, 3, 3, 2, 2, 1, 0, [], languages, ["x"], "", [standing], modalities, domains)

    found = site_files(
        [
            board("A", ["text"], ["eng-Latn"], ["Legal"]), board("B", ["image", "text"], ["eng-Latn", "deu-Latn"], []),
            board("C", ["text"], ["a-x", "b-x", "c-x", "d-x"], ["Legal"]),
        ], {}, source="results", recipe="embsig site results",
    )["index.html"]  # fmt: skip
    assert re.findall(r'<th scope="rowgroup"[^>]*>([^<]*) <', found) == ["Text", "Image and text"]
    assert found.index(">A</a>") < found.index(">C</a>") < found.index("Image and text") < found.index(">B</a>")
    lists = re.findall(r"<dt>([^<]*) <span class=\"note\">(\d)</span>", found)
    assert lists == [("eng", "2"), ("deu", "1"), ("many", "1")]


@pytest.mark.usefixtures("plain")
def test_benchmarks_of_the_archive_are_made_once_and_the_same_again(rteb_archive, tmp_path):
    names = ["RTEB(Code, beta)", "MTEB(Medical, v1)", "MTEB(Code, v1)"]
    first = make_site(rteb_archive, tmp_path / "a" / "site", benchmarks=names)
    assert first.made == sorted(names)
    made = content(first.folder)
    again = make_site(rteb_archive, first.folder, benchmarks=names)
    assert (again.made, again.kept) == ([], first.made)
    assert content(again.folder) == made
    # Without the state of one benchmark, as after a kill before it was written, that one is made again, to the same bytes.
    (first.folder / ".embsig-site" / f"{slug('MTEB(Medical, v1)')}.json").unlink()
    assert make_site(rteb_archive, first.folder, benchmarks=names).made == ["MTEB(Medical, v1)"]
    assert content(first.folder) == made


def test_it_is_served_on_this_machine(tmp_path):
    (tmp_path / "index.html").write_text("hello")
    said: list[str] = []
    ready = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        ready.set()

    threading.Thread(target=serve, args=(tmp_path, 0, say), daemon=True).start()
    assert ready.wait(10)
    address = re.search(r"http://127\.0\.0\.1:\d+/", said[0])[0]
    assert urllib.request.urlopen(address, timeout=10).read() == b"hello"  # noqa: S310 - its own address


def test_figures_are_drawn_again_where_what_they_show_has_changed(source, results, tmp_path, monkeypatch, write_result):
    """A model that lacks a task leaves the figures as they are, and the page says that it was there: as if made at once."""
    import reports.page.kept as kept

    drawn: list[str] = []
    drawings = kept.drawings
    monkeypatch.setattr(kept, "drawings", lambda c: (drawn.append(str(c.n_models)), drawings(c))[1])
    site = make_site(source, tmp_path / "a" / "site", benchmarks=[FRA]).folder
    assert drawn == ["5"]
    first = (site / slug(FRA) / "index.html").read_bytes()
    task = load().benchmark(FRA)[0]
    write_result("org/lacks", task.name, {split: dict.fromkeys(task.subsets, 0.9) for split in task.splits})
    assert make_site(source, site, benchmarks=[FRA]).made == [FRA]
    assert drawn == ["5"]
    assert (site / slug(FRA) / "index.html").read_bytes() != first
    at_once = make_site(source, tmp_path / "b" / "site", benchmarks=[FRA])
    assert content(at_once.folder) == content(site)
    results(FRA, range(5, 6))
    make_site(source, site, benchmarks=[FRA])
    assert drawn == ["5", "5", "6"]
    # What was damaged is drawn again.
    state = site / ".embsig-site"
    next(state.glob("*.drawings")).write_text("{")
    next(state.glob("*.json")).unlink()
    made = content(site)
    make_site(source, site, benchmarks=[FRA])
    assert drawn[-1] == "6"
    assert content(site) == made
