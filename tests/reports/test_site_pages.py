"""The site's own pages: what they put first, and that they fit."""

import re

from reports.site import Board, site_files
from reports.site.boards import Standing

NAMES = (
    "Bytedance/Seed1.6-embedding-1215",
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    "org/unsure",
)


def board(name: str, bounds: list[tuple[int, int]], decided: int) -> Board:
    standings = [
        Standing(model, float(i + 1), low, high, top=low == 1, mean=0.5, borda=float(i + 1))
        for i, (model, (low, high)) in enumerate(zip(NAMES, bounds, strict=True))
    ]
    return Board(
        name=name, tasks=11, tasks_asked=12, models=3, models_seen=1250, pairs=15400, decided=decided,
        families=["Clustering", "Reranking", "Retrieval"], languages=["eng"], answer=["."], audit=".", standings=standings,
        domains=["Programming", "Academic", "Written"],
    )  # fmt: skip


#: On the first no pair is decided; on the second the first model is surely better than both, the second than one.
BOARDS = (board("MTEB(Code, v1)", [(1, 3)] * 3, 0), board("RTEB(beta)", [(1, 1), (2, 2), (3, 3)], 15400))


def files() -> dict[str, str]:
    return site_files(BOARDS, {}, source="results", recipe="embsig site results -o site")


def test_the_recipe_is_shown_where_its_bounds_say_something():
    assert "On RTEB(beta), 3 models" in files()["leaderboard.html"]


def test_models_come_in_the_order_of_how_many_they_are_surely_better_than():
    rows = re.findall(r"<tr><th.*?</tr>", files()["models.html"].split("<tbody>")[1])
    told = [re.findall(r'<td class="num[^"]*">(\d+)</td>', row) for row in rows]
    assert told == [["2", "2", "2"], ["2", "1", "1"], ["2", "1", "0"]]


def test_the_sites_pages_fit_a_screen_and_a_phone(browser, tmp_path):
    made = files()
    one = next(name for name in made if name.startswith("models/sentence"))
    (tmp_path / "models").mkdir()
    pages = ("index.html", "models.html", "audit.html", "leaderboard.html", one)
    for name in pages:
        (tmp_path / name).write_text(made[name], encoding="utf-8")
    for width in (1400, 390):
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        for name in pages:
            page.goto((tmp_path / name).as_uri())
            within = "[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)"
            assert max(page.evaluate(within), default=0) <= 1, (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        context.close()
