"""Refuse to run beside a stranger's ``stats.py``: an import-time check of the three rooms.

``stats``, ``bench`` and ``reports`` are common names. A user's own file or folder of that name, earlier on ``sys.path``, would
hide ours, and another distribution may have overwritten one of them; the failure would surface far from its cause.

What this module imports at its top is loaded by every interpreter: where ``python -m embsig`` starts beside a user's
``random.py``, nothing else may be looked for before the current folder has left the path.
"""

import os
import sys

ROOMS = ("bench", "reports", "stats")

#: The line by which the guard knows that an ``__init__.py`` is one of ours.
OWN = b'__room_of__ = "embsig"'

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def leave_current_folder() -> None:
    """Take the current folder off the path where ``python -m embsig`` has put it there.

    ``python -m`` puts it first, and imports this package before ``__main__``: without this, a user's ``stats.py`` or
    ``random.py`` would be imported for ours or Python's. While it looks for the module to run, ``sys.argv[0]`` is "-m".
    """
    started = sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)] in ("embsig", "-membsig")
    if started and sys.path[0] == os.getcwd() != _HOME:
        del sys.path[0]


def check_rooms() -> None:
    """Raise unless `bench`, `reports` and `stats` are those that came with embsig.

    Raises
    ------
    ImportError
        In one line: which file or folder is in the way, and what to do.
    """
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    for room in ROOMS:
        try:
            spec = find_spec(room)
        except ValueError:  # somebody put a module without a spec into sys.modules
            spec = PathFinder.find_spec(room)
        places = [] if spec is None else [spec.origin or "", *(spec.submodule_search_locations or ())]
        found = next(filter(None, places), None)
        ours = os.path.join(_HOME, room, "__init__.py")
        if not os.path.isfile(ours):
            raise ImportError(_overwritten(room, ours, "is missing"))
        if found is None or os.path.realpath(found) != os.path.realpath(ours):
            hidden = _renamable(found, room)
            raise ImportError(
                f"{hidden} hides embsig's own package {room!r} ({os.path.dirname(ours)}): rename that "
                f"{'folder' if os.path.isdir(hidden) else 'file'}, or run from another folder (the command `embsig` runs in any)"
            )
        with open(ours, "rb") as file:
            if OWN not in file.read():
                raise ImportError(_overwritten(room, ours, "is not embsig's own"))


def _renamable(found: str | None, room: str) -> str:
    """Return what the user can rename: of a package, its folder."""
    if found is None:
        return f"a module named {room!r} without a file"
    return os.path.dirname(found) if os.path.basename(found) == "__init__.py" else found


def _overwritten(room: str, ours: str, what: str) -> str:
    """Return the message for a room that another distribution has overwritten, or taken away with itself."""
    from importlib.metadata import packages_distributions

    others = sorted(set(packages_distributions().get(room, ())) - {"embsig"})
    by = f" ({', '.join(others)} has a package of that name)" if others else ""
    first = f"pip uninstall {' '.join(others)} && " if others else ""
    return (
        f"{ours} {what}{by}: {first}pip install --force-reinstall --no-deps embsig; two packages of one name need two "
        f"virtual environments"
    )
