"""The templates of the page and of the site, and the content policy that admits their own style and script alone."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).resolve().parent / "templates"


def template_text(name: str) -> str:
    """Return a template's file as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def environment() -> "jinja2.Environment":
    """Return the environment in which every value is escaped and an unknown name is an error."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
