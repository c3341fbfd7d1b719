"""Single cells as people write them: numbers with errors, marks and signs; names with links and bold."""

import html
import re
import unicodedata
from dataclasses import dataclass

from stats.common.tables import MISSING

#: More ways to say that there is not a score than a plain table has.
_NOTHING = MISSING | frozenset({"–", "—", "--", "---", "−", "n.a.", "n.a", "#n/a", "#na", "<na>", "nil", "?", "/", "\\", "missing", "x"})  # fmt: skip

#: What people write where a run came to no score, which is said where it is read as missing.
_FAILED = frozenset(
    {
        "oom", "out of memory", "cuda oom", "oot", "out of time", "timeout", "timed out", "time out", "t/o", "dnf", "did not finish", "dnr", "dns",
        "fail", "failed", "failure", "error", "err", "crash", "crashed", "killed", "nan%", "na%",
        "tbd", "tba", "todo", "pending", "running", "not run", "not reported", "not available", "unavailable", "not applicable", "nr", "n.r.", "n/r",
        "skip", "skipped", "unsupported", "not supported", "...", "…", "×", "✗", "✘", "❌", "blank", "empty",
    }
)  # fmt: skip

_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*(?:\[[^\]]*\])?\{([^{}]*)\}")
_COLOUR = re.compile(
    r"\\(?:cellcolor|rowcolor|textcolor|color|colorbox|multirow\{[^{}]*\})\s*(?:\[[^\]]*\])?\{[^{}]*\}"
)
_SWITCH = re.compile(
    r"\\(?:bf|it|bfseries|itshape|em|small|footnotesize|scriptsize|tiny|boldmath|centering|phantom\{[^{}]*\}|rm|sl|sc)(?![a-zA-Z])"
)
_REFERENCE = re.compile(r"\s*\\(?:cite[a-z]*|footnote(?:mark)?|ref|label)\*?(?:\[[^\]]*\])*\{[^{}]*\}")
#: What is set above the line is a footnote's mark, whatever it is; what is set below it, or by a macro for spreads, is an error.
_ABOVE = re.compile(
    r"\\(?:textsuperscript|tnote|tablefootnote|sups?)\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\(?:foot|table)notemark\s*\[[^\]]*\]"
)
_BELOW = re.compile(
    r"(?<=[\d}$])\s*\\(?:textsubscript|std|stdev|stddev|sd|se|stderr|err|error|pms?|std?err)\s*\{\s*(?:±|\\pm)?\s*([\d.,]+)\s*\}"
)
_UNSEEN = re.compile(r"\\[hv]?phantom\s*\{[^{}]*\}")
_SIZED = re.compile(r"\\(?:scalebox|raisebox|resizebox\s*\{[^{}]*\})\s*\{[^{}]*\}\s*(?=\{)")
#: A number that a command sets right behind another: two numbers, whatever they mean.
_GLUED = re.compile(r"(?<=\d)\s*(\\[a-zA-Z]+\*?\s*(?:\[[^\]]*\])?\{\s*\d|\{\s*\\[a-zA-Z]+\s+\d)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_MARKS = "†‡§¶♦♣♠★☆⋆•✓✗↑↓⬆⬇▲▼△▽⇑⇓¹²³⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
_NUM = r"[+\-−]?(?:\d[\d.,'’\u00a0\u202f\u2009 ]*|[.,]\d+)(?:[eE][+\-]?\d+)?"
_SCORE = re.compile(
    rf"(?P<value>{_NUM}?)(?P<percent>\s*%)?"
    rf"(?:\s*(?:±|\+/[-−]|\+[-−])\s*(?P<error>{_NUM})\s*%?"
    rf"|\s*\(\s*(?P<within>[±+\-−]?\s*{_NUM})\s*%?\s*\)"
    r"|\s*[\[(]\s*(?P<interval>[^\[\]()]*[,;–]\s*[^\[\]()]*)[\])])?\s*"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A score taken apart, its numbers still as text.

    Attributes
    ----------
    value : str
    percent : bool
    error : str or None
        What stands behind a plus-minus.
    within : str or None
        What stands in brackets: an error, a rank, a difference.
    interval : bool
        Whether two numbers stand in brackets.
    """

    value: str
    percent: bool
    error: str | None
    within: str | None
    interval: bool = False


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is not a score.

    Examples
    --------
    >>> is_nothing(" n/a "), is_nothing("–"), is_nothing("0")
    (True, True, False)
    """
    return text.strip().lower() in _NOTHING


def is_failure(text: str) -> bool:
    r"""Whether a cell says in words or marks that a run came to no score.

    Examples
    --------
    >>> is_failure("OOM"), is_failure("(not run)"), is_failure(r"\textit{DNF}"), is_failure("$-$"), is_failure("good")
    (True, True, True, True, False)
    """
    bare = plain(text).strip().lower()
    bare = bare[1:-1].strip() if re.fullmatch(r"\(.*\)|\[.*\]|<.*>", bare) else bare
    return bare in _FAILED or bare in _NOTHING or not bare.strip("*")


def plain(text: str) -> str:
    r"""Text without the marks of Markdown, LaTeX and HTML.

    Examples
    --------
    >>> plain("**57.0**"), plain(r"\textbf{57.0}"), plain("[mini](https://x.org/a)"), plain(r"bert\_base"), plain("$57.0_{\\pm 0.4}$")
    ('57.0', '57.0', 'mini', 'bert_base', '57.0 ± 0.4')
    """
    if text.isalnum():
        return text
    out = text.strip()
    if "<" in out:
        out = re.sub(r"(?<=\d)\s*<sub>\s*±?\s*([\d.,]+)\s*</sub>", r" ± \1", out)
        out = re.sub(r"<sup>.*?</sup>|</?[a-zA-Z][^<>]*>", "", out)
    if "&" in out:
        out = html.unescape(out)
    if "](" in out:
        out = _LINK.sub(r"\1", out)
    if "\\" in out or "$" in out:
        out = _latex(out)
    while len(out) > 2 and (found := re.fullmatch(r"(\*{1,3}|_{1,3}|`+|~~)(.+?)\1", out, re.DOTALL)):
        out = found[2]
    return out.replace("\\", "").strip() if "\\" in out else out.strip()


def _latex(text: str) -> str:
    out = text.replace(r"\pm", "±").replace(r"\%", "%").replace(r"\,", " ").replace("~", " ").replace("$", "")
    for mark in ("dagger", "ddagger", "ast", "star", "uparrow", "downarrow"):
        out = out.replace(f"\\{mark}", {"uparrow": "↑", "downarrow": "↓"}.get(mark, "†"))
    out = _SIZED.sub("", _UNSEEN.sub("", _ABOVE.sub("", _REFERENCE.sub("", out))))
    out = re.sub(r"\\SI\s*\{([^{}]*)\}\s*\{\\percent\}", r"\1%", out)
    out = _GLUED.sub(r" | \1", _COLOUR.sub("", _BELOW.sub(r" ± \1", out)))
    out = _SWITCH.sub("", out)
    while (inner := _COMMAND.sub(r"\1", out)) != out:
        out = inner
    out = re.sub(r"\^\s*(?:\{[^{}]*\}|[*†‡])", "", out)
    out = re.sub(
        r"(?<!\\)_\s*\{\s*±?\s*([\d.,][^{}]*)\}", r" ± \1", out
    )  # a small number is an error, a small word part of a name
    return re.sub(r"[{}]", "", re.sub(r"\\([_&#$])", r"\1", out))


#: A name that nothing is set around.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[./-][A-Za-z0-9]+)*")


def name(value: object) -> str:
    r"""A model's or task's name without links, bold and footnote marks.

    Examples
    --------
    >>> name("[mini](https://huggingface.co/zeta/mini)"), name("**Ours**†"), name("bert_seed0"), name(r"\textbf{E5}$^*$")
    ('mini', 'Ours', 'bert_seed0', 'E5')
    """
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value  # as most are, and a twentieth of the time
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).replace("\ufe0f", "")  # what makes a picture of a sign
    bare = plain(text.strip().rstrip(f"{_MARKS}").strip()) if text.strip() else ""
    bare = bare.rstrip("†‡§¶" + "¹²³⁴⁵⁶⁷⁸⁹").strip()
    return (bare[:-1].strip() if bare.endswith("*") and not bare.startswith("*") else bare) or text.strip()


def score(text: str) -> Written | None:
    """Take a written score apart; None if it is not a number.

    Examples
    --------
    >>> score("82.3 ± 0.4").error, score("82.3 (0.4)").within, score("57.0%").percent, score("good")
    ('0.4', '0.4', True, None)
    """
    text = re.sub(r"(?<=[\d%])(\s*(?:[↑▲⬆⇑↓▼⬇⇓]|\$?\\(?:up|down)arrow\$?)\s*[\d.]+)\$?\s*$", r" (\1)", text)
    bare = re.sub(r"\(\s*([↑▲⬆⇑]|[↓▼⬇⇓])\s*(?=[\d.])", lambda m: "(+" if m[1] in "↑▲⬆⇑" else "(-", plain(text))
    bare = unicodedata.normalize("NFKC", bare) if any("０" <= c <= "９" for c in bare) else bare
    bare = re.sub(r"(?<=[\d%)])\s*(?:\*{1,3}|\[[\da-z]\]|[a-c](?=\s*$))?\s*$", "", bare.strip(_MARKS + " ")).strip(
        _MARKS + " "
    )
    bare = re.sub(rf"[{_MARKS}]+", "", bare).replace("−", "-").replace("’", "'")
    bare = re.sub(r"^(.*\d[.,]\d+)[a-df]{1,3}$", r"\1", bare)  # letters of several footnotes
    bare = re.sub(r"(?<=\d[.,]\d)(\d*)\s*\^\{?[\w*†,]{1,3}\}?$", r"\1", bare)  # a footnote's number behind decimals
    found = _SCORE.fullmatch(bare)
    if found is None or not re.search(r"\d", found["value"] or ""):
        return None
    return Written(
        found["value"].strip(), bool(found["percent"]), found["error"], found["within"], found["interval"] is not None
    )
