"""What samples must prove before they are paired: the checksum and the main score that are recorded of them, and the same data."""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .common.errors import InputError
from .common.text import count
from .different_data import NO_CHECKSUM, sentence
from .metrics.task import TaskSamples

if TYPE_CHECKING:
    from .samples import Samples


def refuse_different_data(task: str, metas: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise InputError where two models' samples were made on different data, by the hash of the data, else of their files."""
    known: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for model, meta in metas.items():
        for part, digest in _data_of(meta).items():
            known.setdefault(part, {}).setdefault(digest, []).append(model)
    for by_hash in known.values():
        if len(by_hash) > 1:
            raise InputError(
                f"samples: {sentence(task, by_hash)}: expected the same texts, gold and judgements for all models; evaluate them "
                "on one data root, leave one out, or say --allow-different-data (allow_different_data=True)"
            )


def _data_of(meta: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    stated = meta.get("data_sha256")
    if isinstance(stated, Mapping) and stated:
        parts = ((split, of) for split, of in stated.items() if isinstance(of, Mapping))
        return {(str(split), str(subset)): str(digest) for split, of in parts for subset, digest in of.items()}
    files = meta.get("data")  # before data hashes: the hash of the files, if they were local
    return {(): str(files)} if files else {}


def refuse_other_score(read: TaskSamples, model: str, meta: Mapping[str, Any], path: Any) -> None:
    """Raise InputError where samples are not those that the main score was computed from."""
    if (recorded := meta.get("main_score")) is None:  # in memory, and never scored by anybody else
        return
    found, stated = float(read.value(model)[0]), float(recorded)
    if not abs(found - stated) <= 1e-6 * max(1.0, abs(stated)):
        raise InputError(
            f"{path}: its samples give {found:.8f}, and its recorded main score is {stated:.8f}: the file was changed since it was "
            "written, or the score is another's; evaluate it again"
        )


def refuse_other_checksum(path: Path, file: IO[bytes], stated: Mapping[Path, Collection[str]]) -> None:
    """Raise InputError where a file, which is open, is not as its run wrote it; a file of which nothing is stated passes."""
    if not (digests := stated.get(path)):
        return
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file has what it needs
    file.seek(0)
    if found not in digests:
        raise InputError(
            f"{path} was changed after the run: its checksum is {found[:12]}, and the run recorded {min(digests)[:12]} in its manifest; "
            "restore the file, or remove it and run the job again"
        )


def unproven_samples(samples: "Samples | None") -> list[str]:
    """A sentence where samples of a run have no checksum in its manifest."""
    n = 0 if samples is None else int(samples.provenance.get("without_checksum", 0))
    return [f"{count(n, 'file')} of samples {'is' if n == 1 else 'are'} {NO_CHECKSUM}."] if n else []
