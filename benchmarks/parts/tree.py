"""A tree of 100,000 result files, made from the public ones."""

import tempfile
from pathlib import Path

from benchmarks.harness import Options, Row, child
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
        rows = rows_of(f"a tree of {n:,} result files", str(all_), str(some), options, 12, 300, n / m, note, True)
    return rows + _whole(options)


def _whole(options: Options) -> list[Row]:
    """A source of all of mteb's tasks: all at once, and one benchmark after another, from its index."""
    from tests.helpers.whole_tree import write_whole_tree

    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        source = Path(folder) / "whole.zip"
        n = write_whole_tree(source, n_models=4 if options.tiny else 64)
        env = {"XDG_CACHE_HOME": folder, "EMBSIG_CACHE": folder}
        names = ("", "MTEB(Multilingual, v2)", "MTEB(eng, v2)")
        child("benchmarks.parts.results", "at_once", str(source), env=env, threads=1)  # makes the index
        found = child("benchmarks.parts.results", "at_once", str(source), *names, env=env, threads=1)
    note = f"CPU, {n:,} files; peak {found['peak_mb']:,.0f} MB"
    return [
        Row(
            f"{name or 'all tasks without a benchmark'}, from the index of all of mteb's tasks",
            "-",
            found[name],
            reach=f"<= {bound:g} s",
            reached=found[name] <= bound,
            note=note,
        )
        for name, bound in zip(names, (1.5, 0.5, 0.5), strict=True)
    ]
