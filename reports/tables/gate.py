"""A gate for other programs: JUnit XML for the CI, Markdown for a pull request."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from stats.common import text

from .markdown import escape_markdown

if TYPE_CHECKING:
    from stats import Gate

#: So many of the samples that got worse are listed in the summary.
_LISTED = 10
_MARKS = {"ACCEPT": "✅", "REJECT": "❌", "UNDECIDED": "❔"}


def gate_junit(gate: "Gate") -> str:
    r"""Write a gate as JUnit XML: a test case a claim, a failure where it is not accepted.

    Parameters
    ----------
    gate : Gate

    Returns
    -------
    str
        The type of a failure is the verdict, ``REJECT`` or ``UNDECIDED``.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> gate = embsig.gate(scores, baseline="b", candidate="a", margin=0.01)
    >>> "failures=\"0\"" in embsig.gate_junit(gate)
    True
    """
    failed = [c for c in gate.claims if c.verdict != "ACCEPT"]
    counted = {"name": "embsig gate", "tests": str(len(gate.claims)), "failures": str(len(failed)), "errors": "0"}
    suite = Xml.Element("testsuite", counted)
    for claim in gate.claims:
        name = f"{text.name(gate.candidate)} against {text.name(gate.baseline)} on {text.name(claim.scope)}"
        case = Xml.SubElement(suite, "testcase", {"classname": "embsig.gate", "name": name, "time": "0"})
        said = f"{claim.verdict}: {claim.shown}, margin {claim.margin:g}" + (
            f"; {claim.needed}" if claim.needed else ""
        )
        if claim.verdict != "ACCEPT":
            Xml.SubElement(case, "failure", {"type": claim.verdict, "message": said}).text = text.name(str(gate))
        else:
            Xml.SubElement(case, "system-out").text = said
    Xml.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(suite, encoding="unicode")}\n'


def gate_markdown(gate: "Gate") -> str:
    """Write a gate as the summary of a pull request: the verdict, a row a claim, the samples that got worse.

    Parameters
    ----------
    gate : Gate

    Returns
    -------
    str
        Markdown; ends in a line feed.

    Examples
    --------
    The difference is .1 on every task:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> gate = embsig.gate(scores, baseline="b", candidate="a", margin=0.01)
    >>> "ACCEPT" in embsig.gate_markdown(gate)
    True
    """
    lines = [f"### {_MARKS[gate.verdict]} {escape_markdown(text.name(str(gate)))}", ""]
    level = text.percent(round(1 - gate.alpha, 10))
    lines += [
        f"| claim | baseline | candidate | difference, {level} CI | margin | verdict |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for c in gate.claims:
        means = " | ".join(text.fixed(v, c.places) for v in (c.baseline, c.candidate))
        lines.append(f"| {escape_markdown(text.name(c.scope))} | {means} | {c.shown} | {c.margin:g} | {c.verdict} |")
    if len(gate.flips):
        lines += ["", f"{gate.n_worse:,} got worse and {gate.n_better:,} better, of {gate.claims[0].n_units:,}."]
        worst = gate.flips[gate.flips["change"] < 0].head(_LISTED)
        if len(worst):
            lines += ["", "| got worse most | task | baseline | candidate | change |", "|---|---|--:|--:|--:|"]
        for row in worst.to_dict("records"):
            cells = [escape_markdown(text.name(row[k])) for k in ("sample", "task")]
            cells += [text.fixed(row[k], 4) for k in ("baseline", "candidate")]
            lines.append(f"| {' | '.join(cells)} | {text.fixed(row['change'], 4, signed=True)} |")
    told = [f"{c.scope}: {c.needed}." for c in gate.claims if c.needed]
    lines += ["", *(f"- {escape_markdown(text.name(line))}" for line in (*told, *gate.notes)), ""]
    return "\n".join([*lines, f"<sub>{escape_markdown(gate.method)}; alpha = {gate.alpha:g}</sub>", ""])
