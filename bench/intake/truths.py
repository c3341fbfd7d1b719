"""Answers that are written as words or marks: correct and incorrect, pass and fail, a tick and a cross."""

from collections.abc import Sequence

from .account import Account
from .grid import Row, empty, numeric
from .headings import fold, role
from .item_columns import UNITS

#: Right and wrong, as people write them beside True and False.
_PAIRS = (
    ("correct", "incorrect"), ("correct", "wrong"), ("right", "wrong"), ("pass", "fail"), ("passed", "failed"), ("yes", "no"), ("y", "n"),
    ("✓", "✗"), ("✓", "✘"), ("✔", "✘"), ("✔", "✗"), ("✔", "✖"), ("✅", "❌"), ("✓", "×"), ("hit", "miss"), ("solved", "unsolved"),
)  # fmt: skip


def with_truths(names: Sequence[str], body: list[Row], account: Account) -> list[Row]:
    """Write True and False for right and wrong, where these are all that a table has in the place of scores.

    Columns of numbers, if there are any beside those that name things, are the scores: then such words describe something.

    Examples
    --------
    >>> account = Account("t")
    >>> with_truths(["item", "bert"], [["q1", "correct"], ["q2", "incorrect"]], account), account.notes
    ([['q1', True], ['q2', False]], ["'correct' and 'incorrect' read as 1 and 0"])
    >>> with_truths(["model", "open", "STS12"], [["a", "yes", ".5"], ["b", "no", ".6"]], account)
    [['a', 'yes', '.5'], ['b', 'no', '.6']]
    """
    free = [j for j, n in enumerate(names) if j > 0 and fold(n) not in UNITS and role(n) in (None, "score")]
    if not free or any(numeric(row[j]) for row in body[:3] for j in free):
        return body
    filled = {j: {str(row[j]).strip().lower() for row in body if not empty(row[j])} for j in free}
    for yes, no in _PAIRS:
        here = [j for j in free if filled[j] and filled[j] <= {yes, no}]
        if not here or set().union(*(filled[j] for j in here)) != {yes, no}:
            continue
        if any(numeric(row[j]) for row in body for j in free if j not in here):
            return body
        account.note(f"{yes!r} and {no!r} read as 1 and 0")
        out = []
        for row in body:
            written = list(row)
            for j in here:
                written[j] = None if empty(row[j]) else str(row[j]).strip().lower() == yes
            out.append(written)
        return out
    return body
