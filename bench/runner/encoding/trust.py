"""Code that comes with a model is not run unless that is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stats.common.errors import InputError


@contextmanager
def foreign_code(allowed: bool, model: str) -> Iterator[None]:
    """Let a model that is loaded inside run code of its own, or not.

    MTEB's registry sets ``trust_remote_code`` for some models by itself, and a loader may do so anywhere; all of it goes
    through one function of transformers, which refuses here.

    Raises
    ------
    InputError
        Inside, when a model that may not wants to run its code.
    """
    from transformers import dynamic_module_utils as modules

    run = modules.get_class_in_module

    def refuse(*_: Any, **__: Any) -> Any:
        raise InputError(
            f"model {model} brings code of its own, and embsig runs none unless asked: give another model, or pass "
            "--trust-remote-code (trust_remote_code=True) if you trust its authors"
        )

    if not allowed:
        modules.get_class_in_module = refuse
    try:
        yield
    finally:
        modules.get_class_in_module = run
