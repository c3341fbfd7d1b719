"""A tree of 100,000 result files, made from the public ones."""

import tempfile
from pathlib import Path

from benchmarks.harness import Options, Row
from benchmarks.parts.results import ARCHIVE, multiply, rows_of, unpack


def run(options: Options) -> list[Row]:
    """Ours reads all files, mteb a tenth of them; its time is multiplied."""
    if options.data is None:
        return [Row("a tree of 100,000 result files", "mteb.ResultCache", note="the results archive is not at hand")]
    files, part = (600, 300) if options.tiny else (100_000, 10_000)
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        real, all_, some = (Path(folder) / name for name in ("real", "all", "part"))
        unpack(options.data / ARCHIVE, real, 1500 if options.tiny else None)
        n, m = multiply(real, all_, files), multiply(real, some, part)
        note = f"mteb on {m:,} of the files, its time multiplied by {n / m:.1f}"
        return rows_of(f"a tree of {n:,} result files", str(all_), str(some), options, 8, 300, n / m, note, True)
