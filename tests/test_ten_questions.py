"""Ten questions that a stranger has are answered within two clicks from the first page of the site, by links whose words say so."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
SITE = DOCS / "_build"

#: Question -> the links one clicks, and words that are of the answer.
QUESTIONS = {
    "Is model B worse than model A?": (["Is B worse than A?"], "There are three answers, not two."),
    "How many tasks do I need?": (["How many tasks do I need?"], "--table required-tasks"),
    "What does “may be the best” mean?": (["What the verdict and “may be the best” mean"], "these tasks do not rule it out"),
    "Some models lack scores: what now?": (["What if scores are missing?"], "--missing auto"),
    "Which test do I take?": (["Which test when?"], "The default is right for most tables"),
    "How do I write this in my paper?": (["How do I report this in a paper?"], "--format latex"),
    "Can it stop a release in CI?": (["A release gate in CI"], "embsig gate"),
    "I used autorank: what is different?": (["Coming from autorank, R, mteb ...", "autorank"], "Where autorank is better."),
    "Does it run on our cluster?": (["A Ray cluster of 100 nodes"], "--cluster auto"),
    "Does it run without a network?": (["A machine without a network (air gap)"], "pip wheel"),
    "Which is the smallest model that is good enough?": (["Which is the smallest model that is not worse?"], "fewest parameters"),
}  # fmt: skip


def links(page: Path) -> dict[str, Path]:
    """Words of a link -> the page that it leads to, of those within the site."""
    found = re.findall(r"\[([^]]+)\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return {" ".join(words.split()): (page.parent / target).resolve() for words, target in found}


@pytest.mark.parametrize("question", QUESTIONS)
def test_two_clicks_lead_to_the_answer(question: str) -> None:
    clicks, answer = QUESTIONS[question]
    assert len(clicks) <= 2
    page = DOCS / "index.md"
    for words in clicks:
        assert words in links(page), f"{page.name} has no link {words!r}"
        page = links(page)[words]
    text = " ".join(page.read_text(encoding="utf-8").replace("*", "").split())
    assert answer in text, f"{page.name} does not say {answer!r}"


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the site is not built: python -m docs")
def test_the_links_can_be_clicked_on_the_built_site(browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for question, (clicks, answer) in QUESTIONS.items():
        page.goto((SITE / "index.html").as_uri())
        for words in clicks:
            shown = words.replace("...", "…")  # as the site sets it
            page.locator("article").get_by_role("link", name=shown, exact=True).first.click()
            page.wait_for_load_state()
        text = " ".join(page.locator("article").inner_text().split())
        assert answer in text, question
        assert page.evaluate("document.documentElement.scrollWidth") <= width, question
    page.close()
