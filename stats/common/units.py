"""What a row of the table is called: sentences speak of tasks, and of queries or items where the rows are those.

Sentences are made in many places, all about tasks, the usual case. Passing a noun into each of them would leave the next
one that is written to say "300 tasks" of 300 queries; changing the finished text does not.
"""

import re
from collections.abc import Iterable

from .text import plural

#: Not the value of an option (missing='tasks', --missing tasks), nor part of a name.
_WORD = re.compile(r"(?<!['\"=_`/-])\b(?<!--missing )(?<!--level )(?<!--rows )[Tt]asks?\b(?!['\"=_`/-](?!s\b))")


def in_units(text: str, unit: str, names: Iterable[str] = ()) -> str:
    """Say a text about tasks in the unit that the rows have.

    Parameters
    ----------
    text : str
    unit : str
        "task" leaves the text as it is.
    names : iterable of str
        Names of models and rows, which stay as they are.

    Examples
    --------
    >>> in_units("Tasks of multi-task differ: 300 tasks (missing='tasks')", "query", ["multi-task"])
    "Queries of multi-task differ: 300 queries (missing='tasks')"
    """
    if unit == "task":
        return text
    kept = sorted({n for n in names if re.search("task", n, re.IGNORECASE)}, key=len, reverse=True)

    def said(found: "re.Match[str]") -> str:
        if found["word"] is None:
            return found[0]
        word = plural(unit) if found[0].endswith("s") else unit
        return word.capitalize() if found[0][0] == "T" else word

    names_first = "".join(f"{re.escape(name)}|" for name in kept)
    return re.sub(f"{names_first}(?P<word>{_WORD.pattern})", said, text)
