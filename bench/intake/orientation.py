"""Are the rows of a wide table tasks or models? What its headings say is checked against names that are known."""

from collections.abc import Sequence

from stats.common.errors import InputError
from stats.common.tables import Rows
from stats.common.text import listing

from .account import Account
from .headings import role
from .known_names import known_tasks, like_models

_OTHER: dict[Rows, Rows] = {"tasks": "models", "models": "tasks"}


def rows_of(
    labels: Sequence[str],
    columns: Sequence[str],
    *,
    heading: object,
    said: Rows | None,
    asked: Rows | None,
    usual: Rows | None,
    account: Account,
) -> Rows:
    """Say what the rows are.

    Parameters
    ----------
    labels, columns : sequence of str
        Names of rows and columns.
    heading : object
        Of the column of labels.
    said : {"tasks", "models"} or None
        What the heading, or the name of the columns as a whole, says that rows are.
    asked : {"tasks", "models"} or None
        What ``--rows`` says.
    usual : {"tasks", "models"} or None
        What they are where nothing else says so.
    account : Account

    Raises
    ------
    InputError
        If nothing says it, or the names contradict what is said.
    """
    found, why = by_names(labels, columns)
    claimed = asked or said or usual
    if claimed and found and found != claimed:
        by = (
            f"--rows {asked}"
            if asked
            else f"rows are {claimed}" + (f" (headed {str(heading)!r})" if said and heading else "")
        )
        cure = f"--rows {found}" if usual is None else f"pass frame.T, or embsig.read(frame, rows={found!r})"
        raise InputError(
            f"{account.source}: {by}, but {why}: is it the wrong way round? {cure} reads its rows as {found}"
        )
    if claimed:
        return claimed
    if found:
        account.note(f"rows are {found}: {why}")
        return found
    if role(heading) == "seed":
        raise InputError(
            f"{account.source}: its rows are headed {str(heading)!r}: are they runs of one task? expected a column 'task' beside them; "
            "--rows tasks compares as if each were a task of its own, which runs on the same data are not"
        )
    raise InputError(
        f"{account.source}: the first column is headed {str(heading)!r}; expected 'task' (models are columns) "
        "or 'model' (tasks are columns), or say which with rows= / --rows tasks|models"
    )


def by_names(labels: Sequence[str], columns: Sequence[str]) -> tuple[Rows | None, str]:
    """Say what the rows are by names that are known, and which those are; None and nothing where none are."""
    tasks = [known_tasks(labels), known_tasks(columns)]
    sides: tuple[Sequence[str], Sequence[str]] = (labels, columns)
    ways: tuple[tuple[int, int, Rows], ...] = ((0, 1, "tasks"), (1, 0, "models"))
    for mine, other, rows in ways:
        if _most(tasks[mine], sides[mine]) and len(tasks[other]) * 5 <= len(sides[other]):
            where = ("row", "column")[mine]
            return (
                rows,
                f"{len(tasks[mine])} of {len(sides[mine])} {where}s are known tasks ({listing(tasks[mine], 3)})",
            )
    models = [like_models(labels), like_models(columns)]
    for mine, other, rows in ways:
        if _most(models[mine], sides[mine]) and not models[other]:
            where = ("row", "column")[mine]
            return (
                _OTHER[rows],
                f"{len(models[mine])} of {len(sides[mine])} {where}s are named as models are ({listing(models[mine], 3)})",
            )
    return None, ""


def _most(found: Sequence[str], names: Sequence[str]) -> bool:
    return len(found) >= 2 and 2 * len(found) >= len(names)
