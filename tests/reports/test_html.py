"""The page as a file: complete, escaped, small, the same every time."""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from reports import html_report
from reports.page.embedded_data import json_for_script
from reports.page.methods import method_rows, tie_sentence
from reports.page.opening import _smallest
from reports.page.packing import packed
from reports.page.provenance import provenance_rows, without_paths
from reports.page.views import script_data
from stats import Scores, compare

HOSTILE = "<img src=x onerror=alert(1)>"
ENDS = "</script><script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://x")'


class Page(HTMLParser):
    """Elements by name, with their attributes; the text of scripts and styles; ids; unclosed elements."""

    VOID = frozenset({"meta", "link", "br", "wbr", "img", "input", "hr"})

    def __init__(self, text):
        super().__init__()
        self.elements, self.raw, self.ids, self.open = [], {"script": [], "style": []}, [], []
        self.texts = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def joined(page):
    """The page without what keeps parts of its sentences on one line."""
    return re.sub(r'<span class="whole">(.*?)</span>', r"\1", page)


@pytest.fixture(scope="module")
def hostile():
    rng = np.random.default_rng(1)
    names = [HOSTILE, ENDS, FORMULA, "org/plain", "a & b", "{{ 7 * 7 }}"]
    frame = pd.DataFrame(rng.uniform(0.5, 0.7, (9, 6)), columns=names)
    frame.insert(0, "task", [f"T{i}<b>" for i in range(9)])
    return compare(frame, n_resamples=100, rng=0)


def test_the_page_is_well_formed_and_has_its_sections(make):
    comparison = make(6, tasks=12, families=2)
    page = Page(joined(html_report(comparison)))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    sections = [a["id"] for a in page.all("section")]
    assert sections == [
        "verdict", "findings", "audit", "diagram", "families", "pairs", "model", "two", "tasks", "further", "power", "methods",
        "provenance", "downloads",
    ]  # fmt: skip
    for attributes in page.all("a"):
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in page.ids
    text = " ".join(" ".join(page.texts).split())
    assert " ".join(comparison.conclusions[0].split()) in text
    assert "Wilcoxon, F. (1945)" in text


def test_every_figure_has_a_title_and_a_description(make):
    page = Page(html_report(make(6, tasks=12, families=2)))
    drawn = [a for a in page.all("svg") if a.get("class") == "drawn"]
    assert len(drawn) >= 5
    for attributes in drawn:
        assert attributes["role"] == "img"
        assert set(attributes["aria-labelledby"].split()) <= set(page.ids)
    # How lines are joined is said once a drawing, not by every cell of a map.
    joins = [a for _, a in page.elements if "stroke-linejoin" in a]
    assert joins == drawn


def test_names_do_nothing_and_are_shown(hostile):
    text = html_report(hostile)
    assert HOSTILE not in text
    assert "<b>" not in text
    page = Page(text)
    assert not any("onerror" in a for _, a in page.elements)
    assert len(page.all("script")) == 2
    assert "49" not in [t.strip() for t in page.texts]
    data = json.loads(page.raw["script"][0])
    assert set(data["models"]) == set(hostile.scores.models)
    assert any(HOSTILE in t for t in page.texts)


