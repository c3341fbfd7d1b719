"""What the sections say together: no text says otherwise than the table beside it, and a table shows first what decides."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from reports import html_report
from reports.page.design import design_section
from reports.page.sections import content
from reports.tables.text import family_rows
from reports.templating import breakable


def told(comparison):
    return content(comparison, samples=None, command="")


@pytest.fixture(scope="module")
def wide(tmp_path_factory, make):
    comparison = make(6, 30, tasks=12, families=2, design=True)
    path = tmp_path_factory.mktemp("wide") / "page.html"
    html_report(comparison, path, beside=pd.DataFrame({"model": ["a"], "score": [0.5]}))
    return path


def test_models_that_share_the_first_rank_of_a_family_are_each_its_best(make):
    comparison = make(6, 30, tasks=12, families=2)
    parts = {}
    for i, (family, part) in enumerate(comparison.families.items()):
        ranks = part.ranks.copy()
        # Of the second family the first two are tied, in an order that names the best of the first family second.
        if i == 0:
            best = str(ranks["model"].iloc[0])
        else:
            others = [m for m in map(str, ranks["model"]) if m != best]
            ranks["model"] = [others[0], best, *others[1:]]
            ranks["rank"] = [1.5, 1.5, *ranks["rank"].iloc[2:]]
        parts[family] = replace(part, ranks=ranks)
    said = told(replace(comparison, families=parts))["families"]
    assert said["sentence"] == f"{best} has the best mean rank in every family."
    assert [row[2] for row in said["table"].rows][1].endswith(" and 1 more")


def test_against_a_control_no_model_is_said_to_be_the_best(make, wide):
    """Only pairs with the control were compared: that no model is surely better than another one, nobody has looked at."""
    against = make(8, tasks=15, control=4)
    assert against.ranks["in_top_set"].sum() > 1
    page = html_report(against)
    assert "may be the best" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert 'class="star"' not in page
    assert ">Pairs with the control</h2>" in page
    assert "its pair with the control;" in page
    each = wide.read_text(encoding="utf-8")
    assert 'class="star"' in each
    assert ">All pairs</h2>" in each


def test_what_the_bars_are_is_said_as_the_findings_say_it(make):
    assert told(make(6, 30, tasks=12, families=2))["bars"] == "bar: where they may be at 95 %, all at once."
    bayes = told(make(6, tasks=12, test="bayes"))
    assert "each taken by itself" in bayes["verdict"][0]
    assert "the ranks that the decided pairs allow, each pair by itself" in bayes["bars"]


def test_families_against_a_control(make):
    comparison = make(6, 30, tasks=12, families=2)
    assert "may be the best" in family_rows(comparison).columns
    against = family_rows(replace(comparison, control=str(comparison.ranks["model"].iloc[-1])))
    assert against.columns == ("family", "tasks", "best mean rank", "significant pairs", "Friedman p")
    assert {len(row) for row in against.rows} == {5}


def test_a_picture_stands_under_the_heading_of_what_it_shows(wide):
    page = wide.read_text(encoding="utf-8")
    further = page[page.index('id="further"') :]
    assert further.index("<h3>Borda count</h3>") < further.index("<h3>Quality against size</h3>")
    assert further.index("<h3>Quality against size</h3>") < further.index('data-figure="frontier"')


def test_findings_of_a_design_within_families_stand_apart_and_tables_begin_with_what_decides(make):
    comparison = make(6, 30, tasks=12, families=2, design=True)
    said = [
        "a gains 0.006 [0.001, 0.012] over all tasks over b (12 tasks, Wilcoxon p = 0.002, adjusted p = 0.011).",
        "a loses 0.005 [0.002, 0.010] on Family1 against b (6 tasks, Wilcoxon p = 0.004, adjusted p = 0.023).",
        "No effect is significant on Family0, Family1.",
        "a loses 0.004 [0.001, 0.007] on tasks that are on Family1 (6 tasks, p = 0.009): said of all of them.",
    ]
    about = ["overall", "Family1", "overall", "overall"]
    found = design_section(replace(comparison, design=replace(comparison.design, conclusions=said, about=about)))
    assert found["within"] == said[1:2]
    assert found["sentences"] == [said[0], *said[2:]]
    tables = {words.split(" (")[0]: table for words, table, _ in found["tables"]}
    main = tables["Main effects"].columns
    assert main == (
        "family", "factor", "a", "b", "n", "difference", "interval", "adjusted p", "significant", "p", "win/tie/loss",
    )  # fmt: skip
    counts = comparison.design.contrasts.query("kind == 'main'")[["win", "tie", "loss"]].astype(int)
    assert [row[-1] for row in tables["Main effects"].rows] == [f"{w}/{t}/{lost}" for w, t, lost in counts.to_numpy()]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ClimateFEVERHardNegatives", "Climate<wbr>FEVERHard<wbr>Negatives"),
        ("multi_layer+full", "multi_<wbr>layer+<wbr>full"),
        ("<b>aB", "&lt;b&gt;a<wbr>B"),
        ("STS12", "STS12"),
        ("intfloat/multilingual-e5", "intfloat/<wbr>multilingual-e5"),
        ("Touche2020Retrieval.v3", "Touche2020<wbr>Retrieval.v3"),
        ("SIB200ClusteringS2S", "SIB200<wbr>Clustering<wbr>S2S"),
    ],
)
def test_a_name_breaks_between_its_parts(name, shown):
    assert str(breakable(name)) == shown


def test_tables_fit_and_show_the_rest_on_demand(browser, wide):
    overflow = """[...document.querySelectorAll("main .scroll")].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
        .map(e => [e.getAttribute("aria-label"), e.scrollWidth, e.clientWidth])"""
    for width in (1400, 390):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(wide.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate(overflow) == []
        box = page.locator("#design .fit:has(.much)").first
        head = box.locator("thead th").last
        assert head.is_hidden()
        assert box.locator("thead th", has_text="adjusted p").is_visible()
        box.locator(".more input").check()
        assert head.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_on_a_telephone_curves_fit_and_words_in_drawings_can_be_read(browser, wide):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(wide.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    boxes = page.evaluate("""Object.fromEntries([...document.querySelectorAll("figure.drawing")].filter(f => f.offsetParent)
        .map(f => [f.dataset.figure, f.scrollWidth - f.clientWidth]))""")
    assert {"performance-profile", "power-curve", "critical-difference"} <= set(boxes)
    assert boxes["performance-profile"] <= 1
    assert boxes["power-curve"] <= 1
    smallest = page.evaluate("""Math.min(...[...document.querySelectorAll("figure.drawing text")].filter(t => t.checkVisibility())
        .map(t => [parseFloat(getComputedStyle(t).fontSize), t.getScreenCTM()]).map(([size, at]) => size * Math.hypot(at.a, at.b))
        .filter(size => size > 0))""")
    assert smallest >= 8
    context.close()
