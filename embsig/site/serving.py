"""Showing a site on this machine, to nobody else."""

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve a folder on 127.0.0.1 until interrupted; port 0 takes any that is free."""
    from stats.common.errors import InputError

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        raise InputError(
            f"port {port} cannot be used ({error.strerror}); choose another with --port, 0 for any that is free"
        ) from None
    with server:
        say(f"serving {folder} at http://127.0.0.1:{server.server_port}/ until interrupted (Ctrl-C)")
        server.serve_forever()
