"""The templates of the page and of the site, and the content policy that admits their own style and script alone."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parent / "templates"


def template_text(name: str) -> str:
    """Return a template's file as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> "jinja2.Environment":
    """Return the environment in which every value is escaped and an unknown name is an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["whole"] = kept_whole
    made.filters["breakable"] = breakable
    return made


#: Where a name of several words may break: before a capital, after what joins its parts. The script has the same.
_WITHIN_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[_+/])(?=\w)")


def breakable(name: object) -> "Markup":
    """Let a name break between its parts, which a browser would break anywhere else as well, or nowhere.

    Examples
    --------
    >>> str(breakable("TwitterURLCorpus of last_layer"))
    'Twitter<wbr>URLCorpus of last_<wbr>layer'
    """
    from markupsafe import Markup, escape

    # Parts are escaped one by one: what escaping adds is no part of a name.
    return Markup("<wbr>").join(escape(part) for part in _WITHIN_NAME.split(str(name)))


#: An option of the command line, with its value where a sentence goes on after it; a per cent; a p-value with its sign (escaped).
_WHOLE = re.compile(
    r"--[a-z][a-z-]*(?:=[\w.]+| [\w.]+(?=[,.;:)]))?|(?<![\w.])\d+(?:[.,]\d+)* %|(?<![\w-])[pn] (?:=|&lt;=?) \d+(?:[.,]\d+)*"
)


def kept_whole(text: object) -> "Markup":
    """Keep on one line what a browser would break: ``--groups none`` after its dashes, ``95 %``, ``p < 0.001``.

    Examples
    --------
    >>> str(kept_whole("(--groups none, takes < each)"))
    '(<span class="whole">--groups none</span>, takes &lt; each)'
    >>> str(kept_whole("at 95 %, n = 41, p < 0.001."))
    'at <span class="whole">95 %</span>, <span class="whole">n = 41</span>, <span class="whole">p &lt; 0.001</span>.'
    """
    from markupsafe import Markup, escape

    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704  # escaped before
