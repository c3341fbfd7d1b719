"""One process at a time in a folder: a lock that says who holds it and falls with its process."""

import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stats.common.errors import InputError
from stats.common.writing import disk_fault

LOCK_FILE = ".lock"
#: Seconds: a file that its last holder has just removed is tried again.
_PATIENCE = 0.2


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone; it is made if it is not there.

    The lock belongs to the process and not to the file: one that was killed leaves a file that holds nobody up.

    Raises
    ------
    InputError
        If another process holds it, or the folder cannot be made or written, now or later.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _take(folder / LOCK_FILE)
    except OSError as error:
        raise InputError(
            f"output folder {folder} cannot be written ({error.strerror or error}): give a folder that can be made and written"
        ) from error
    try:
        yield
    except Exception as error:
        if disk_fault(error) or _concerns(error, folder):
            raise unusable(folder, error) from error
        raise
    finally:
        with suppress(OSError):  # while it is held: afterwards it may be another's. On Windows the release removes it
            (folder / LOCK_FILE).unlink()
        lock.release()


def unusable(folder: Path, error: BaseException) -> InputError:
    """The error to raise when an output folder can no longer be written."""
    why = disk_fault(error) or getattr(error, "strerror", None) or error
    return InputError(
        f"output folder {folder}: {why}; make room or give another folder and start again: what is finished is kept"
    )


def _concerns(error: Exception, folder: Path) -> bool:
    """Whether an error of the system is about something in the folder."""
    name = error.filename if isinstance(error, OSError) else None
    return isinstance(name, str) and Path(name).absolute().is_relative_to(folder.absolute())


def _take(path: Path) -> FileLock:
    """Lock the file and write into it who holds it."""
    lock = FileLock(path, timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            f"{path.parent} is in use by {_holder(path)}: wait for it to end, or give another output folder"
        ) from None
    about = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "command": shlex.join(sys.argv),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(PermissionError):  # Windows lets nobody write to a locked file
        path.write_text(json.dumps(about) + "\n", encoding="utf-8")
    return lock


def _holder(path: Path) -> str:
    """Say who wrote the lock file."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return (
            f"process {about['process']} on {about['host']} (`{str(about['command'])[:120]}`, since {about['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
