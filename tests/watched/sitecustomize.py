"""Put on PYTHONPATH: every Python process notes, in the file that EMBSIG_CONNECTIONS names, where it wants to connect, and fails there.

Also the processes that it starts, and where a library takes the failure for a machine without a network.
"""

import os
import sys

#: This machine; an address of None, or a path of a local socket, is here too.
_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "", None)  # noqa: S104  (nothing is bound to it)


def _note(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto"):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if host not in _HERE:
        with open(os.environ["EMBSIG_CONNECTIONS"], "a", encoding="utf-8") as file:
            file.write(f"{event} {host} {' '.join(sys.argv)}\n")
        raise OSError(f"no connection to {host} here")


if "EMBSIG_CONNECTIONS" in os.environ:
    sys.addaudithook(_note)
