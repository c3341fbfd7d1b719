"""Who reads what is not a table: readers, in the order in which they are asked.

Other packages add theirs as tools, by entry points (`bench.sources.tools.registry`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from stats.common.errors import InputError
from stats.samples import Samples
from stats.scores import Scores

from ..sources import files
from ..sources.mteb_objects import folder_of, is_results, read_objects
from ..sources.tools.registry import Asked, read_tool
from .folders import tables_in
from .items import read_items
from .options import Options
from .results_account import with_account
from .tables import read_tables


class Reader(Protocol):
    """What reads one kind of source.

    Attributes
    ----------
    name : str
        What it reads: "TREC runs", "lm-evaluation-harness", ...
    chooses_tasks : bool
        Whether it has chosen the tasks that were asked for.
    """

    name: str
    chooses_tasks: bool

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read paths, all of one kind; None if they are not this reader's."""


class ToolResults:
    """Results of other tools (`bench.sources.tools`)."""

    name = "results of other tools"
    chooses_tasks = True

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read them, if they are a tool's."""
        paths = [Path(s) for s in sources if isinstance(s, Path)]
        if len(paths) != len(sources):
            return None
        asked = Asked(
            metric=options.metric,
            qrels=options.qrels,
            measure=options.measure,
            missing_queries=options.missing_queries,
            samples=options.samples,
            progress=options.progress,
        )
        found = read_tool(paths, asked)
        if found is None:
            return None
        # Before they are scores, so that tasks of one direction, or with one metric, can be chosen among others.
        only = found if options.tasks is None or found.frame.empty else found.only(options.tasks)
        return only.scores(", ".join(map(str, paths)))


class MtebObjects:
    """mteb's results in memory."""

    name = "results of mteb in memory"
    chooses_tasks = False

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read them, or the folder that they stand for."""
        if not is_results(list(sources)):
            return None
        folder = folder_of(sources[0]) if len(sources) == 1 else None
        if folder is not None:
            return MtebTree().read([folder], options)
        found = read_objects(sources[0] if len(sources) == 1 else list(sources), benchmark=options.benchmark)
        return with_account(found, str(found.provenance["source"]))


class FolderOfTables:
    """A folder of tables, such as one file a model."""

    name = "a folder of tables"
    chooses_tasks = False

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read its files as if they had been named one by one."""
        if len(sources) != 1 or not isinstance(sources[0], Path) or not sources[0].is_dir():
            return None
        files = tables_in(sources[0])
        if not files:
            return None
        return read_items(files, options) or read_tables(files, options)


class MtebTree:
    """MTEB results: a folder, an archive, what ``embsig run`` wrote."""

    name = "MTEB results"
    chooses_tasks = False

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read one folder or archive."""
        if len(sources) != 1 or not isinstance(sources[0], Path):
            return None
        path = sources[0]
        if not path.is_dir() and not files.is_archive(path):
            return None
        if options.rows is not None:
            raise InputError(
                f"rows={options.rows!r} is for tables; {path} is a results {'folder' if path.is_dir() else 'archive'}"
            )
        from ..sources.tree import read_tree  # here: it loads Parquet, for which a table of scores must not wait

        found = read_tree(
            path,
            benchmark=options.benchmark,
            require_model_meta=options.require_model_meta,
            progress=options.progress,
            cache=options.cache,
            seeds=options.seeds,
            unit=options.unit,
            languages=options.languages,
            prefer=options.prefer,
        )
        return with_account(found, str(path))


class ItemTables:
    """Tables with a row a query, item or document."""

    name = "tables of items"
    chooses_tasks = False

    def read(self, sources: Sequence[Any], options: Options) -> Scores | Samples | None:
        """Read them as samples, if all of them are."""
        return read_items(sources, options)


#: All of them; what none takes is read as a table.
READERS: tuple[Reader, ...] = (MtebObjects(), ToolResults(), FolderOfTables(), MtebTree(), ItemTables())
