"""The folder of a run: what is finished is there in full, what is not leaves nothing.

Layout::

    results/<org__model>/<revision>/<Task>.json   mteb's result, with model_meta.json and run_settings.jsonl beside it
    samples/<task>/<model>.parquet                see `stats.samples`
    jobs/<org__model>/<revision>/<Task>.json      the record of a job: done or failed, by what settings, what files
    manifest.json                                 versions, seeds, models, tasks and jobs of the run
    runs.jsonl                                    a line per run: command, machine, dates, seconds per phase

A job is evaluated below ``.stage``, its files are moved to their places, and the record is written last: without its
record a job is not done, and what it left is written over or swept away. One process writes at a time.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.checksums import checksum
from bench.folder_lock import locked
from stats.common.errors import InputError
from stats.common.writing import sync, write_whole
from stats.samples import file_name

from ..grid.jobs import SCHEMA, Job, Outcome, Settings, fingerprint


class Store:
    """A run's folder.

    Parameters
    ----------
    folder : Path
        Made, when it is locked, if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def staging(self) -> Path:
        """Where unfinished jobs lie, on the same file system."""
        return self.folder / ".stage"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder alone, see `bench.folder_lock.locked`; nothing staged stays.

        Raises
        ------
        InputError
            If another process holds it, or a newer embsig wrote it.
        """
        with locked(self.folder):
            self._refuse_newer()
            try:
                yield
            finally:
                shutil.rmtree(self.staging, ignore_errors=True)

    # -- asking ------------------------------------------------------------------------------------------------

    def record(self, job: Job) -> dict[str, Any] | None:
        """The record of a job, or None where it has none that can be read."""
        try:
            found: dict[str, Any] = json.loads(self._record(job).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def finished(self, job: Job, settings: Settings) -> dict[str, Any] | None:
        """The record of a job that is done by these very settings, its files in place; else None."""
        record = self.record(job)
        if record is None or record.get("status") != "done":
            return None
        if record.get("fingerprint") != fingerprint(job.identity(settings)):
            return None
        if record.get("weights", {}).get("missing") and not settings.allow_missing_weights:
            return None
        if not all((self.folder / name).is_file() for name in record["files"]):
            return None
        return record if self._unchanged(record) else None

    def _unchanged(self, record: Mapping[str, Any]) -> bool:
        """Whether the results are as they were written; samples, which may be large, are checked whenever they are read."""
        stated = {n: digest for n, digest in record.get("sha256", {}).items() if n.endswith(".json")}
        try:
            return all(checksum(self.folder / name) == digest for name, digest in stated.items())
        except (OSError, ValueError, RecursionError):
            return False

    def records(self) -> list[dict[str, Any]]:
        """All records, by path."""
        found = []
        for path in sorted((self.folder / "jobs").glob("*/*/*.json")):
            try:
                found.append(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                continue
        return found

    def _refuse_newer(self) -> None:
        """A newer version's jobs would look like other jobs, and be run and written over."""
        written = [record.get("identity", {}).get("schema") for record in self.records()]
        with suppress(OSError, ValueError, AttributeError):
            written.append(json.loads((self.folder / "manifest.json").read_text(encoding="utf-8")).get("schema"))
        newest = max((n for n in written if isinstance(n, int)), default=SCHEMA)
        if newest > SCHEMA:
            raise InputError(
                f"{self.folder} has run schema {newest}; this version writes {SCHEMA}: update embsig, or give another output folder"
            )

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def stage(self, job: Job) -> Iterator[Path]:
        """An empty folder for one job, on the same file system; gone afterwards."""
        place = self.staging / f"{job.model.folder_name}-{quote(job.task.name, safe=' ')}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def commit(self, outcome: Outcome, settings: Settings, stage: Path) -> None:
        """Move a finished job's files to their places and write its record."""
        job, reason = outcome.job, outcome.reason
        self._forget(job)
        files = []
        for path in sorted(
            p for p in stage.rglob("*") if p.is_file() and p.parts[len(stage.parts)] in ("results", "samples")
        ):
            name = path.relative_to(stage)
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name.name == "run_settings.jsonl":
                write_atomic(target, _merged_settings(target, path, job.task.name))
                continue
            sync(path)
            path.replace(target)
            if name.name != "model_meta.json":
                files.append(name.as_posix())
            sync(target.parent)
        hashes = {f: checksum(self.folder / f) for f in files}
        samples = {f: h for f, h in hashes.items() if f.startswith("samples/")}
        said = {"reason": reason} if reason else {}
        record = {
            "status": "done",
            "score": outcome.score,
            "files": files,
            "sha256": hashes,
            "samples_sha256": samples,
            **said,
        }
        self._write_record(job, settings, record | outcome.proof)

    def fail(self, job: Job, settings: Settings, reason: str, trace: str) -> None:
        """Record why a job failed; files of an earlier success under other settings go."""
        self._forget(job)
        self._write_record(job, settings, {"status": "failed", "reason": reason, "trace": trace, "files": []})

    def write_manifest(self, manifest: Mapping[str, Any], run: Mapping[str, Any]) -> None:
        """Write ``manifest.json`` and add a line to ``runs.jsonl``."""
        write_atomic(self.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n")
        with (self.folder / "runs.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(run, sort_keys=True, default=str) + "\n")

    def sweep(self) -> None:
        """Remove what a killed run left half done: staged files, and results and samples that no record names."""
        shutil.rmtree(self.staging, ignore_errors=True)
        owned = {name for record in self.records() for name in record.get("files", [])}
        for path in self._loose_ends():
            if path.relative_to(self.folder).as_posix() not in owned:
                path.unlink()
                for parent in (path.parent, path.parent.parent):
                    if parent != self.folder and not any(parent.iterdir()):
                        parent.rmdir()

    def _loose_ends(self) -> Iterable[Path]:
        # Only where embsig has written records: a folder of results made elsewhere is left as it is.
        for revision in (self.folder / "jobs").glob("*/*"):
            beside = self.folder / "results" / revision.parent.name / revision.name
            yield from (p for p in beside.glob("*.json") if p.name != "model_meta.json")
        yield from (self.folder / "samples").glob("*/*.parquet")
        yield from (self.folder / "samples").glob("*/.*.part")
        for place in ("results", "jobs"):
            yield from (self.folder / place).glob("*/*/.*.part")

    def _forget(self, job: Job) -> None:
        """Take a job's record away before its files change, so that a crash between cannot leave it as done."""
        record = self._record(job)
        if record.exists():
            old = self.record(job) or {}
            record.unlink()
            sync(record.parent)
            for name in old.get("files", []):
                (self.folder / name).unlink(missing_ok=True)

    def _write_record(self, job: Job, settings: Settings, content: Mapping[str, Any]) -> None:
        identity = job.identity(settings)
        computed = content.get("computed", {}).get("attention")
        if computed and identity["attention"]:
            # Where transformers chose otherwise than was foreseen, the result is not that of the job that was asked for.
            identity["attention"] = computed
        record = {**content, "identity": identity, "fingerprint": fingerprint(identity), "family": job.task.family}
        path = self._record(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(record, indent=1, sort_keys=True).encode() + b"\n")

    def _record(self, job: Job) -> Path:
        return self.folder / "jobs" / job.folder / f"{file_name(job.task.name)}.json"


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file that is there in full or not at all, its name flushed to the disk too."""
    write_whole(path, content)
    sync(path.parent)


def _merged_settings(target: Path, staged: Path, task: str) -> bytes:
    """Mteb's run settings of all tasks of a model, in an order that does not depend on which ran first."""
    lines = set(staged.read_text(encoding="utf-8").splitlines())
    if target.exists():
        lines |= {line for line in target.read_text(encoding="utf-8").splitlines() if json.loads(line)["task"] != task}
    return "".join(f"{line}\n" for line in sorted(lines)).encode()
