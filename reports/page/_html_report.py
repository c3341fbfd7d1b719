"""html_report: put the page together."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from os import PathLike
from typing import TYPE_CHECKING, Any

from reports.figures.canvas.save import build_date
from reports.given import check_comparison
from reports.templating import TEMPLATES, environment, template_text
from stats.common.units import in_units
from stats.common.writing import write_whole

from . import sections
from .downloads import downloads
from .drawings import Drawing, drawings
from .embedded_data import content_hash, json_for_script
from .opening import question
from .provenance import remade_by
from .views import script_data

if TYPE_CHECKING:
    import pandas as pd

    from reports.study.opening import Opening
    from stats import Comparison


def html_report(
    comparison: "Comparison",
    path: str | PathLike[str] | None = None,
    *,
    samples: Any = None,
    title: str | None = None,
    command: str | None = None,
    beside: "pd.DataFrame | None" = None,
    cards: "pd.DataFrame | None" = None,
    date: datetime | None = None,
    home: str | None = None,
    drawn: "Mapping[str, Drawing] | None" = None,
    opening: "Opening | None" = None,
) -> str:
    """Write everything a comparison found as one HTML page.

    The page needs no network and no script. It opens with the question, the answer and one chart; with scripts a model can be
    pinned, and all others take their verdict against it, families and cards filter, and an address leads to a model or a pair. Its content policy admits its own style and script and nothing else.

    Parameters
    ----------
    comparison : Comparison
    path : path-like, optional
        Write the page to this file as well.
    samples : Samples, optional
        Per-sample scores; adds the section on the examples that decide.
    title : str, optional
        Without one: the question, such as "Which of 183 models is the best on MTEB(eng, v2)?".
    command : str, optional
        The command that makes the page again, for the section on provenance.
    beside : DataFrame, optional
        Published numbers beside these, shown as a table of their own.
    cards : DataFrame, optional
        Of `embsig.model_cards`: what the models can be filtered by (size, date, open weights).
    date : datetime, optional
        The date of the page; without one SOURCE_DATE_EPOCH, else now.
    home : str, optional
        The address, from this page, of a page that lists others like it.
    drawn : mapping, optional
        The page's figures, where they are there already.
    opening : Opening, optional
        Of a study: its claims and answers, which then come before the verdict (see `reports.study.study_opening`).

    Returns
    -------
    str
        The page. The same comparison gives the same bytes, apart from the date (SOURCE_DATE_EPOCH sets it).

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> page = embsig.html_report(comparison)
    >>> page.startswith("<!DOCTYPE html>")
    True
    """
    check_comparison(comparison, "html_report")
    css, script = template_text("page.css"), _script()
    date = date or build_date() or datetime.now(UTC)
    figures = drawings(comparison) if drawn is None else dict(drawn)
    command = remade_by(comparison, command)
    page = (
        environment()
        .get_template("page.html.j2")
        .render(
            title=title or (opening.question if opening else question(comparison)),
            opening=opening,
            question=question(comparison),
            css=css,
            script=script,
            policy=(
                f"default-src 'none'; style-src {content_hash(css)}; script-src {content_hash(script)}; "
                "img-src data:; base-uri 'none'; form-action 'none'"
            ),
            data=json_for_script(script_data(comparison, command=command, cards=cards, samples=samples)),
            home=home,
            date=date.strftime("%Y-%m-%d %H:%M UTC"),
            figures=figures,
            paragraph=comparison.summary(),
            downloads=downloads(comparison, figures),
            **sections.content(comparison, samples=samples, command=command, beside=beside, cards=cards),
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


def _script() -> str:
    """The parts of the script in their order, in one scope of their own."""
    parts = sorted((TEMPLATES / "script").glob("*.js"))
    return '"use strict";\n(() => {\n' + "".join(part.read_text(encoding="utf-8") for part in parts) + "})();\n"
