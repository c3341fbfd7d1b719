"""Whether every link and anchor of the finished pages leads somewhere, and nothing is loaded from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes by which a page loads something (a link that a reader may follow is another matter).
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
#: A `link` of these kinds is loaded.
_SHEETS = {"stylesheet", "icon", "preload", "modulepreload"}


class _Page(HTMLParser):
    """What a page has and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.leads: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.anchors |= {has[name] for name in ("id", "name") if has.get(name)}
        if tag == "a" and has.get("href"):
            self.leads.append(has["href"])
        if tag in _LOADS and has.get(_LOADS[tag]) and (tag != "link" or set(has.get("rel", "").split()) & _SHEETS):
            self.loads.append(has[_LOADS[tag]])


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def check(folder: Path) -> list[str]:
    """Return a line for every link to nowhere and everything that would be loaded from elsewhere."""
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts}
    wrong = []
    for path, page in pages.items():
        where = path.relative_to(folder)
        wrong += [f"{where}: loads {url} from elsewhere" for url in page.loads if urlsplit(url).netloc]
        for url in {*page.leads, *page.loads}:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                wrong.append(f"{where}: {url} leads to no file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                wrong.append(f"{where}: {url} leads to no such place")
    return wrong
