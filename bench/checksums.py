"""Checksums of a run's files: equal for equal runs, so without the times that mteb writes into its results."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stats.common.hashing import file_hash

#: Keys of a result that say when and how long.
TIMES = ("date", "evaluation_time", "evaluation_phases", "kg_co2_emissions")


def checksum(path: Path) -> str:
    """SHA-256 of a file's bytes; of a result of mteb, of what it says beside its times."""
    return result_checksum(path.read_bytes()) if path.suffix == ".json" else file_hash(path)


def result_checksum(data: bytes) -> str:
    """SHA-256 of what a result of mteb says beside its times.

    Examples
    --------
    >>> result_checksum(b'{"a": 1, "date": 2}') == result_checksum(b'{"date": 3,"a":1}')
    True
    """
    said: Any = json.loads(data.decode("utf-8"))
    kept = {k: v for k, v in said.items() if k not in TIMES} if isinstance(said, dict) else said
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def stated_checksums(job: Any) -> Iterator[tuple[str, str]]:
    """The (file, checksum) that a record of a job, or its entry in a manifest, states; of results none before data hashes.

    Examples
    --------
    >>> list(stated_checksums({"status": "done", "samples_sha256": {"samples/a/b.parquet": "12"}}))
    [('samples/a/b.parquet', '12')]
    """
    if not isinstance(job, Mapping) or job.get("status") != "done":
        return
    for key in ("sha256", "samples_sha256"):
        of = job.get(key)
        for name, digest in of.items() if isinstance(of, Mapping) else ():
            if isinstance(name, str) and isinstance(digest, str):
                yield name, digest