def test_the_content_policy_admits_the_pages_own_style_and_script_only(make):
    text = html_report(make(5))
    page = Page(text)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for raw, source in ((page.raw["style"], "style-src"), (page.raw["script"][1:], "script-src")):
        digest = base64.b64encode(hashlib.sha256("".join(raw).encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert not any("style" in a or any(k.startswith("on") for k in a) for _, a in page.elements)


def test_the_page_asks_for_nothing_from_elsewhere(make):
    page = Page(html_report(make(6, tasks=12, families=2)))
    for _, attributes in page.elements:
        for key in ("src", "href", "xlink:href", "action", "srcset"):
            assert attributes.get(key, "#").startswith(("#", "data:"))
    assert "@import" not in "".join(page.raw["style"])
    assert "url(" not in "".join(page.raw["style"])
    assert not page.all("link")


def test_the_same_comparison_gives_the_same_bytes(make, monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    text = html_report(make(5), tmp_path / "a.html")
    assert html_report(make(5)) == text == (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "2023-11-14 22:13 UTC" in text
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_downloads_hold_what_was_compared(hostile):
    page = Page(html_report(hostile))
    files = {a["download"]: a["href"] for a in page.all("a") if "download" in a}
    assert set(files) == {"ranking.csv", "scores.csv", "pairs.csv", "comparison.json.gz", "critical-difference.svg"}
    body = {name: unquote(href.split(",", 1)[1]) for name, href in files.items()}
    pairs = list(csv.reader(io.StringIO(body["pairs.csv"])))
    assert len(pairs) == 1 + 15
    assert "'" + FORMULA in {row[0] for row in pairs} | {row[1] for row in pairs}
    packed = base64.b64decode(files["comparison.json.gz"].split(",", 1)[1])
    assert json.loads(gzip.decompress(packed))["n_models"] == 6
    ranking = csv.DictReader(io.StringIO(body["ranking.csv"]))  # pandas reads floats to the last bit only from 3.0 on
    np.testing.assert_array_equal([float(row["mean_rank"]) for row in ranking], hostile.ranks["mean_rank"])
    assert body["critical-difference.svg"].startswith("<svg ")


def unpacked(given):
    """Read columns as the page's script does: base64, gzip, the first bytes of all numbers before their second ones."""
    body, start, columns = gzip.decompress(base64.b64decode(given["data"])), 0, {}
    for name, kind in given["columns"]:
        width, n = int(kind[1]), given["rows"]
        parts = np.frombuffer(body[start : start + width * n], np.uint8).reshape(width, n)
        columns[name] = np.ascontiguousarray(parts.T).view(f"<{kind}").ravel()
        start += width * n
    assert start == len(body)
    return columns


def test_the_scripts_data_are_the_comparisons_and_those_of_its_families(make):
    comparison = make(6, tasks=12, families=2)
    data = script_data(comparison, command="")
    models = list(comparison.ranks["model"])
    np.testing.assert_array_equal(
        unpacked(data["scores"])["score"].reshape(6, 12), comparison.scores.table[models].to_numpy().T
    )
    assert [v["name"] for v in data["views"]] == ["", *comparison.families]
    for view, part in zip(data["views"], [comparison, *comparison.families.values()], strict=True):
        ranks, pairs = unpacked(view["models"]), unpacked(view["pairs"])
        assert [models[i] for i in ranks["model"]] == list(part.ranks["model"])
        for column in ("rank_low", "rank_high"):
            np.testing.assert_array_equal(ranks[column], part.ranks[column])
        assert [(models[a], models[b]) for a, b in zip(pairs["a"], pairs["b"], strict=True)] == list(
            zip(part.pairs["model_a"], part.pairs["model_b"], strict=True)
        )
        for column in ("difference", "low", "high"):
            np.testing.assert_allclose(pairs[column], part.pairs[column], rtol=5e-6)
        for column in ("n", "win", "tie"):
            np.testing.assert_array_equal(pairs[column], part.pairs[column])
        codes = part.pairs["verdict"].map({"undecided": 0, "a": 1, "b": 2, "equivalent": 3})
        np.testing.assert_array_equal(pairs["verdict"], codes)


def test_the_first_sentence_answers_the_question(make):
    """Counts by hand from the table of ranks and of pairs."""
    from reports.page.opening import answer, question

    several = make(10, tasks=15)
    top = int(several.ranks["in_top_set"].sum())
    assert 1 < top < 10
    assert question(several) == "Which of 10 models is the best on these 15 tasks?"
    assert answer(several) == [f"{top} of 10 models may be the best: the differences among them may be chance."]
    control = make(10, tasks=15, control=4)
    verdicts = control.pairs["verdict"].value_counts()
    better, worse, rest = (int(verdicts.get(v, 0)) for v in ("a", "b", "undecided"))
    assert better > 0
    assert worse > 0
    assert answer(control) == [
        f"{better} of 9 models are better than {control.control}, {worse} are worse"
        + (f"; {rest} cannot be told apart from it." if rest else ".")
    ]
    assert answer(replace(make(4, tasks=3), powerless=True))[0].startswith("3 tasks cannot decide")


def test_no_path_of_the_makers_machine_is_on_the_page(make):
    comparison = make(5)
    given = replace(
        comparison,
        provenance={"source": "/home/ada/secret/x.csv", "left_out": {"no_card": {"of": 3, "in": ["a", "b"]}}},
    )
    text = html_report(given, command="embsig report /home/ada/secret/x.csv -o C:\\Users\\ada\\page.html")
    assert "/home/ada" not in text
    assert "Users" not in text
    assert "embsig report x.csv -o page.html" in text
    assert "no card (of 3, in (a, b))" in text  # and no notation of a program
    packed = re.search(r'download="comparison.json.gz" href="data:application/gzip;base64,([^"]*)"', text)[1]
    assert b"/home/ada" not in gzip.decompress(base64.b64decode(packed))
    for kept in ("see https://doi.org/10.1/x/y", "org/model on 1/2", "3/4/5"):
        assert without_paths(kept) == kept


def test_undefined_numbers_are_null_not_nan():
    assert json_for_script([float("1.5"), None]) == "[1.5,null]"
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_for_script([float("nan")])


def test_without_scripts_the_page_still_shows_pairs_and_the_best_model(make):
    page_text = html_report(make(30))
    body = re.search(r'<table id="pairs-table".*?</table>', page_text, re.S)[0]
    assert body.count("<tr>") == 1 + 57
    assert "57 of 435 pairs" in page_text
    versus = re.search(r'<table id="model-table".*?</table>', page_text, re.S)[0]
    assert versus.count("<tr>") == 1 + 29


def test_size(make):
    assert len(html_report(make(30, tasks=41, families=3)).encode()) < 700_000
    assert len(html_report(make(183, tasks=8)).encode()) < 2_500_000


def test_options_reach_the_page(make):
    beside = pd.DataFrame({"family": ["STS"], "published_mean": [0.8123]})
    text = html_report(make(3, control=0), title="A <title>", command="embsig report x.csv --alpha .05", beside=beside)
    assert "<h1>A &lt;title&gt;</h1>" in text
    assert "embsig report x.csv --alpha .05" in text
    assert "0.8123" in text
    assert "control" in text


def few_tasks(n=9, k=10, sources=8):
    """Ten models on nine tasks of three families, of which two tasks share a source; scores are fractions."""
    rng = np.random.default_rng(3)
    values = rng.normal(0.6, 0.015, (n, k)) + np.linspace(0.1, -0.1, k)
    tasks = [f"T{i}" for i in range(n)]
    info = pd.DataFrame(
        {"family": [f"F{i % 3}" for i in range(n)], "group": [f"g{min(i, sources - 1)}" for i in range(n)], "low": 0.0, "high": 1.0},
        index=pd.Index(tasks, name="task"),
    )  # fmt: skip
    frame = pd.DataFrame(values, columns=[f"m{i}" for i in range(k)])
    frame.insert(0, "task", tasks)
    return compare(Scores.from_frame(frame, tasks=info), n_resamples=100, rng=0)


def test_the_page_does_not_contradict_itself_where_tasks_are_few():
    comparison = few_tasks()
    assert comparison.method.n_units == 8
    text = " ".join(
        re.sub(r"<[^>]+>", " ", joined(html_report(comparison)).split('<script type="application/json"')[0]).split()
    )
    # "So few tasks give no interval", and no interval from the lowest possible mean to the highest beside it.
    assert "for which so few tasks give no 95 % interval" in text
    assert "[0.0000, 1.0000]" not in text
    data = script_data(comparison, command="")
    assert len(data["views"]) == 4
    # The smallest p counts tasks of one source once, 2 / 2^8; a plan takes all nine by themselves and shares alpha: it says so.
    assert "The smallest p that 9 tasks in 8 units can reach with this test is p = 0.008." in text
    planned = text.index("Planned with α shared equally among the comparisons")
    assert text[planned:].startswith(
        "Planned with α shared equally among the comparisons (stricter than this correction) and every task as a unit of its own: with 9 tasks"
    )
    endless = int(np.isinf(comparison.pairs["high"] - comparison.pairs["low"]).sum())
    assert endless
    assert f"{endless} of 45 intervals of a difference (95 %) have no end" in text


def test_one_tie_is_singular_and_dates_are_written_alike():
    frame = pd.DataFrame(
        {"task": list("uvwxyz"), "a": [0.5, 0.6, 0.7, 0.8, 0.9, 0.3], "b": [0.5, 0.61, 0.75, 0.7, 0.8, 0.2]}
    )
    comparison = compare(frame, n_resamples=50, rng=0)
    assert tie_sentence(comparison) == "1 of 6 paired scores is tied."
    dated = replace(comparison, provenance={**comparison.provenance, "date": "2026-08-20T10:07:09+00:00"})
    assert dict(provenance_rows(dated))["Date of the source"] == "2026-08-20 10:07 UTC"


def test_the_smallest_model_is_one_that_has_parameters(make):
    comparison = make(6, 30, tasks=12, families=2, design=True)
    finding = comparison.further["cost"]["n_parameters"]
    first, second, *_ = top = [str(m) for m in finding.frame["model"][:3]]
    frame = finding.frame.assign(cost=finding.frame["cost"].mask(finding.frame["model"] == first, 0.0))
    changed = replace(
        comparison, further={**comparison.further, "cost": {"n_parameters": replace(finding, frame=frame)}}
    )
    size = float(frame.loc[frame["model"] == second, "cost"].iloc[0]) / 1e9
    said = f"{first} has no parameters; the smallest of the others has {size:.1f} B parameters: {second}."
    assert _smallest(changed, top) == [said]


def test_what_a_model_costs_is_named_in_its_table(make):
    page = html_report(make(6, 30, tasks=12, families=2, design=True))
    assert ">parameters</th>" in page
    assert ">cost</th>" not in page


def test_what_is_not_shown_is_not_called_left_out():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(0, 1, (8, 5)), [f"t{i}" for i in range(8)], list("abcde"))
    frame.loc["t0", "e"] = np.nan
    text = html_report(compare(frame, top=2, n_resamples=50, rng=0))
    assert "<summary>1 model left out</summary>" in text
    assert "<summary>2 models analysed, and not shown</summary>" in text


def test_two_models_and_two_tasks():
    frame = pd.DataFrame({"task": ["x", "y"], "a": [0.5, 0.6], "b": [0.5, 0.6]})
    page = Page(html_report(compare(frame, n_resamples=50, rng=0)))
    assert page.open == []


def test_a_design_has_a_section_of_its_own(make):
    from stats import factorial

    comparison = make(4, tasks=12, families=2)
    names = list(comparison.scores.models)
    design = pd.DataFrame(
        {"pooling": ["mean", "mean", "<last>", "<last>"], "attention": ["causal", "full"] * 2}, index=names
    )
    found = replace(comparison, design=factorial(comparison.scores, design, n_resamples=100, rng=0))
    text = html_report(found)
    page = Page(text)
    assert "design" in [a["id"] for a in page.all("section")]
    assert "design-effects-title" in page.ids
    assert "<last>" not in text
    assert any("Main effects" in t for t in page.texts)


def test_samples_have_a_section_of_their_own(tmp_path):
    from stats import Samples
    from stats.samples import write_task

    rng = np.random.default_rng(0)
    means = {}
    for task in ("T0", "T1", "T2"):
        for model, centre in (("a", 0.6), ("b", 0.5), ("c", 0.2)):
            values = np.clip(rng.normal(centre, 0.2, 40), 0, 1)
            means[task, model] = values.mean()
            frame = pd.DataFrame({"sample": [f"q{i}" for i in range(40)], "score": values})
            write_task(tmp_path, task, model, frame, {"metric": "mean", "main_score": float(values.mean())})
    table = pd.Series(means).unstack().rename_axis("task").reset_index()
    text = html_report(compare(table, n_resamples=100, rng=0), samples=Samples.open(tmp_path))
    body = re.search(r'<section id="samples".*?</section>', text, re.S)[0]
    assert "a minus b, within each task" in body
    shown = re.findall(
        r"<td class=\"short\">(T\d)</td><td class=\"num roomy\">40</td><td class=\"num\">([^<]*)</td>", body
    )
    assert dict(shown) == {t: f"{means[t, 'a'] - means[t, 'b']:+.4f}".replace("-", "−") for t in ("T0", "T1", "T2")}
    without = html_report(
        compare(table, n_resamples=100, rng=0, control="a"), samples=Samples.open(tmp_path).select(models=["c"])
    )
    assert "No two of the models compared have samples" in without


def test_a_fraction_takes_two_bytes_where_it_fits():
    made = packed({"d": ("i2.4", [0.12345, -3.2, np.nan, 0.0])})
    assert made["columns"] == [["d", "i2.4"]]
    raw = gzip.decompress(base64.b64decode(made["data"]))
    assert np.frombuffer(raw, np.uint8).reshape(2, 4).T.copy().view("<i2").ravel().tolist() == [1235, -32000, -32768, 0]
    assert packed({"d": ("i2.4", [0.5, 3.3])})["columns"] == [["d", "f4"]]


def test_a_page_about_samples_says_nothing_of_other_tasks(tmp_path):
    from stats import Samples
    from stats.samples import write_task

    rng = np.random.default_rng(0)
    for task in ("T0", "T1", "T2", "T3"):
        for model in ("a", "b"):
            values = np.clip(rng.normal(0.5, 0.2, 40), 0, 1)
            frame = pd.DataFrame({"sample": [f"q{i}" for i in range(40)], "score": values})
            write_task(tmp_path, task, model, frame, {"metric": "mean", "main_score": float(values.mean())})
    samples = Samples.open(tmp_path)
    comparison = compare(samples.as_scores(), level="samples", samples=samples, rng=0)
    assert (comparison.method.units, comparison.method.n_units) == ("samples", 160)
    assert any("n = 160 samples of 4 tasks" in s for s in comparison.conclusions)
    page = joined(html_report(comparison, samples=samples))
    # A t test has no least p, and more tasks would not narrow what is said of these.
    assert "The smallest p that" not in page
    assert "differences above" not in page
    assert 'id="power-curve-title"' not in page
    assert "interval of the difference reaches ±" in page
    rows = dict(method_rows(comparison))
    assert rows["How many of them"] == "160"
    assert "Smallest adjusted p possible" not in rows


def test_a_bayesian_page_has_no_facts_of_p_values(make):
    comparison = make(6, tasks=12, test="bayes")
    rows = dict(method_rows(comparison))
    assert not {"Statistic", "Significance level α", "Smallest adjusted p possible", "Alternative"} & set(rows)
    assert "nan" not in rows.values()
    page = html_report(comparison)
    # Its power is not simulated: what stands in for it is named.
    assert "Planned with the Wilcoxon signed-rank test in place of this one" in page
    assert "statistic: statistic" not in page


def test_ends_of_intervals_are_rounded_on_the_page_as_in_its_sentences():
    """Pseudo-medians of scores with three places lie halfway between two numbers of four."""
    rng = np.random.default_rng(0)
    ends = np.round(rng.normal(0, 0.02, 2000), 5)
    ends[:3] = [0.00725, -0.00045, np.nan]
    kept = np.frombuffer(gzip.decompress(base64.b64decode(packed({"low": ("i2.4", ends)})["data"])), np.uint8)
    numbers = kept.reshape(2, -1).T.copy().view("<i2").ravel()
    assert numbers[2] == -32768
    told = [f"{end:.4f}" for end in np.delete(ends, 2)]
    assert [f"{n / 1e4:.4f}" for n in np.delete(numbers, 2)] == [t.replace("-0.0000", "0.0000") for t in told]
