"""The report's page as a widget of a notebook; imported only where anywidget is."""

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from reports.templating import template_text
from stats.common.errors import InputError, did_you_mean

from ._html_report import html_report
from .opening import question

if TYPE_CHECKING:
    from stats import Comparison


class Explorer(anywidget.AnyWidget):  # type: ignore[misc]  # it has no types
    """What `Comparison.explore` returns; its choices are the page's, in both directions.

    The page itself is no trait: it goes to the front end when that asks for it, so that a saved notebook holds the table and no page.
    """

    _esm = template_text("explorer.js")

    #: The model against which all others take their verdict; None: none.
    pinned = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    #: Parts of names: only models that have them all are shown.
    search = traitlets.Unicode("").tag(sync=True)
    #: Families of tasks; empty: all tasks.
    families = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Pixels.
    height = traitlets.Int().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)

    def __init__(self, comparison: "Comparison", *, height: int = 720, **options: Any) -> None:
        self._comparison = comparison
        self._page = html_report(comparison, **options)
        super().__init__(pinned=comparison.control, height=height, title=options.get("title") or question(comparison))
        self.on_msg(lambda _widget, asked, _buffers: self._answer(asked))

    def _answer(self, asked: Any) -> None:
        """Send the page to the view that asks for it; others have it and keep theirs."""
        if asked == {"ask": "page"}:
            self.send({"page": self._page})

    @traitlets.validate("pinned")  # type: ignore[untyped-decorator]
    def _known_model(self, proposal: Any) -> Any:
        return self._known("model", proposal["value"], self._comparison.scores.models)

    @traitlets.validate("families")  # type: ignore[untyped-decorator]
    def _known_families(self, proposal: Any) -> Any:
        return [self._known("family", name, self._comparison.scores.families) for name in proposal["value"]]

    @staticmethod
    def _known(what: str, name: str | None, names: list[str]) -> str | None:
        if name is not None and name not in names:
            raise InputError(f"{what} {name!r} is not in this comparison{did_you_mean(name, names)}")
        return name

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Give the table too: what a notebook shows where it has no widgets or no kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/html": self._comparison._repr_html_()}, metadata
