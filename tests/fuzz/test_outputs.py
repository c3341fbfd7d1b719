"""Outputs: whatever a model, task or family is called, it is shown as it is and does nothing."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fuzzing import FUZZ, SLOW, clean, names
from reports import (
    PLOTS,
    critical_difference_tikz,
    csv_table,
    html_report,
    latex_table,
    markdown_table,
    text_report,
)
from reports.figures.canvas.save import svg_text
from reports.page.embedded_data import json_for_script
from reports.tex import escape_tex
from stats import Scores, compare
from stats.common.text import name as name_of
from stats.common.text import visible

# A glyph that the font of a picture lacks is a box in it, of which matplotlib warns.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph:UserWarning")


@st.composite
def comparisons(draw):
    """A comparison of two to four models on four to six tasks, in one or two families, all with names of any kind."""
    distinct = {"unique_by": lambda n: visible(clean(n))}
    sound = names.filter(lambda n: visible(clean(n)) and not any("\ud800" <= c <= "\udfff" for c in n))
    models = draw(st.lists(sound, min_size=2, max_size=4, **distinct))
    tasks = draw(st.lists(sound, min_size=4, max_size=6, **distinct))
    kinds = draw(st.lists(sound, min_size=1, max_size=2, **distinct))
    cells = draw(st.lists(st.integers(0, 100), min_size=len(models) * len(tasks), max_size=len(models) * len(tasks)))
    frame = pd.DataFrame(
        [[cells[i * len(models) + j] / 100 for j in range(len(models))] for i in range(len(tasks))],
        pd.Index(tasks, dtype=object),
        pd.Index(models, dtype=object),
    )
    scores = Scores.from_frame(frame, rows="tasks")
    scores = Scores.build(scores.table, scores.tasks.assign(family=[kinds[i % len(kinds)] for i in range(len(tasks))]))
    return compare(scores, n_resamples=20, rng=0, missing="keep")


class Page(HTMLParser):
    """The skeleton of a page: elements with their attributes' names, cells of tables, texts of scripts."""

    VOID = frozenset({"meta", "link", "br", "wbr", "img", "input", "hr"})

    def __init__(self, text):
        super().__init__()
        self.elements, self.drawn, self.open, self.tables, self.scripts, self.links = [], set(), [], {}, [], []
        self.table = None
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        assert len(found) == len(attributes)
        assert not any(name.startswith("on") or name == "style" for name in found)
        if "svg" in (tag, *self.open):  # a name's length decides what a figure is drawn with
            self.drawn.add(tag)
        elif tag != "wbr" or found:  # where a name may break: it says nothing, and its number is the name's
            self.elements.append((tag, frozenset(found)))
        self.links += [v for k, v in attributes if k in ("href", "src", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self.table = self.tables.setdefault(found.get("id", f"table {len(self.tables)}"), [])
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag in ("td", "th") and self.table is not None:
            self.table[-1].append("")
        elif tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "table":
            self.table = None

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.table and {"td", "th"} & set(self.open):
            self.table[-1][-1] += data

    def handle_comment(self, data):
        pytest.fail(f"a comment: {data!r}")


def renamed(found):
    """The same comparison, of models, tasks and families with plain names in the same alphabetical order, by which resamples are drawn."""
    table, families = found.scores.table, found.scores.tasks["family"]
    for axis, letter in ((0, "t"), (1, "m")):
        order = {name: f"{letter}{i}" for i, name in enumerate(sorted(table.axes[axis]))}
        table = table.rename(order, axis=axis)
    places = pd.factorize(families)[0]
    tasks = pd.DataFrame({"family": [f"f{p}" for p in places]}, table.index)
    return compare(Scores.build(table, tasks), n_resamples=20, rng=0, missing="keep")


@SLOW
@given(comparisons())
def test_a_page_shows_names_and_obeys_none(found):
    page = Page(html_report(found))
    assert page.elements == Page(html_report(renamed(found))).elements
    assert not page.drawn & {"script", "foreignobject", "a", "iframe", "animate", "set", "style", "link", "b", "img"}
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert len(page.scripts) == 2
    shown = [name_of(m) for m in found.ranks["model"]]
    assert json.loads(page.scripts[0])["models"] == shown
    assert [row[1].split(" ★ may be")[0] for row in page.tables["ranking-table"][1:]] == shown
    pairs = zip(found.pairs["model_a"], found.pairs["model_b"], strict=True)
    assert [tuple(row[:2]) for row in page.tables["pairs-table"][1:]] == [(name_of(a), name_of(b)) for a, b in pairs]


@FUZZ
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | names.filter(lambda n: "\ud800" not in n),
        lambda x: st.lists(x) | st.dictionaries(st.text("ab<>&/!-"), x),
    )
)
def test_json_in_a_script_is_the_value_and_ends_nothing(value):
    text = json_for_script(value)
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)


