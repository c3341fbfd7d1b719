"""Whether the hub answers, asked once: its libraries ask five times for every file, for minutes, before they say that it does not."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies

from stats.common.errors import InputError

#: Seconds in which a hub that can be reached has answered.
_PATIENCE = 5.0


def answers() -> bool:
    """Whether the hub can be reached. Behind a proxy that cannot be told from here, and it is taken to be."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    place = urlsplit(constants.ENDPOINT)
    if place.scheme in getproxies() or "all" in getproxies():
        return True
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        with socket.create_connection((place.hostname or "", port), timeout=_PATIENCE):
            return True
    except OSError:
        return False


@contextmanager
def asked_once() -> Iterator[bool]:
    """Look in the hub's local cache alone where the hub does not answer; gives whether it does."""
    from huggingface_hub import constants

    reached, before = answers(), constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or not reached
    try:
        yield reached
    finally:
        constants.HF_HUB_OFFLINE = before


def absent(name: str, reached: bool, what: str = "model") -> InputError:
    """The error for a name that is no folder, and that the hub or its cache do not have."""
    where = "the hub has none of that name" if reached else "the hub, which does not answer, left none in its cache"
    return InputError(f"no {what} could be loaded from {name!r}: there is no such folder, and {where}; check the path")
