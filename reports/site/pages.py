"""The site's own pages: index, models, audit, and what machines read."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reports.page.embedded_data import content_hash
from reports.templating import environment, template_text
from stats.common import text
from stats.common.text import TYPESET

from .boards import Board, slug

#: A benchmark of more languages than these stands under "many".
_FEW_LANGUAGES = 3
#: Rows of the table that shows what a leaderboard would have to add.
_EXAMPLE = 12


def site_files(
    boards: Sequence[Board], left_out: Mapping[str, str], *, source: str, recipe: str, url: str | None = None
) -> dict[str, str]:
    """Return the site's files around the folders of the benchmarks.

    Parameters
    ----------
    boards : sequence of Board
    left_out : mapping
        Benchmark -> why it has no page.
    source : str
        What was read, in words.
    recipe : str
        The command that makes the site.
    url : str, optional
        Where the site will stand; without it there is no sitemap, since its addresses have to be whole.

    Returns
    -------
    dict
        Path within the site -> content.
    """
    ordered = sorted(boards, key=lambda b: b.name.lower())
    about = {"source": source, "recipe": recipe}
    by_model: dict[str, list[tuple[Board, Any]]] = {}
    for board in ordered:
        for standing in board.standings:
            by_model.setdefault(standing.model, []).append((board, standing))
    files = {
        "index.html": _page(
            "index",
            "",
            title="Which embedding models are the best, and is the lead real?",
            boards=ordered,
            groups=_by_kind(ordered),
            languages=_listed(
                ordered, lambda board: board.tongues if len(board.tongues) <= _FEW_LANGUAGES else ["many"]
            ),
            domains=_listed(ordered, lambda board: board.domains),
            left_out=left_out,
            **about,
        ),
        "leaderboard.html": _page(
            "leaderboard",
            "",
            title="What a leaderboard would have to add",
            example=(example := _example(ordered)),
            standings=sorted(example.standings, key=lambda s: (s.borda or s.rank, s.rank))[:_EXAMPLE],
            **about,
        ),
        "audit.html": _page("audit", "", title="Are these scores comparable?", boards=ordered, **about),
        "models.html": _page("models", "", title="All models", models=_models(by_model), **about),
        "boards.json": json.dumps([b.to_dict() for b in ordered], ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        "llms.txt": _for_machines(ordered, source),
    }
    for model, found in by_model.items():
        files[f"models/{slug(model)}.html"] = _page(
            "model", "../", title=text.name(model), rows=_rows(model, found), **about
        )
    if url:
        files["sitemap.xml"] = _sitemap(url.rstrip("/"), files, ordered)
    return files


def _page(kind: str, root: str, **values: Any) -> str:
    css = template_text("page.css")
    policy = f"default-src 'none'; style-src {content_hash(css)}; img-src data:; base-uri 'none'; form-action 'none'"
    return environment().get_template("site.html.j2").render(kind=kind, root=root, css=css, policy=policy, **values)


def _by_kind(boards: Sequence[Board]) -> list[tuple[str, list[Board]]]:
    """Benchmarks by their modalities, text first, the others by how many there are."""
    found: dict[str, list[Board]] = {}
    for board in boards:
        found.setdefault(board.kind, []).append(board)
    return sorted(found.items(), key=lambda item: (item[0] != "text", -len(item[1]), item[0]))


def _listed(boards: Sequence[Board], of: Callable[[Board], list[str]]) -> list[tuple[str, list[Board]]]:
    """Each language or domain with its benchmarks, those of most benchmarks first."""
    found: dict[str, list[Board]] = {}
    for board in boards:
        for name in of(board):
            found.setdefault(name, []).append(board)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))


def _example(boards: Sequence[Board]) -> Board:
    """The benchmark that the recipe is shown on: the one best known, else the one whose bounds say most."""
    told = max(boards, key=lambda b: (b.decided / max(b.pairs, 1), b.models, b.name))
    return next((b for b in boards if b.name == "MTEB(eng, v2)"), told)


def _models(by_model: Mapping[str, list[tuple[Board, Any]]]) -> list[dict[str, Any]]:
    rows = [
        {
            "name": text.name(model),
            "page": f"models/{slug(model)}.html",
            "boards": len(found),
            "top": sum(s.top for _, s in found),
            "below": sum(board.models - s.high for board, s in found if s.high),
        }
        for model, found in by_model.items()
    ]
    return sorted(rows, key=lambda r: (-r["below"], -r["top"], str(r["name"]).lower()))


def _rows(model: str, found: list[tuple[Board, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "board": board,
            "page": f"../{board.slug}/index.html#model={quote(text.name(model), safe='')}",
            "rank": f"{standing.rank:g}",
            "set": TYPESET.integers(standing.low, standing.high) if standing.low and standing.high else TYPESET.none,
            "borda": TYPESET.none if standing.borda is None else f"{standing.borda:g}",
            "mean": TYPESET.none if standing.mean is None else TYPESET.fixed(standing.mean, 4),
            "top": standing.top,
            "low": f"{100 * ((standing.low or 1) - 1) / max(board.models, 2):.1f}",
            "high": f"{100 * (standing.high or board.models) / max(board.models, 2):.1f}",
            "dot": f"{100 * (standing.rank - 0.5) / max(board.models, 2):.1f}",
        }
        for board, standing in found
    ]


def _for_machines(boards: Sequence[Board], source: str) -> str:
    lines = [
        "# Leaderboards of embedding models with rank sets",
        "",
        f"> Made by embsig from {source}. Each benchmark says which models may be the best (no other is surely better, all decisions of a benchmark at once).",
        "",
        "boards.json has every benchmark's summary; each folder has ranks.parquet, pairs.parquet and scores.parquet.",
        "",
        "## Benchmarks",
        "",
    ]
    lines += [f"- [{b.name}]({b.slug}/index.html): {' '.join(b.answer)}" for b in boards]
    return "\n".join(lines) + "\n"


def _sitemap(url: str, files: Mapping[str, str], boards: Sequence[Board]) -> str:
    pages = sorted([*(f for f in files if f.endswith(".html")), *(f"{b.slug}/index.html" for b in boards)])
    body = "".join(f"<url><loc>{url}/{quote(p)}</loc></url>\n" for p in pages)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}</urlset>\n'
