"""How far long work is: told to whoever has asked, so that nothing in `stats` speaks to a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Called with how many blocks of the work at hand are done, and how many there are.
Listener = Callable[[int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("embsig_listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell `listener` how far the work inside is; nothing that it does changes a number.

    Examples
    --------
    >>> with heard_by(lambda done, total: print(done, "of", total)):
    ...     tell(1, 4)
    1 of 4
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(done: int, total: int) -> None:
    """Say how far it is, if anybody wants to know."""
    if (listener := _listener.get()) is not None:
        listener(done, total)
