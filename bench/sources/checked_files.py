"""Results of ``embsig run`` against the checksums that the run kept of them, wherever in a source the run lies."""

from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from bench.checksums import result_checksum, stated_checksums
from stats.common.errors import InputError

from .mteb_json import NotAResult, loads
from .part import STAMP

#: From a run to a result: results/<model>/<revision>.
_DEEP = 3


class CheckedFiles:
    """What the manifests and records of runs among a source's files state of its results, gathered while they are read.

    The manifest is that of the last run that ended; a record is written with its result. So that a run which was killed
    reads too, a result may have the checksum that either of them states.
    """

    def __init__(self) -> None:
        self._stated: dict[str, set[str]] = {}
        self._found: dict[str, str] = {}
        self._runs: set[str] = set()

    def gather(self, path: str, data: bytes) -> None:
        """Look at a file that may be a manifest, a record or a result."""
        parts = PurePosixPath(path).parts
        if parts[-1] == "manifest.json":
            self._state(parts[:-1], _jobs(data))
        elif len(parts) >= 4 and parts[-4] == "jobs":
            self._state(parts[:-4], [_loaded(data)])
        elif STAMP in data:
            with suppress(ValueError, RecursionError):  # not JSON: it is named among those that cannot be read
                self._found[path] = result_checksum(data)

    def look_above(self, source: Path) -> None:
        """Take what the run states in which a folder of results lies, where that is the source and not the run."""
        inside = source.resolve()
        for run in inside.parents[:_DEEP]:
            if (run / "manifest.json").is_file():
                below = inside.relative_to(run).as_posix() + "/"
                for name, digests in stated_by_run(run).items():
                    if name.startswith(below):
                        self._stated.setdefault(name.removeprefix(below), set()).update(digests)
                return

    def _state(self, run: tuple[str, ...], jobs: list[Any]) -> None:
        prefix = "".join(f"{part}/" for part in run)
        if any(isinstance(job, dict) and "status" in job for job in jobs):
            self._runs.add(prefix)
        for name, digest in (pair for job in jobs for pair in stated_checksums(job)):
            self._stated.setdefault(prefix + name, set()).add(digest)

    def settle(self, results: list[str]) -> tuple[dict[str, list[str]], int]:
        """Which of these results are not as their run wrote them, and of how many of a run no checksum is stated.

        Returns
        -------
        changed : dict
            Path -> the checksum found (empty where the file no longer says that embsig wrote it) and one that was stated.
        unproven : int
        """
        changed = {
            path: [self._found.get(path, ""), min(stated)]
            for path in results
            if (stated := self._stated.get(path)) is not None and self._found.get(path) not in stated
        }
        of_runs = tuple(f"{run}results/" for run in self._runs)
        return changed, sum(path not in self._stated and path.startswith(of_runs) for path in results)


def refuse_changed(changed: dict[str, list[str]], source: Any) -> None:
    """Raise InputError where a result is not as its run wrote it; the message names it, and what works."""
    for path, (found, stated) in changed.items():
        more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
        has = f"has the checksum {found[:12]}" if found else "lacks what embsig wrote into it"
        raise InputError(
            f"{source}: {path}{more} was changed after the run: it {has}, and the run recorded {stated[:12]} in its manifest; "
            "restore the file, or remove it and run the job again"
        )


def stated_by_run(run: Path) -> dict[str, set[str]]:
    """The checksums that a run's manifest and records state: file -> one, or two where it was written again since the manifest."""
    stated: dict[str, set[str]] = {}
    records = sorted((run / "jobs").glob("*/*/*.json"))
    for job in [*_jobs(_bytes(run / "manifest.json")), *(_loaded(_bytes(path)) for path in records)]:
        for name, digest in stated_checksums(job):
            stated.setdefault(name, set()).add(digest)
    return stated


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _loaded(data: bytes) -> Any:
    try:
        return loads(data)
    except NotAResult:
        return None


def _jobs(data: bytes) -> list[Any]:
    said = _loaded(data)
    jobs = said.get("jobs") if isinstance(said, dict) else None
    return jobs if isinstance(jobs, list) else []
