"""Take a docstring apart: summary, description, See Also, running prose."""

import re
from dataclasses import dataclass

#: Section titles of numpydoc and of Google style; a section ends the description.
_TITLES = (
    "Args",
    "Arguments",
    "Attributes",
    "Example",
    "Examples",
    "Keyword Args",
    "Keyword Arguments",
    "Methods",
    "Note",
    "Notes",
    "Other Parameters",
    "Parameters",
    "Raises",
    "Receives",
    "Reference",
    "References",
    "Return",
    "Returns",
    "See Also",
    "Shape",
    "Todo",
    "Usage",
    "Warning",
    "Warnings",
    "Warns",
    "Yield",
    "Yields",
    "Inputs",
    "Outputs",
    "Definition",
    "Properties",
    "Usage tips",
    "Params",
    "Explanation",
)
_GOOGLE = re.compile(rf"^(?:{'|'.join(_TITLES)})\s*::?\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r"^\s*([=\-~^*]){3,}\s*$")
_FIELD = re.compile(
    r"^\s*(?::(?:param|type|return|returns|rtype|raises|arg|args|keyword)\b|@param|\.\. )", re.IGNORECASE
)
_DIRECTIVE = re.compile(r"^(\s*)\.\. ")
_ROLE = re.compile(r":(?:[a-z]+:)?[a-zA-Z]+:`~?\.?([^`<]*?)(?:\s*<[^`>]*>)?`")
_LINK = re.compile(r"`([^`<]+?)\s*<[^`>]*>`_*")
_MARKDOWN_LINK = re.compile(r"\[([^\]]+)\]\(\S*?\)")
_CITATION = re.compile(r"\s*\[[\w#*]{1,12}\]_")
_URL = re.compile(r"https?://\S+")
_SUBSTITUTION = re.compile(r"%\([a-z_]+\)s|\{[a-z_]+\}|\|[A-Za-z_]+\|")
_LISTED_NAME = re.compile(r"^\s{0,4}(?::[\w:]+:)?`{0,2}~?([A-Za-z_][\w.]*)`{0,2}")


@dataclass(frozen=True)
class Docstring:
    """The parts of a docstring: one-line summary, description before the first section, names under See Also."""

    summary: str
    description: str
    see_also: tuple[str, ...]


def plain(text: str) -> str:
    """Turn reStructuredText and Markdown marks into running text on one line."""
    text = _ROLE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _MARKDOWN_LINK.sub(r"\1", text)
    text = _CITATION.sub("", text)
    text = _URL.sub("", text)
    text = _SUBSTITUTION.sub("", text)
    text = text.replace("``", "").replace("`", "").replace("**", "").replace("::", ":")
    return " ".join(text.split())


def sentences(text: str) -> int:
    """Count the sentences of a running text by their final marks."""
    return len(re.findall(r"[.!?](?=\s|$)", text))


def _sections(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Split lines at numpydoc or Google section titles; the first section has the empty title."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    index = 0
    while index < len(lines):
        line = lines[index]
        title = line.strip()
        underlined = index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1]) and 0 < len(title) < 40
        if underlined and title[:1].isupper():
            sections.append((title.rstrip(":").lower(), []))
            index += 2
            continue
        if _GOOGLE.match(line) or (_FIELD.match(line) and not _DIRECTIVE.match(line) and not sections[-1][0]):
            sections.append((title.rstrip(":").lower() if _GOOGLE.match(line) else "fields", []))
            index += 1
            continue
        sections[-1][1].append(line)
        index += 1
    return sections


def _without_blocks(lines: list[str]) -> list[str]:
    """Drop directives with their content, doctests with their output, fenced code, tables and literal blocks."""
    kept: list[str] = []
    inside: int | None = None  # a directive or (0) a literal block: what is indented deeper belongs to it
    fence = doctest = False
    for line in lines:
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if bare.startswith("```"):
            fence = not fence
            continue
        if fence or (inside is not None and (not bare or indent > inside)):
            continue
        inside = None
        if doctest and bare:
            continue
        doctest = bare.startswith(">>>")
        if directive := _DIRECTIVE.match(line):
            inside = len(directive.group(1))
        elif not doctest and not _is_no_text(bare):
            if bare.endswith("::") and indent == 0:
                inside = 0
            kept.append(line)
    return kept


def _is_no_text(bare: str) -> bool:
    """Whether a line is of a table, a rule or marks alone; an empty one parts paragraphs and stays."""
    return bare.startswith(("|", "+--", "===")) or (bare != "" and not re.search(r"[A-Za-z]{2}", bare))


def _paragraphs(lines: list[str]) -> list[str]:
    """Join lines to paragraphs of running text."""
    found: list[str] = []
    current: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            current.append(line)
        elif current:
            found.append(plain(" ".join(current)))
            current = []
    return [text for text in found if text]


def _see_also(lines: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for line in lines:
        head = line.split(" : ")[0].split(": ")[0]
        if len(line) - len(line.lstrip()) > 0 and " : " not in line:
            continue
        for part in head.split(","):
            match = _LISTED_NAME.match(part.strip())
            if match and part.strip().strip("`:~ ").count(" ") == 0:
                names.append(match.group(1).strip("."))
    return tuple(dict.fromkeys(names))


def parse(doc: str) -> Docstring:
    """Take a cleaned docstring apart.

    Examples
    --------
    >>> parts = parse("Add two numbers.\\n\\nThe sum is exact. It never overflows.\\n\\nSee Also\\n--------\\nsubtract : x")
    >>> parts.summary, parts.see_also
    ('Add two numbers.', ('subtract',))
    """
    sections = _sections(doc.splitlines())
    paragraphs = _paragraphs(_without_blocks(sections[0][1]))
    if not paragraphs:
        return Docstring("", "", ())
    summary, *rest = paragraphs
    linked = next((_see_also(body) for title, body in sections if title == "see also"), ())
    return Docstring(summary, " ".join(rest), linked)


def prose(doc: str) -> str:
    """Give everything a language model may read of a docstring: all sections but code, tables and references."""
    texts: list[str] = []
    for title, body in _sections(doc.splitlines()):
        if title in ("references", "reference"):
            continue
        found = _paragraphs(_without_blocks(body))
        if found:
            texts.extend([title.capitalize() + ":", *found] if title and title != "fields" else found)
    return "\n".join(texts)
