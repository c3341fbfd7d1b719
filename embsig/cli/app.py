"""The command line: ``embsig``, ``python -m embsig``. It gathers the groups of commands and says how they end."""

import atexit
import gc
import os
import signal
import sys
import warnings
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer

from . import analysis, gate, models, scores, site, study, subset
from .terminal import emit, interruptible, say

_GROUPS = (scores, analysis, gate, subset, site, models, study)  # the order of the help
_SETTINGS: dict[str, Any] = {
    "name": "embsig",
    "help": "Is this difference real? Significance analysis for embedding models scored on MTEB task families.",
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(**_SETTINGS)
for group in _GROUPS:
    app.add_typer(group.commands)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        emit(f"embsig {version('embsig')}", None)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _commands(*groups: Any) -> dict[str, Any]:
    known = [info for group in groups for info in group.commands.registered_commands]
    return {info.name or info.callback.__name__.replace("_", "-"): info for info in known if info.callback}


def _asked(arguments: list[str]) -> typer.Typer:
    """The command line with the command alone that is asked for: laying out the options of all takes longer than reading a table."""
    commands = _commands(*_GROUPS)
    if not arguments or arguments[0] not in commands:
        return app
    one = typer.Typer(**_SETTINGS)
    one.callback(invoke_without_command=True)(_begin)
    one.registered_commands.append(commands[arguments[0]])
    return one


def _without_idle_threads(arguments: list[str]) -> None:
    """Let numpy and scipy start no threads of BLAS where nothing would use them.

    An analysis multiplies in the thread that asks (`stats.common.threads`), and threads that wait for work keep cores busy: a quarter of a
    small comparison. Commands that run models keep theirs.
    """
    if arguments and arguments[0] in _commands(scores, analysis):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    say(f"embsig: warning: {message}")


def _fail(error: BaseException, code: int) -> NoReturn:
    detail = " ".join(str(error).split()) or type(error).__name__
    named = "" if code == 2 else f"{type(error).__name__}: "
    say(f"embsig: error: {named}{detail}" + ("" if code == 2 else " (--debug shows where)"))
    raise SystemExit(code)


def _leave_at_once(interrupted: list[int]) -> None:
    """End the process without taking its modules apart, where somebody waits for it to stop: of torch and mteb that takes seconds."""
    if interrupted:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(interrupted[0])


#: New objects after which garbage is looked for; Python's own 700 or 2,000 are reached a hundred times by imports alone.
_GARBAGE = 10_000


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit code 0, 2 for a usage or input error, 130 or 143 when interrupted, 1 for the rest."""
    interrupted: list[int] = []
    whole = arguments is None  # this is the whole process
    if whole:  # registered first, it runs last, after whatever others put away
        atexit.register(_leave_at_once, interrupted)
        # Thousands of modules, classes and functions stay for as long as the process: looking through them for garbage again and
        # again, and once more at the end, is a quarter of a small comparison.
        atexit.register(gc.freeze)
        gc.set_threshold(_GARBAGE)
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    if whole:
        _without_idle_threads(arguments)
    if sys.stderr is None:  # closed: what would be said there must not go elsewhere
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  # for as long as the process lasts
    signals: list[int] = []
    try:
        if not debug:
            warnings.simplefilter("ignore")
            warnings.showwarning = _show_warning  # type: ignore[assignment]  # one line, no source excerpt
        with interruptible(signals):
            code = _asked(arguments)(args=arguments, standalone_mode=False, prog_name="embsig") or 0
        if code == 130:  # some versions of the parser return it, others raise
            raise KeyboardInterrupt
        raise SystemExit(code)
    except (KeyboardInterrupt, typer.Abort):
        say("embsig: interrupted; what was finished is kept")
        interrupted.append(128 + (signals or [signal.SIGINT])[0])
        raise SystemExit(interrupted[0]) from None
    except Exception as error:
        if debug:
            raise
        if hasattr(error, "format_message"):  # the parser's own errors: unknown option, bad value, missing argument
            _fail(ValueError(error.format_message()), 2)
        from stats.common.errors import InputError

        _fail(error, 2 if isinstance(error, InputError) else 1)
