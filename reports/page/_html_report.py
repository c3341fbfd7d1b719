"""html_report: put the page together."""

import re
from datetime import UTC, datetime
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.figures.canvas.save import build_date
from stats.common.units import in_units
from stats.common.writing import write_whole

from . import sections
from .downloads import downloads
from .drawings import drawings
from .embedded_data import content_hash, json_for_script

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

    from stats import Comparison

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def html_report(
    comparison: "Comparison",
    path: str | PathLike[str] | None = None,
    *,
    samples: Any = None,
    title: str | None = None,
    command: str | None = None,
    beside: "pd.DataFrame | None" = None,
) -> str:
    """Write everything a comparison found as one HTML page.

    The page needs no network and no script: with scripts it sorts, filters and compares one model with the rest.
    Its content policy admits its own style and script and nothing else.

    Parameters
    ----------
    comparison : Comparison
    path : path-like, optional
        Write the page to this file as well.
    samples : Samples, optional
        Per-sample scores; adds the section on the examples that decide.
    title : str, optional
        Without one: what was compared.
    command : str, optional
        The command that makes the page again, for the section on provenance.
    beside : DataFrame, optional
        Published numbers beside these, shown as a table of their own.

    Returns
    -------
    str
        The page. The same comparison gives the same bytes, apart from the date (SOURCE_DATE_EPOCH sets it).
    """
    css, script = _template_text("page.css"), _template_text("page.js")
    date = build_date() or datetime.now(UTC)
    figures = drawings(comparison)
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title or sections.default_title(comparison),
            css=css,
            script=script,
            policy=(
                f"default-src 'none'; style-src {content_hash(css)}; script-src {content_hash(script)}; "
                "img-src data:; base-uri 'none'; form-action 'none'"
            ),
            data=json_for_script(sections.script_data(comparison)),
            date=date.strftime("%Y-%m-%d %H:%M UTC"),
            figures=figures,
            paragraph=comparison.summary(),
            downloads=downloads(comparison, figures),
            **sections.content(comparison, samples=samples, command=command, beside=beside),
        )
    )
    page = _in_its_units(page, comparison)
    if path is not None:
        write_whole(path, page)
    return page


def _in_its_units(page: str, comparison: "Comparison") -> str:
    """Say queries or items where the page's text says tasks; what is in tags, styles and scripts stays."""
    unit, names = comparison.scores.unit, comparison.scores.models
    if unit == "task":
        return page
    parts = re.split(r"(<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>)", page, flags=re.DOTALL)
    return "".join(part if part.startswith("<") else in_units(part, unit, names) for part in parts)


def _template_text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
