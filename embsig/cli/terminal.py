"""What the command line says: data to standard output or a file, messages and progress to standard error."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

Progress = Callable[..., None]


def emit(text: str, output: Path | None) -> None:
    """Data to standard output, or to a file that is complete or not there at all."""
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        _put(text)
        return
    from stats.common.writing import write_whole  # late: the command line's help must not load pandas

    with writing(output):
        write_whole(output, text)


def _put(text: str) -> None:
    """Text to standard output, as UTF-8 where its encoding lacks a character: an escape would be another name."""
    from stats.common.errors import InputError  # late, as above

    stream = sys.stdout
    if stream is None:
        raise InputError("standard output is closed: open it, or give a file with -o")
    if stream.isatty():  # whoever pipes it on gets every name as it is
        from stats.common.text import harmless

        text = harmless(text)
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # no stream that lacks it has such an encoding
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # What is left goes nowhere, so that the end of the process is quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):  # whoever reads has read enough
            raise SystemExit(0) from None
        raise InputError(
            f"cannot write to standard output: {error.strerror or error}; give a file elsewhere with -o"
        ) from error


@contextmanager
def interruptible(signals: list[int]) -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the work as Ctrl-C does: workers end, locks and half-written files go.

    The signal is noted in the list; a second one ends the process at once. Handlers that somebody else has set stay.
    """

    def interrupt(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        signals.append(number)
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()  # only there can signals be caught
    wanted = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])] if here else []
    caught = [s for s in wanted if signal.getsignal(s) is signal.SIG_DFL]
    for number in caught:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write what the user named into an input error."""
    try:
        yield
    except OSError as error:
        from stats.common.errors import InputError  # late, as above

        raise InputError(f"cannot write {path}: {error.strerror or error}; choose another place with -o") from error


def say(message: str) -> None:
    """Write one message to standard error; of what others wrote in it, nothing steers the terminal."""
    from stats.common.text import harmless  # late, as above

    print(harmless(message), file=sys.stderr, flush=True)


@contextmanager
def status(doing: str) -> Iterator[None]:
    """Say on a terminal's standard error what is being done, for as long as it takes."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(doing):
        yield


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int | None, str], None]]:
    """Show work that reports (done, total, unit): a bar on a terminal's standard error, elsewhere a line now and then."""
    if not sys.stderr.isatty():
        said = monotonic()

        def tell(done: int, total: int | None = None, unit: str = "") -> None:
            nonlocal said
            if monotonic() - said > 5:
                said = monotonic()
                say(f"{doing}: {done:,}{f' of {total:,}' if total else ''} {unit}".rstrip())

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(doing, total=None, amount="")

        def advance(done: int, total: int | None = None, unit: str = "") -> None:
            bars.update(bar, completed=done, total=total, amount=f"{done:,}{f'/{total:,}' if total else ''} {unit}")

        yield advance


def command_line() -> str:
    """Return this call as one would type it again."""
    import shlex

    return shlex.join(["embsig", *(a for a in sys.argv[1:] if a != "--debug")])
