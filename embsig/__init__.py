"""Is this difference real? Significance analysis for embedding models scored on MTEB task families.

Every public name is here: ``import embsig; embsig.compare("scores.csv")``. A name is loaded when it is first used, so that
``import embsig`` loads neither torch, mteb nor matplotlib.
"""

from importlib import import_module
from typing import Any

from .guard import check_rooms

check_rooms()

_ROOMS = ("stats", "bench", "reports")


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        for room in _ROOMS:
            module = import_module(room)
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
