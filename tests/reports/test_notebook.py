"""The page as a widget: choices go both ways, a saved notebook holds no page, and the page in its frame is as strict as elsewhere."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from reports import html_report
from stats import InputError, Scores, compare

pytest.importorskip("anywidget", reason="anywidget is not installed")

CHOICES = ("pinned", "search", "families")


@pytest.fixture(scope="module")
def comparison():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        rng.normal(0.6, 0.02, (12, 5)) - np.linspace(0, 0.2, 5), columns=[f"org/m{i}" for i in range(5)]
    )
    frame.insert(0, "task", [f"T{i}" for i in range(12)])
    info = pd.DataFrame({"family": [f"F{i % 2}" for i in range(12)]}, index=pd.Index(frame["task"]))
    return compare(Scores.from_frame(frame, tasks=info), n_resamples=100, rng=0)


@pytest.fixture(scope="module")
def explorer(comparison):
    return comparison.explore(title="Which one?")


def test_a_saved_notebook_holds_the_table_and_no_page(comparison, explorer):
    bundle, _ = explorer._repr_mimebundle_()
    assert bundle["text/html"] == comparison._repr_html_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    kept = json.dumps({key: value for key, value in explorer.get_state().items() if key != "layout"})
    assert len(kept) < 5_000
    assert "<!DOCTYPE" not in kept + json.dumps(bundle)


def test_a_comparison_by_itself_stays_a_table(comparison):
    assert not hasattr(comparison, "_repr_mimebundle_")
    assert len(comparison._repr_html_()) < 20_000


def test_the_page_is_sent_to_who_asks_and_is_the_reports(comparison, explorer, monkeypatch):
    sent = []
    monkeypatch.setattr(explorer, "send", sent.append)
    explorer._answer({"ask": "something else"})
    assert sent == []
    explorer._answer({"ask": "page"})
    want = html_report(comparison, title="Which one?")
    assert [_undated(message["page"]) for message in sent] == [_undated(want)]


def _undated(page):
    return page.split("Date of this page")[0] + page.split("Date of this page")[1].split("</dd>", 1)[1]


def test_choices_are_traits_that_are_heard_and_names_are_checked(comparison):
    explorer, heard = comparison.explore(height=500), []
    explorer.observe(lambda change: heard.append((change["name"], change["new"])), names=list(CHOICES))
    explorer.pinned, explorer.families, explorer.search = "org/m3", ["F1"], "m"
    explorer.pinned = None
    assert heard == [("pinned", "org/m3"), ("families", ["F1"]), ("search", "m"), ("pinned", None)]
    assert explorer.height == 500
    with pytest.raises(InputError, match="model 'org/M3' is not in this comparison; did you mean 'org/m3'"):
        explorer.pinned = "org/M3"
    with pytest.raises(InputError, match="family 'F9' is not in this comparison"):
        explorer.families = ["F9"]
    assert (explorer.pinned, explorer.families) == (None, ["F1"])


def test_a_control_is_pinned(comparison):
    found = compare(comparison.scores, control="org/m2", n_resamples=100, rng=0)
    assert found.explore().pinned == "org/m2"


def test_without_anywidget_one_line_says_what_to_install(comparison, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "reports.page.explorer", raising=False)
    with pytest.raises(
        InputError, match=r"pip install 'embsig\[notebook\]'; without it, report\('report.html'\)"
    ) as said:
        comparison.explore()
    assert "\n" not in str(said.value)


#: What Jupyter gives the widget's script: the model's traits, and a way to the kernel.
HOST = """<!DOCTYPE html><html lang="en"><head><title>notebook</title></head><body><main id="cell"></main><script type="module">
const state = STATE, heard = {};
const tell = (name, message) => (heard[name] ?? []).forEach(f => f(message));
window.model = {
  get: name => state[name],
  set: (name, value) => { if (JSON.stringify(state[name]) !== JSON.stringify(value)) { state[name] = value; tell(`change:${name}`); } },
  save_changes: () => window.save(JSON.stringify(state)),
  on: (name, f) => { (heard[name] ??= []).push(f); },
  off: (name, f) => { heard[name] = heard[name].filter(g => g !== f); },
  send: async message => tell("msg:custom", JSON.parse(await window.ask(JSON.stringify(message)))),
};
const widget = await import("data:text/javascript;charset=utf-8," + encodeURIComponent(ESM));
window.gone = widget.default.render({model: window.model, el: document.getElementById("cell")});
</script></body></html>"""


@pytest.fixture
def cell(browser, explorer, tmp_path, monkeypatch):
    """The widget shown in a page, joined to the one in Python as a kernel would join them."""
    sent, troubles = [], []
    monkeypatch.setattr(explorer, "send", sent.append)

    def ask(message):
        explorer._answer(json.loads(message))
        return json.dumps(sent.pop())

    def save(state):
        for name in CHOICES:
            setattr(explorer, name, json.loads(state)[name])

    explorer.pinned, explorer.search, explorer.families = "org/m1", "", []
    page = browser.new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")  # links lead at once
    page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: troubles.append(str(e)))
    page.expose_function("ask", ask)
    page.expose_function("save", save)
    state = {name: getattr(explorer, name) for name in (*CHOICES, "height", "title")}
    host = HOST.replace("STATE", json.dumps(state)).replace("ESM", json.dumps(explorer._esm).replace("</", "<\\/"))
    (tmp_path / "notebook.html").write_text(host, encoding="utf-8")
    page.goto((tmp_path / "notebook.html").as_uri())
    yield page
    page.close()
    assert troubles == []


def test_choices_go_both_ways(cell, explorer):
    frame = cell.frame_locator("iframe")
    # What the kernel had chosen before the page was there is chosen in it.
    frame.locator("#ranking-table tr.reference button.m", has_text="org/m1").wait_for()
    frame.locator("#ranking-table button.m", has_text="org/m3").click()
    frame.locator("#ranking-table tr.reference button.m", has_text="org/m3").wait_for()
    frame.locator("#chart-families button", has_text="F1").click()
    frame.locator("#chart-search").fill("m3")
    cell.wait_for_function("model.get('search') === 'm3'")
    assert (explorer.pinned, explorer.families, explorer.search) == ("org/m3", ["F1"], "m3")
    for name, value in (("search", ""), ("families", []), ("pinned", "org/m4")):
        cell.evaluate("([name, value]) => model.set(name, value)", [name, value])
    frame.locator("#ranking-table tr.reference button.m", has_text="org/m4").wait_for()
    assert frame.locator("#ranking-table tbody tr:visible").count() == 5
    assert frame.locator("#chart-families button[aria-pressed=true]").all_text_contents() == ["All tasks"]
    frame.locator("#chart-unpin").click()
    cell.wait_for_function("model.get('pinned') === null")
    assert explorer.pinned is None


def test_the_frame_is_closed_and_its_page_strict_and_its_links_work(cell):
    iframe, frame = cell.locator("iframe"), cell.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for()
    assert iframe.get_attribute("title") == "Which one?"
    assert "allow-same-origin" not in iframe.get_attribute("sandbox")
    assert "default-src 'none'" in frame.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    frame.locator("#ranking-table td.verdict a").first.click()
    assert frame.locator("#two-sentence").text_content() != ""
    frame.locator("nav a[href='#methods']").click()
    assert frame.locator("#methods").bounding_box()["y"] < 300
    assert frame.locator("#two-first").evaluate("() => location.href.split('#')[0]") == "about:srcdoc"
    frame.locator("#two-first").select_option(index=3)
    cell.evaluate("gone()")  # the cell is cleared: nobody listens any more
    frame.locator("#ranking-table button.m").nth(3).click()
    assert cell.evaluate("model.get('pinned')") == "org/m1"


def test_a_page_that_was_opened_from_an_address_tells_no_frame_anything(browser, comparison, tmp_path):
    html_report(comparison, tmp_path / "report.html")
    (tmp_path / "host.html").write_text(
        "<script>heard = []; addEventListener('message', e => heard.push(e.data));</script><iframe src='report.html' width=900 height=700></iframe>"
    )
    page = browser.new_page()
    page.goto((tmp_path / "host.html").as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for()
    page.evaluate("frames[0].postMessage({embsig: 'choose', pinned: 'org/m1', search: '', families: []}, '*')")
    frame.locator("#ranking-table button.m").nth(3).click()
    frame.locator("#ranking-table tr.reference").wait_for()
    assert page.evaluate("heard") == []
    assert "org/m1" not in frame.locator("#ranking-table tr.reference").text_content()
    page.close()
