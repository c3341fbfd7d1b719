"""Where the scores came from and what made the page, without the paths of the machine that it was made on."""

import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stats import Comparison

_NAMES = {
    "source": "Source", "read": "What was read", "sha256": "Hash of the source (SHA-256)", "content_sha256": "Hash of its content",
    "benchmark": "Benchmark", "definitions": "Definitions of the tasks", "format": "Format", "date": "Date of the source",
    "n_files": "Files", "n_read": "Files read", "left_out": "Files left out", "scores_sha256": "Hash of the scores",
    "software": "Made with",
}  # fmt: skip
#: An absolute path: not part of an address (https://...), a fraction or a model's name.
_PATH = re.compile(r"(?<![\w:/.~-])(?:/(?:[^\s/'\"]+/)+[^\s'\",;]*|[A-Za-z]:\\[^\s'\",;]+)")
#: A moment as a source's provenance has it; the page writes its own date likewise.
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d\+00:00$")


def without_paths(given: Any) -> Any:
    """Return texts with each absolute path as it is from the working folder, or by its last part alone; also within lists and dictionaries.

    A page is sent to others: where its maker keeps files is not theirs to know.

    Examples
    --------
    >>> without_paths("embsig report /home/ada/results.tar.zst --top 10")
    'embsig report results.tar.zst --top 10'
    """
    if isinstance(given, str):
        return _PATH.sub(_shorter, given)
    if isinstance(given, dict):
        return {key: without_paths(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [without_paths(value) for value in given]
    return given


def _shorter(found: re.Match[str]) -> str:
    written = found[0]
    if written[0] != "/":
        return PureWindowsPath(written).name
    path = Path(written)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def provenance_rows(comparison: "Comparison") -> list[tuple[str, str]]:
    """Return (word, value), the known keys first and under their full names."""
    rows = []
    given = dict(comparison.provenance)
    if isinstance(read := given.get("read"), dict):
        given["read"] = read.get("sentence", "")
    for key in [*(k for k in _NAMES if k in given), *(k for k in given if k not in _NAMES)]:
        if given[key] is None or key in ("command", "scores_sha256"):
            continue
        shown = _in_words(without_paths(given[key]))
        if key == "date":
            shown = _MOMENT.sub(r"\1 \2 UTC", shown)
        if shown:
            rows.append((_NAMES.get(key, str(key).replace("_", " ").capitalize()), shown))
    rows.append(("Hash of the scores compared", comparison.scores.sha256))
    if "software" not in given:
        rows.append(("Made with", _software()))
    return rows


def _in_words(value: Any) -> str:
    """Anything as a reader's text: never the notation of a program."""
    if isinstance(value, dict):
        inner = [(str(k).replace("_", " "), _in_words(v)) for k, v in value.items()]
        return ", ".join(
            f"{k} {f'({v})' if isinstance(value[o], dict | list | tuple) else v}"
            for (k, v), o in zip(inner, value, strict=True)
            if v
        )
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(filter(None, map(_in_words, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _software() -> str:
    libraries = [f"Python {sys.version.split()[0]}"]
    for package in ("embsig", "numpy", "pandas", "scipy", "matplotlib"):
        try:
            libraries.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(libraries)


def remade_by(comparison: "Comparison", command: str | None) -> str:
    """Return what makes the page again: the command it was made by, or the call."""
    return str(without_paths(command or comparison.provenance.get("command") or _call(comparison)))


def _call(comparison: "Comparison") -> str:
    method = comparison.method
    options = [f"{key}={getattr(method, key)!r}" for key in ("test", "correction", "alpha", "level", "missing")]
    if comparison.control is not None:
        options.append(f"control={comparison.control!r}")
    options += [f"n_resamples={method.resamples}", f"rng={method.seed}"]
    return f"stats.compare(scores, {', '.join(options)})"
