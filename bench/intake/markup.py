"""Tables in documents: Markdown, LaTeX, HTML. Cells keep their marks; `cells` takes them off."""

import re
from html.parser import HTMLParser

from .grid import Row

#: No table of scores is wider or taller than that; what claims to be is refused before it is built.
_SPAN = 1000

_RULES = re.compile(
    r"\\(?:toprule|midrule|bottomrule|hline|hhline\{[^{}]*\}|addlinespace(?:\[[^\]]*\])?|endhead|endfirsthead|endfoot|endlastfoot|"
    r"c(?:mid)?rule(?:\[[^\]]*\])?(?:\([^)]*\))?\{[^{}]*\}|cline\{[^{}]*\}|specialrule(?:\{[^{}]*\}){3}|noalign\{[^{}]*\}|"
    r"rowcolor(?:\[[^\]]*\])?\{[^{}]*\}|caption\{[^{}]*\}|label\{[^{}]*\}|arrayrulecolor\{[^{}]*\}|rule\{[^{}]*\}\{[^{}]*\})"
)
_BEGIN = re.compile(r"\\begin\{(tabular\*?|tabularx|tabulary|longtable|array|tblr|longtblr)\}")


def markdown_tables(text: str) -> list[list[Row]]:
    """All tables of a Markdown text; also those of org-mode and of tabulate, whose lines begin with a bar."""
    from markdown_it import MarkdownIt

    tables: list[list[Row]] = []
    within = False
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("th_open", "td_open", "th_close", "td_close"):
            within = token.type.endswith("open")
        elif token.type == "inline" and within:
            tables[-1][-1].append(token.content)
    return tables or _barred(text)


def _barred(text: str) -> list[list[Row]]:
    found: list[list[Row]] = [[]]
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("|"):
            found[-1].append([c.strip() for c in re.split(r"(?<!\\)\|", bare.strip("|"))])
        elif not re.fullmatch(r"[+\-=: ]*", bare) and found[-1]:
            found.append([])
    return [[r for r in rows if not re.fullmatch(r"[-=+: ]*", "".join(r))] for rows in found if len(rows) > 1]


def latex_tables(text: str) -> list[list[Row]]:
    """All tabulars of a LaTeX source; what spans several columns is repeated in each."""
    text = re.sub(r"(?<!\\)%.*", "", text)
    tables = []
    for begin in _BEGIN.finditer(text):
        end = text.find(f"\\end{{{begin[1]}}}", begin.end())
        body = text[begin.end() : end if end >= 0 else len(text)]
        body = _RULES.sub("", _after_arguments(body))
        rows = [_latex_row(row) for row in _split(body.replace("\\tabularnewline", "\\\\"), "\\\\")]
        rows = [row for row in rows if any(c.strip() for c in row)]
        if rows:
            tables.append(rows)
    return tables


def _after_arguments(body: str) -> str:
    """Skip the arguments of the environment: position, width, columns."""
    while (found := re.match(r"\s*(\[[^\]]*\]|\{)", body)) is not None:
        if found[1] != "{":
            body = body[found.end() :]
            continue
        depth, at = 0, found.end() - 1
        for at in range(found.end() - 1, len(body)):
            depth += {"{": 1, "}": -1}.get(body[at], 0)
            if depth == 0:
                break
        body = body[at + 1 :]
    return body


def _split(text: str, by: str) -> list[str]:
    """Split outside of braces; ``\\&`` splits nothing."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        if depth == 0 and text.startswith(by, at):
            parts.append(text[start:at])
            at += len(by)
            if by != "&" and (extra := re.match(r"\*?\s*\[[^\]]*\]", text[at:])) is not None:
                at += extra.end()
            start = at
            continue
        if text[at] == "\\":
            at += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return [*parts, text[start:]]


def _latex_row(row: str) -> Row:
    cells: Row = []
    for cell in _split(row, "&"):
        text = " ".join(cell.split())
        text = re.sub(
            r"\\(?:makecell|shortstack|thead)(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}",
            lambda m: m[1].replace("\\\\", " "),
            text,
        )
        text = re.sub(
            r"\\multirow(?:\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}",
            r"\1",
            text,
        )
        wide = re.match(
            r"\\multicolumn\{(\d+)\}\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", text
        )
        cells += [wide[2]] * min(int(wide[1]), _SPAN) if wide else [text]
    return cells


class _Tables(HTMLParser):
    """Collects the cells of tables; notes in superscript are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Row]] = []
        self.cell: list[str] | None = None
        self.quiet = 0
        self.spans = (1, 1)
        self.below: dict[int, tuple[int, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self.below = {}
        elif tag == "tr" and self.tables:
            self._close()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self._close()
            if not self.tables[-1]:
                self.tables[-1].append([])
            said = dict(attrs)
            self.spans = (_span(said.get("colspan")), _span(said.get("rowspan")))
            self.cell = []
        elif tag in ("sup", "script", "style"):
            self.quiet += 1
        elif tag == "sub" and self.cell is not None:
            self.cell.append("<sub>")
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._close()
        elif tag == "sub" and self.cell is not None:
            self.cell.append("</sub>")
        elif tag in ("sup", "script", "style"):
            self.quiet = max(0, self.quiet - 1)
        elif tag in ("tr", "table"):
            self._close()
            if tag == "tr" and self.tables and self.tables[-1]:
                self._from_above(self.tables[-1][-1])

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.quiet:
            self.cell.append(data)

    def _from_above(self, row: Row) -> None:
        while len(row) in self.below:
            left, text = self.below.pop(len(row))
            if left > 1:
                self.below[len(row)] = (left - 1, text)
            row.append(text)

    def _close(self) -> None:
        if self.cell is None:
            return
        text, row = " ".join("".join(self.cell).split()), self.tables[-1][-1]
        for _ in range(self.spans[0]):
            self._from_above(row)
            if self.spans[1] > 1:
                self.below[len(row)] = (self.spans[1] - 1, text)
            row.append(text)
        self.cell = None


def _span(value: str | None) -> int:
    return min(max(1, int(value)), _SPAN) if value and value.isdigit() else 1


def html_tables(text: str) -> list[list[Row]]:
    """All tables of an HTML page; what spans several cells is repeated in each."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    parser._close()
    return [[row for row in rows if row] for rows in parser.tables if any(rows)]
