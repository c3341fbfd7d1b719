"""What --like says of a new task: some models' scores on it, or the tasks that it is like."""

import csv
from math import isfinite
from pathlib import Path


def read_like(path: Path) -> dict[str, float] | list[str]:
    """Read a table with the columns ``model,score``, or a list of tasks, one a line.

    Raises
    ------
    InputError
        If the file cannot be read, a score is not a finite number, or a model has two.
    """
    from stats.common.errors import InputError  # late: the command line's help must not load pandas

    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not rows:
        raise InputError(f"{path} is empty: expected lines model,score or names of tasks")
    if all(len(row) == 1 for row in rows):
        return [row[0].strip() for row in rows if row[0].strip().lower() != "task"]
    found: dict[str, float] = {}
    for row in rows[1:] if [cell.strip().lower() for cell in rows[0][:1]] == ["model"] else rows:
        try:
            model, score = row[0].strip(), float(row[1])
            if not isfinite(score):
                raise ValueError
        except (IndexError, ValueError):
            raise InputError(
                f"{path}: got {','.join(row)[:80]!r}, expected model,score such as org/model,0.61"
            ) from None
        if found.setdefault(model, score) != score:
            raise InputError(
                f"{path}: model {model!r} has two scores, {found[model]:g} and {score:g}: keep one of them"
            )
    return found
