"""Names that are one but for what nobody sees or means: of one model spelled in two ways there are two rows."""

import unicodedata
from collections.abc import Callable

from stats.common.text import listing
from stats.scores import Scores

from .account import Account


def _seen(name: str) -> str:
    """What of a name can be seen: without blanks at its ends and characters of no width, in one form of Unicode."""
    if name.isascii():
        return name.strip()  # the same in a tenth of the time
    return "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) != "Cf").strip()


#: What makes names the same, how they are written where that tells them apart, and how it is said.
_SAME: tuple[tuple[Callable[[str], str], Callable[[str], str], str], ...] = (
    (_seen, ascii, "look the same"),
    (str.casefold, repr, "differ in case alone"),
)


def note_alike(scores: Scores, account: Account) -> None:
    """Say which names of models or tasks look the same, or differ in case alone."""
    for kind, names in (("models", scores.models), ("tasks", scores.task_names)):
        for form, written, said in _SAME:
            if len({form(name) for name in names}) == len(names):
                continue
            spelled: dict[str, list[str]] = {}
            for name in names:
                spelled.setdefault(form(name), []).append(name)
            alike = [same for same in spelled.values() if len(same) > 1]
            if alike:
                more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
                account.note(f"{kind} {listing([written(n) for n in alike[0]])} {said}, taken as {len(alike[0])}{more}")
