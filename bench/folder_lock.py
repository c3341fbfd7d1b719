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
from typing import IO

from stats.common.errors import InputError
from stats.common.writing import disk_fault

LOCK_FILE = ".lock"


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
        file = _take(folder / LOCK_FILE)
    except OSError as error:
        raise InputError(
            f"output folder {folder} cannot be written ({error.strerror or error}): give a folder that can be made and written"
        ) from error
    with file:
        try:
            yield
        except Exception as error:
            if disk_fault(error) or _concerns(error, folder):
                raise unusable(folder, error) from error
            raise
        finally:
            with suppress(OSError):
                (folder / LOCK_FILE).unlink()


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


def _take(path: Path) -> IO[str]:
    """Lock the file and write into it who holds it."""
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            _lock(file)
        except BlockingIOError:
            with file:
                raise InputError(
                    f"{path.parent} is in use by {_holder(file)}: wait for it to end, or give another output folder"
                ) from None
        # Whoever held it before may have removed the file between our opening and our locking it.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                break
        file.close()
    about = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "command": shlex.join(sys.argv),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    file.truncate(0)
    file.write(json.dumps(about) + "\n")
    file.flush()
    return file


def _lock(file: IO[str]) -> None:
    try:
        import fcntl
    except ImportError:  # a system without such locks
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return


def _holder(file: IO[str]) -> str:
    """Say who wrote the lock file."""
    file.seek(0)
    try:
        about = json.loads(file.read())
        return (
            f"process {about['process']} on {about['host']} (`{str(about['command'])[:120]}`, since {about['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
