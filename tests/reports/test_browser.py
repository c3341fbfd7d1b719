"""The page in a real browser: sorting, filtering, choosing, dark, print, nothing asked of the network."""

import numpy as np
import pandas as pd
import pytest

from reports import html_report
from stats import compare

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    rng = np.random.default_rng(5)
    names = [HOSTILE, "org/" + "a-name-of-ninety-characters" * 3 + "-long", *(f"org/model-{i}" for i in range(22))]
    values = rng.normal(0.6, 0.02, (14, 24)) - np.linspace(0, 0.3, 24)
    frame = pd.DataFrame(values, columns=names)
    frame.insert(0, "task", [f"T{i}" for i in range(14)])
    comparison = compare(frame, n_resamples=100, rng=0)
    path = tmp_path_factory.mktemp("page") / "report.html"
    html_report(comparison, path)
    return path, comparison


@pytest.fixture
def visit(browser, report):
    """Return a function that opens the page; afterwards nothing may have gone wrong in it."""
    contexts, troubles, asked = [], [], []

    def go(fragment="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("dialog", lambda d: (troubles.append(f"dialog {d.message}"), d.dismiss()))
        page.on("request", lambda r: asked.append(r.url))
        page.goto(report[0].as_uri() + fragment)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield go
    for context in contexts:
        context.close()
    assert troubles == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def column(page, table, index):
    return page.eval_on_selector_all(
        f"#{table} tbody tr", "(rows, i) => rows.map(r => r.cells[i].textContent.trim())", index
    )


def test_the_first_screen_has_question_answer_and_chart(visit, report):
    for width, height, rows in ((1400, 900, 12), (390, 844, 6)):
        page = visit(viewport={"width": width, "height": height})
        assert page.locator("h1").text_content() == "Which of 24 models is the best on these 14 tasks?"
        assert (
            "may be the best" in page.locator(".answer").first.text_content()
            or "is the best" in page.locator(".answer").first.text_content()
        )
        shown = page.locator("#ranking-table tbody tr:visible")
        assert shown.nth(rows - 1).bounding_box()["y"] < height - 40
        assert page.locator("#ranking-table tr.top").count() == int(report[1].ranks["in_top_set"].sum())
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_pinned_model_colours_the_others_by_the_table_of_decisions(visit, report):
    page, comparison = visit(), report[1]
    pairs, reference = comparison.pairs, str(comparison.ranks["model"].iloc[5])
    want = {}
    for row in pairs[(pairs["model_a"] == reference) | (pairs["model_b"] == reference)].itertuples():
        first = row.model_a == reference
        other = row.model_b if first else row.model_a
        ahead = {"a": "worse" if first else "better", "b": "better" if first else "worse"}
        want[other] = ahead.get(row.verdict, row.verdict)
    assert len(set(want.values())) > 1
    button = page.locator("#ranking-table button.m", has_text=reference).first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    rows = page.eval_on_selector_all(
        "#ranking-table tbody tr:not(.reference)",
        "rows => rows.map(r => [r.querySelector('.m').textContent, r.className.replace('top', '').trim(), r.cells[8].textContent.slice(1)])",
    )
    assert {name: said for name, _, said in rows} == want
    assert all(kind == said for _, kind, said in rows)
    page.locator("#ranking-table tbody tr").nth(2).hover()
    assert reference in page.text_content("#chart-pair")
    page.click("#chart-unpin")
    assert page.locator("#ranking-table .reference").count() == 0


def test_an_address_leads_to_a_pair(visit, report):
    from urllib.parse import quote

    comparison = report[1]
    a, b = (str(m) for m in comparison.ranks["model"].iloc[[2, 20]])
    page = visit(f"#pair={quote(a, safe='')}&with={quote(b, safe='')}")
    row = comparison.pairs[(comparison.pairs["model_a"] == a) & (comparison.pairs["model_b"] == b)].iloc[0]
    said = page.text_content("#two-sentence")
    assert said.startswith(
        f"{a} is better than {b}: pseudo-median difference +{row['difference']:.4f}"
        if row["verdict"] == "a"
        else f"{a} and {b} cannot"
    )
    table = comparison.scores.table
    shown = [
        float(t.replace("−", "-"))
        for t in page.eval_on_selector_all("#two-plot tbody td:nth-child(5)", "c => c.map(x => x.textContent)")
    ]
    np.testing.assert_allclose(shown, sorted(table[a] - table[b], reverse=True), atol=6e-5)
    assert page.locator("#two").bounding_box()["y"] < 100


def test_copies_and_search(visit, report):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.locator("[data-copies='ranking-table'] button", has_text="CSV").click()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert len(lines) == 25
    assert lines[1].startswith("1,")
    page.locator("[data-copies='paragraph'] button").click()
    assert page.evaluate("navigator.clipboard.readText()") == report[1].summary().strip()
    page.fill("#chart-search", "model-21")
    page.locator("#ranking-table tbody tr:visible").nth(1).wait_for(state="hidden")
    assert page.locator("#ranking-table tbody tr:visible").count() == 1


def test_copied_latex_compiles(visit, compile_tex):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    tables = []
    for name in ("ranking-table", "pairs-table"):
        page.locator(f"[data-copies='{name}'] button", has_text="LaTeX").click()
        tables.append(page.evaluate("navigator.clipboard.readText()"))
        lines = [line for line in tables[-1].splitlines() if line.endswith(r"\\")]
        assert len({line.count("&") - line.count(r"\&") for line in lines}) == 1
        assert len(lines) == page.locator(f"#{name} tbody tr").count() + 1
    # Two hundred rows are more than a page has; TeX still has to read all of them.
    body = "\n\n".join(rf"\tiny {table}" for table in tables)
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    assert compile_tex(document, "booktabs.sty").startswith(b"%PDF-")


def test_sorting_uses_the_raw_values_and_says_so(visit, report):
    page = visit()
    head = page.locator("#ranking-table thead th").nth(6)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    means = [float(t) for t in column(page, "ranking-table", 6)]
    assert means == sorted(means)
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("#ranking-table thead th[aria-sort]").count() == 1
    page.locator("#pairs-table thead th").nth(2).get_by_role("button").click()
    first = column(page, "pairs-table", 2)[0]
    smallest = report[1].pairs["difference"].min()
    assert float(first.replace("−", "-")) == pytest.approx(smallest, abs=6e-5)


def test_filtering_by_name_and_by_significance(visit, report):
    from playwright.sync_api import expect

    page = visit()
    pairs = report[1].pairs
    assert page.locator("#pairs-table tbody tr").count() == 200
    assert "276 of 276 pairs, the first 200 shown" in page.text_content("#pairs-count")
    page.click("#pairs-more")
    assert page.locator("#pairs-table tbody tr").count() == 276
    page.select_option("#pairs-show", "yes")
    assert f"{int(pairs['significant'].sum())} of 276" in page.text_content("#pairs-count")
    page.select_option("#pairs-show", "all")
    page.fill("#pairs-filter", "model-21")
    expect(page.locator("#pairs-table tbody tr")).to_have_count(23, timeout=60_000)  # on cores that are busy, too
    page.fill("#pairs-filter", "nobody")
    expect(page.locator("#pairs-none")).to_be_visible(timeout=60_000)
    assert page.locator("#pairs-table tbody tr").count() == 0


def estimate(comparison, a: str, b: str) -> float:
    """A minus b as the table of pairs has it."""
    pairs = comparison.pairs
    row = pairs[pairs["model_a"].isin([a, b]) & pairs["model_b"].isin([a, b])].iloc[0]
    return float(row["difference"]) * (1 if row["model_a"] == a else -1)


def test_one_model_against_the_rest(visit, report):
    from urllib.parse import quote

    comparison = report[1]
    model = str(comparison.ranks["model"].iloc[3])
    page = visit(f"#model={quote(model, safe='')}")
    assert page.text_content("#model-name") == model
    assert page.locator("#model-table tbody tr").count() == 23
    others = column(page, "model-table", 0)
    shown = [float(t.replace("−", "-")) for t in column(page, "model-table", 1)]
    np.testing.assert_allclose(shown, [estimate(comparison, model, o) for o in others], atol=6e-5)
    verdicts = column(page, "model-table", 5)
    for verdict, value in zip(verdicts, shown, strict=True):
        assert verdict in ("undecided", "better" if value > 0 else "worse")
    page.select_option("#model-choice", "0")
    assert page.text_content("#model-name") == str(comparison.ranks["model"].iloc[0])


def test_a_hostile_name_is_only_a_name(visit):
    page = visit()
    assert page.locator("img").count() == 0
    assert page.locator("#ranking-table button.m", has_text=HOSTILE).count() == 1
    page.locator("#ranking-table button.m", has_text=HOSTILE).click()
    assert HOSTILE in page.text_content("#chart-note")


def test_dark_and_phone(visit):
    page = visit(color_scheme="dark", viewport={"width": 390, "height": 800})
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert ground == "rgb(21, 24, 27)"
    assert ink == "rgb(230, 232, 234)"
    name = page.locator("svg.drawn text").first
    assert name.evaluate("e => getComputedStyle(e).fill") in ("rgb(230, 232, 234)", "rgb(163, 171, 179)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    fills = page.eval_on_selector_all("svg.drawn text", "texts => texts.map(t => getComputedStyle(t).fill)")
    assert len(fills) > 100
    assert {"rgb(0, 0, 0)", "rgb(26, 29, 33)"} & set(fills) <= {"rgb(26, 29, 33)"}  # black on a dark ground is not read
    light = visit(color_scheme="light")
    assert light.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # On a phone the map of scores has names that can be read; on a large screen it is a drawing.
    page.locator("#tasks").scroll_into_view_if_needed()
    assert [page.locator("#scores-map canvas").is_visible(), light.locator("#scores-map canvas").is_visible()] == [
        True,
        False,
    ]
    drawing = "figure[data-figure='score-heatmap']"
    assert [page.locator(drawing).is_visible(), light.locator(drawing).is_visible()] == [False, True]


def test_a_table_on_a_phone_shows_numbers_beside_names_however_long(visit):
    page = visit(viewport={"width": 390, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    ends = page.eval_on_selector_all(
        "table.plain", "tables => tables.map(t => t.querySelector('tbody .num').getBoundingClientRect().right)"
    )
    assert len(ends) >= 2
    assert max(ends) <= 390


def test_works_are_linked_and_links_out_are_no_others(visit):
    page = visit()
    out = page.eval_on_selector_all("a[href^='http']", "links => links.map(a => [a.href, a.textContent, a.rel])")
    assert len(out) >= 5
    for address, words, rel in out:
        assert address == words
        assert address.startswith(("https://doi.org/10.", "https://www.jmlr.org/"))
        assert "noreferrer" in rel


def test_without_scripts(visit):
    page = visit(java_script_enabled=False)
    assert page.locator("#pairs-controls").is_hidden()
    assert page.locator("#pairs-table tbody tr").count() > 20
    assert page.locator("#model-table tbody tr").count() == 23
    with page.expect_download() as download:
        page.click("a[download='ranking.csv']")
    assert download.value.suggested_filename == "ranking.csv"


def test_print_and_keyboard(visit, tmp_path):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.fill("#chart-search", "model-2")
    page.wait_for_selector("#chart-note:has-text('of 24 models')")
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#chart-note").text_content() == "3 of 24 models."  # on paper, too, a part says that it is one
    assert page.locator("#chart-note").is_visible()
    page.emulate_media(media="screen")
    page.fill("#chart-search", "")
    page.wait_for_selector("#chart-note", state="hidden")
    page.emulate_media(media="print")
    pdf = page.pdf(path=str(tmp_path / "a.pdf"))
    assert pdf[:5] == b"%PDF-"
    assert 2 <= pdf.count(b"/Type /Page\n") <= 8


def test_accessibility(browser, report):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(bypass_csp=True)  # axe is a script that the page would not admit
    page = context.new_page()
    page.goto(report[0].as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    page.locator("#ranking-table button.m").nth(4).click()
    page.fill("#pairs-filter", HOSTILE)  # fewer rows of one kind
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    context.close()


def test_headers_stay_focus_shows_and_figures_are_of_one_width(visit):
    page = visit()
    head = page.locator("#pairs-table thead th").first
    page.locator("#pairs-table").scroll_into_view_if_needed()
    before = head.bounding_box()["y"]
    page.eval_on_selector("#pairs-table", "t => { t.closest('.tall').scrollTop = 400; }")
    assert head.bounding_box()["y"] == pytest.approx(before, abs=1)
    assert page.locator("#pairs-table tbody tr").first.bounding_box()["y"] < before - 200
    style = page.eval_on_selector("#pairs-table td", "td => getComputedStyle(td).fontVariantNumeric")
    assert style == "tabular-nums"
    page.locator("#pairs-filter").focus()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
