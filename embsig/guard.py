"""Refuse to run beside a stranger's ``stats.py``: one import-time check for the three packages.

``stats``, ``bench`` and ``reports`` are common names. A user's own file of that name, earlier on
``sys.path``, would hide ours, and the failure would surface far from its cause.
"""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("stats", "bench", "reports")


def check_rooms() -> None:
    """Raise unless `stats`, `bench` and `reports` are the ones installed with embsig.

    Raises
    ------
    ImportError
        If a file or folder that is not embsig's own would be imported in the place of one of them.
    """
    home = Path(__file__).resolve().parent.parent
    for room in PACKAGES:
        spec = find_spec(room)
        origin = None if spec is None else spec.origin or next(iter(spec.submodule_search_locations or ()), None)
        if origin is None:
            raise ImportError(f"embsig is incomplete: its package {room!r} is missing beside {home}; reinstall embsig")
        if Path(origin).resolve() != home / room / "__init__.py":
            raise ImportError(
                f"{origin} hides embsig's own package {room!r} ({home / room}); "
                f"rename that file or folder, or run from another folder"
            )