def untexed(text):
    """The text without what TeX takes for one printed character."""
    return re.sub(
        r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textquotedbl)\{\}|\\ensuremath\{(\\alpha|-)\}|\\[{}$&#%_]",
        "",
        text,
    )


@FUZZ
@given(names)
@example("\\input{x}")
def test_tex_prints_a_name(name):
    text = escape_tex(name)
    assert not re.search(r"[\\{}$&#%_~^<>|\"\n\r\x00-\x1f]", untexed(text))


def tex_is_balanced(text):
    depth = 0
    for mark in re.findall(r"\\.|[{}]", text, flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0
    assert depth == 0


@SLOW
@given(comparisons())
def test_latex_has_its_columns(found):
    for options in ({}, {"table": "pairs"}, {"table": "ranks"}, {"table": "agreement"}):
        text = latex_table(found, **options)
        tex_is_balanced(text)
        rows = text.split(r"\toprule")[1].split(r"\bottomrule")[0].replace("    \\midrule\n", "").strip().splitlines()
        assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1
        assert all(row.endswith(r" \\") for row in rows)
        shown = found.ranks["model"]
        if not options:
            assert [row.split(" & ")[0].strip() for row in rows[1:]] == [escape_tex(m) for m in shown]
    tikz = critical_difference_tikz(found)
    tex_is_balanced(tikz)
    assert tikz.count(r"\begin{") == tikz.count(r"\end{")


def markdown_cells(line):
    """The cells of a row as a reader of GitHub's Markdown takes it apart: at bars that no backslash stands before."""
    cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)
    assert cells[0] == cells[-1] == ""
    return [c.strip() for c in cells[1:-1]]


def unescape(cell):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell)


@SLOW
@given(comparisons())
def test_markdown_has_its_columns(found):
    for options in ({"pairs": 9}, {"table": "pairs"}, {"table": "ranks"}, {"table": "agreement"}):
        text = markdown_table(found, **options)
        for block in text.split("\n\n"):
            lines = block.splitlines()
            if not lines or not lines[0].startswith("|"):
                continue
            assert len({len(markdown_cells(line)) for line in lines}) == 1
            head = [unescape(c) for c in markdown_cells(lines[0])]
            rows = [[unescape(c) for c in markdown_cells(line)] for line in lines[2:]]
            if "model" in head:
                assert [r[head.index("model")] for r in rows] == [name_of(m) for m in found.ranks["model"]]
            if "model a" in head:
                assert [r[head.index("model a")] for r in rows] == [name_of(m) for m in found.pairs["model_a"]]


@FUZZ
@given(
    st.lists(
        st.tuples(names.filter(lambda n: "\ud800" not in n), st.floats(allow_infinity=False)), min_size=1, max_size=5
    ),
    names.filter(lambda n: "\ud800" not in n),
)
@example([("a\rb", 0.5)], "x")
def test_csv_reads_back_and_runs_nothing(rows, heading):
    text = csv_table(pd.DataFrame(rows, columns=pd.Index([heading, "value"], dtype=object)))
    cells = list(csv.reader(io.StringIO(text, newline="")))
    assert len(cells) == len(rows) + 1
    for cell, (name, value) in zip(cells[1:], rows, strict=True):
        assert cell[0].removeprefix("'") == name.removeprefix("'")
        assert not cell[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell[1] == "" if value != value else float(cell[1]) == value
    assert not cells[0][0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@SLOW
@given(comparisons())
def test_a_terminal_is_told_names_alone(found):
    for text in (text_report(found), str(found)):
        assert all(c == "\n" or c.isprintable() for c in text), [c for c in text if c != "\n" and not c.isprintable()]
        for model in found.ranks["model"]:
            assert name_of(model) in text


DRAWN = [
    k
    for k in (
        "critical-difference",
        "forest",
        "comparison-matrix",
        "rank-intervals",
        "performance-profile",
        "score-heatmap",
        "family-profile",
    )
    if k in PLOTS
]


@pytest.mark.parametrize("kind", DRAWN)
@SLOW
@given(comparisons())
def test_a_figure_is_sound_xml(kind, found):
    if kind == "family-profile" and len(found.families) < 2:
        return
    ax = PLOTS[kind](found)
    try:
        root = ElementTree.fromstring(svg_text(ax, salt="x"))  # noqa: S314  # our own drawing
    finally:
        plt.close("all")
    assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {
        "svg",
        "g",
        "defs",
        "style",
        "path",
        "use",
        "text",
        "tspan",
        "rect",
        "clipPath",
        "metadata",
        "RDF",
        "Work",
        "type",
        "format",
        "date",
        "creator",
        "Agent",
        "title",
        "image",
    }
