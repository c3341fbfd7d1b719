"""Names by patterns of the shell."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from .errors import InputError, did_you_mean


def matching(patterns: str | Iterable[str], names: list[str], kind: str) -> list[str]:
    """The names that patterns of the shell mean, in the order of `names`; ``"!NAME"`` leaves out.

    Raises
    ------
    InputError
        If a name or pattern matches nothing; the nearest names are suggested. If nothing is left.

    Examples
    --------
    >>> matching(["org/*", "!org/b"], ["x", "org/a", "org/b"], "model")
    ['org/a']
    """
    given = [patterns] if isinstance(patterns, str) else list(patterns)
    taken, left_out = set[str](), set[str]()
    for pattern in given:
        out = pattern.startswith("!") and pattern not in names
        wanted = pattern[1:] if out else pattern
        hits = {wanted} if wanted in names else {n for n in names if fnmatchcase(n, wanted)}
        if not hits:
            raise InputError(f"no {kind} matches {wanted!r} among {len(names)}{did_you_mean(wanted, names)}")
        if out:
            left_out |= hits
        else:
            taken |= hits
    if not taken:  # only names to leave out: all others are meant
        taken = set(names)
    left = [n for n in names if n in taken and n not in left_out]
    if not left and given:
        excluding = " and ".join(repr(pattern) for pattern in given if pattern.startswith("!"))
        raise InputError(
            f"no {kind} is left of {len(names)}: {excluding} leaves out all that are meant; expected one or more to stay"
        )
    return left
