"""Refuse to run beside a stranger's ``stats.py``: one import-time check for the three packages.

``stats``, ``bench`` and ``reports`` are common names. A user's own file of that name, earlier on
``sys.path``, would hide ours, and the failure would surface far from its cause.
"""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("stats", "bench", "reports")


def check_siblings(package: str, package_file: str) -> None:
    """Raise unless the siblings of `package` are the ones installed with it.

    Parameters
    ----------
    package : str
        The name of the package that is being imported.
    package_file : str
        Its ``__file__``.

    Raises
    ------
    ImportError
        If a file or folder that is not embsig's own would be imported in a sibling's place.
    """
    home = Path(package_file).resolve().parent.parent
    for sibling in PACKAGES:
        if sibling == package:
            continue
        spec = find_spec(sibling)
        origin = None if spec is None else spec.origin or next(iter(spec.submodule_search_locations or ()), None)
        if origin is None:
            raise ImportError(
                f"embsig is incomplete: its package {sibling!r} is missing beside {home / package}; reinstall embsig"
            )
        if Path(origin).resolve() != home / sibling / "__init__.py":
            raise ImportError(
                f"{origin} hides embsig's own package {sibling!r} ({home / sibling}); "
                f"rename that file or folder, or run from another folder"
            )
