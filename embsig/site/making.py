"""make_site: all benchmarks of a source as a static site."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .one_board import DRAWINGS, STATE, make_board

if TYPE_CHECKING:
    from reports.site import Board

Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True)
class Made:
    """What was done.

    Attributes
    ----------
    folder : Path
    made, kept, removed : list of str
        Benchmarks made now, left as they were, and taken away.
    left_out : dict
        Benchmark -> why it has no page.
    """

    folder: Path
    made: list[str]
    kept: list[str]
    removed: list[str]
    left_out: dict[str, str]

    def __str__(self) -> str:
        from stats.common.text import count

        parts = [
            f"{count(len(self.made), 'benchmark')} made",
            f"{len(self.kept)} unchanged",
            f"{len(self.left_out)} without a page",
        ]
        return ", ".join([*parts, *([f"{len(self.removed)} removed"] if self.removed else [])])


def make_site(
    source: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    benchmarks: Sequence[str] | None = None,
    jobs: int = 1,
    url: str | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write every benchmark of a results tree as a static site.

    The site can be made again at any time: only benchmarks with changed results are compared, one that was interrupted goes on, and
    the same results give the same bytes however they came about.

    Parameters
    ----------
    source : path-like
        MTEB results: a folder or an archive.
    folder : path-like
        A new folder, or one that holds such a site.
    benchmarks : sequence of str, optional
        Only these; by default all that mteb knows and of which the source has results.
    jobs : int
        Processes at once.
    url : str, optional
        Where the site will stand, for its sitemap.
    progress : callable, optional
        Called with (done, total, unit).

    Returns
    -------
    Made

    Raises
    ------
    InputError
        If the source cannot be read, a benchmark is unknown, the folder holds something else, or no benchmark can be compared.
    """
    from bench.sources.definitions import load
    from bench.sources.one_state import one_state
    from reports.site import Board

    target, definitions = Path(folder), load()
    names = list(dict.fromkeys(map(definitions.benchmark_name, benchmarks or definitions.benchmark_names)))
    _check_folder(target)
    boards: list[Board] = []
    made: list[str] = []
    left_out: dict[str, str] = {}
    with one_state():
        _index(source)
        (target / STATE).mkdir(parents=True, exist_ok=True)
        for done, (name, found) in enumerate(_each(source, names, target, jobs), 1):
            if "reason" in found:
                left_out[name] = found["reason"]
            else:
                boards.append(Board.from_dict(found["board"]))
                made += [name] if found["made"] else []
            if progress is not None:
                progress(done, len(names), "benchmarks")
    left_out = {name: left_out[name] for name in names if name in left_out}
    if not boards:
        from stats.common.errors import InputError

        first = next(iter(left_out.items()))
        raise InputError(f"no benchmark of {Path(source).name} can be compared: {first[0]}: {first[1]}")
    chosen = "".join(f' --benchmark "{name}"' for name in sorted(names)) if benchmarks else ""
    recipe = f"embsig site {Path(source).name} -o {target.name}{chosen}"
    removed = _write_around(target, boards, left_out, source=Path(source).name, recipe=recipe, url=url)
    kept = [b.name for b in boards if b.name not in made]
    return Made(target, sorted(made), sorted(kept), removed, left_out)


def _check_folder(target: Path) -> None:
    from stats.common.errors import InputError

    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; name a folder for the site")
    if target.is_dir() and any(target.iterdir()) and not (target / STATE).is_dir():
        raise InputError(f"{target} holds other files; name a new folder, or one that holds such a site")


def _index(source: str | PathLike[str]) -> None:
    """Have the source read once, before processes share what was read; whether it can be read is then known, too."""
    from bench import read
    from bench.sources import files
    from bench.sources.definitions import load
    from bench.sources.one_state import opened

    path = Path(source).expanduser()
    if path.is_dir() or (path.is_file() and files.is_archive(path)):
        opened(path, load(), cache=True, progress=None)
    else:
        read(source)


def _each(
    source: str | PathLike[str], names: list[str], target: Path, jobs: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    make = partial(_named, str(source), str(target))
    if jobs == 1:
        yield from map(make, names)
        return
    from bench.sources.one_state import keep_one_state

    pool = ProcessPoolExecutor(jobs, initializer=keep_one_state)
    try:
        for future in as_completed([pool.submit(make, name) for name in names]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _named(source: str, target: str, name: str) -> tuple[str, dict[str, Any]]:
    command = f'embsig report {Path(source).name} --benchmark "{name}" --seed 0'
    return name, make_board(source, name, target, command)


def _write_around(
    target: Path, boards: "list[Board]", left_out: dict[str, str], *, source: str, recipe: str, url: str | None
) -> list[str]:
    """Write the site's own pages, and take away what this site no longer has."""
    from reports.site import site_files
    from stats.common.writing import write_whole

    files = site_files(boards, left_out, source=source, recipe=recipe, url=url)
    (target / "models").mkdir(exist_ok=True)
    for path, content in files.items():
        where = target / path
        if not where.is_file() or where.read_text(encoding="utf-8") != content:
            write_whole(where, content)
    for page in (target / "models").glob("*.html"):
        if f"models/{page.name}" not in files:
            page.unlink()
    if "sitemap.xml" not in files:
        (target / "sitemap.xml").unlink(missing_ok=True)
    present, removed = {b.slug for b in boards}, []
    for state in sorted((target / STATE).glob("*.json")):
        if state.stem not in present:
            shutil.rmtree(target / state.stem, ignore_errors=True)
            state.unlink()
            state.with_suffix(DRAWINGS).unlink(missing_ok=True)
            removed.append(state.stem)
    return removed
