"""Wide tables: one axis tasks, the other models; columns that are not scores are told from those that are."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stats.common.errors import InputError
from stats.common.tables import Rows, clean_names
from stats.scores import Scores

from .account import Account
from .cells import is_failure, is_nothing, name
from .cells import score as written_score
from .grid import Grid, Row, empty, numeric
from .headings import LEADERBOARD, fold, role, runs_word
from .json_tables import NESTED
from .long import finish, one_metric
from .metric_directions import is_metric, metric_direction, said_direction, task_direction, without_arrow
from .numbers import Floats, read_numbers
from .options import Options
from .orientation import by_names, rows_of
from .properties import is_property
from .repeats import in_units, joined_labels
from .summaries import mean_columns, spread_of
from .understood import Understood

_SAYS: dict[str, Rows] = {"task": "tasks", "model": "models"}
_OF_TASKS = ("family", "group", "metric", "n_samples", "languages", "direction")
_OF_CELLS = ("seed", "split", "subset", "prompt", "revision", "dataset_revision", "mteb_version", "external")
#: A name that is a metric and nothing else, as where columns are metrics of one data set.
_METRIC_ALONE = re.compile(
    r"(?:ndcg|mrr|map|ap|rr|recall|precision|hits?|hit ?rate|success|f1|f1[ _-]?(?:micro|macro)|(?:macro|micro|weighted)[ _-]?f1|accuracy|acc|auc|auroc|auprc|"
    r"rouge[ _-]?\w{1,4}|bleu|meteor|chrf|bertscore|exact[ _-]?match|em|pearson|spearman|kendall|v[ _-]?measure|nmi|ari|rmse|mse|mae|mape|wer|cer)"
    r"(?:(?:[ _-]?at[ _-]?|@|[ _-])\d+)?",
    re.IGNORECASE,
)
_SPREAD = re.compile(
    r"(?P<of>.+?)[ _\-.(±]+(?P<what>stderr|std ?err(?:or)?|standard error|se|sem|std(?: ?dev)?|sd|stdev)\)?",
    re.IGNORECASE,
)


def read_wide(
    names: list[str], above: dict[str, list[str]], body: list[Row], grid: Grid, options: Options, account: Account
) -> Understood:
    """Read a wide table.

    Raises
    ------
    InputError
        If it is not clear what its rows are, or a cell is not a score.
    """
    account.layout = "wide"
    label = _label_column(names, body, options)
    if label is None:
        labels, heading = [str(i) for i in range(1, len(body) + 1)], ""
        account.note("rows without names, numbered")
        said: Rows | None = "tasks"
    else:
        labels, heading = [name(row[label]) for row in body], names[label]
        said = _SAYS.get(str(role(heading))) or _columns_say(grid, names)
    leaderboard = sum(fold(n) in LEADERBOARD for n in names) >= 2
    rest = [j for j in range(len(names)) if j != label]
    if not rest:
        raise InputError(f"{account.source} has no score column beside {names[0]!r}")
    columns = [j for j in rest if not _is_more(names, body, j, leaderboard, options)]
    if len(columns) == 0:
        raise InputError(f"{account.source} has no score column beside {names[0]!r}; its others hold no scores")
    if (alone := _one_model(names, body, label, columns, grid)) is not None:
        names, columns = alone, columns
    elif label is not None:
        _mind_more_labels(labels, names, columns, account)
    if grid.kind == NESTED and options.rows is None:  # only custom says that the outer names are models
        said = by_names(labels, [names[j] for j in columns])[0] or said
    rows = rows_of(
        labels,
        [names[j] for j in columns],
        heading=heading,
        said=said,
        usual=grid.usual,
        asked=options.rows,
        account=account,
    )
    account.rows = rows
    if rows == "models":
        labels, body = _scored(labels, body, columns, account)
    if grid.kind == NESTED and options.rows is None and by_names(labels, [names[j] for j in columns])[0] is None:
        account.note("the outer names are taken as models (--rows tasks takes them as tasks)")
    if leaderboard:
        account.note(
            "a leaderboard's summary: its columns are means of task families; tests over tasks need the per-task scores"
        )
    taken = set(columns)
    return _Wide(
        names, above, body, labels, columns, [j for j in rest if j not in taken], rows, label, options, account
    ).read()


def _scored(labels: list[str], body: list[Row], columns: list[int], account: Account) -> tuple[list[str], list[Row]]:
    """Without rows that are a name alone: of models, a heading of others or one without a score."""
    bare = [i for i, row in enumerate(body) if all(empty(row[j]) for j in columns)]
    if not bare or len(bare) == len(body):
        return labels, body
    for i in bare:
        account.aside(f"row {labels[i]}", "no scores", labels[i], "model")
    kept = [i for i in range(len(body)) if i not in bare]
    return [labels[i] for i in kept], [body[i] for i in kept]


def _label_column(names: Sequence[str], body: Sequence[Row], options: Options) -> int | None:
    """The column that names the rows: the first headed as such, else the first; None where all columns are scores."""
    headed = [j for j, n in enumerate(names) if role(n) in _SAYS and not all(numeric(row[j]) for row in body)]
    wanted = [j for j in headed if options.rows is None or _SAYS[str(role(names[j]))] == options.rows]
    if wanted or headed:
        return (wanted or headed)[0]
    if role(names[0]) in _SAYS or options.rows is not None:
        return 0
    first = [row[0] for row in body]
    if not all(numeric(c) for c in first):
        return 0
    numbers = [
        float(str(c).replace(",", ".")) if re.fullmatch(r"\s*-?\d+([.,]\d+)?\s*", str(c)) else np.nan for c in first
    ]
    counted = numbers in ([float(i) for i in range(len(body))], [float(i + 1) for i in range(len(body))])
    ids = len(set(numbers)) == len(numbers) and all(n == n and n == int(n) for n in numbers)
    return 0 if counted or ids or fold(names[0]) == "unnamed" else None


def _columns_say(grid: Grid, names: Sequence[str]) -> Rows | None:
    said = role(grid.columns_are) if grid.columns_are else None
    return "models" if said == "task" else "tasks" if said == "model" else None


def _is_more(names: Sequence[str], body: Sequence[Row], j: int, leaderboard: bool, options: Options) -> bool:
    """Whether a column says something else of its rows than scores."""
    kind = role(names[j])
    if leaderboard and fold(names[j]) in LEADERBOARD:
        return True
    first = next((row[j] for row in body if not empty(row[j])), None)
    described = kind in (None, *_SAYS, "score", "stderr") and is_property(names, body, j, options)
    if kind is None and not described and (not isinstance(first, str) or _plain(first)):
        return False  # nearly all columns: their cells are looked at once, as numbers
    filled = [row[j] for row in body if not empty(row[j])]
    if kind in _SAYS or kind in ("score", None, "stderr"):
        return (described and filled != []) or (
            bool(filled) and len(body) > 1 and all(_is_word(c) or _is_label(c) for c in filled)
        )
    return kind in ("seed", "n_samples") or not (filled and all(numeric(c) for c in filled))


def _is_word(cell: object) -> bool:
    return (
        isinstance(cell, str)
        and not any(c.isdigit() for c in cell)
        and cell.strip().lower() not in ("true", "false")
        and not is_nothing(cell)
    )


def _plain(text: str) -> bool:
    """Whether text is a number as Python reads one."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_label(cell: object) -> bool:
    """A word with digits in it, such as ``5-shot``, ``fp16`` or a size, ``7B``; ``0.8 s`` is neither."""
    if not isinstance(cell, str) or cell.strip().lower() in ("true", "false"):
        return False
    if is_failure(cell) or written_score(cell) is not None or re.match(r"\s*[+-]?\d*[.,]\d+\s*[^\s\dBMKGT]", cell):
        return False  # 0.8 ms is a number with a unit, and a fault that must be named
    return (
        re.search(r"[^\W\d_]{2}", cell) is not None
        or re.fullmatch(r"[~<>]?\d+([.,]\d+)?\s?[BMKGT]", cell.strip()) is not None
    )


def _one_model(
    names: list[str], body: Sequence[Row], label: int | None, columns: list[int], grid: Grid
) -> list[str] | None:
    """A file of one model's scores, a row a task, or of one task's, a row a model: that one is called as the file."""
    if label is None or role(names[label]) not in _SAYS or len(columns) != 1 or not grid.stem:
        return None
    heading = names[columns[0]]
    if role(heading) != "score" and not is_metric(heading):
        return None
    renamed = list(names)
    renamed[columns[0]] = grid.stem
    return renamed


def _mind_more_labels(labels: Sequence[str], names: Sequence[str], columns: Sequence[int], account: Account) -> None:
    if len(columns) == 1 and role(names[columns[0]]) == "seed":
        raise InputError(f"{account.source} has no score column beside {names[columns[0]]!r}")


class _Wide:
    """A wide table whose parts are known."""

    def __init__(
        self, names: list[str], above: dict[str, list[str]], body: list[Row], labels: list[str], columns: list[int],
        more: list[int], rows: Rows, label: int | None, options: Options, account: Account,
    ) -> None:  # fmt: skip
        self.means = {columns[at]: of for at, of in mean_columns([names[j] for j in columns]).items()}
        names = [self.means.get(j, n) for j, n in enumerate(names)]
        self.names, self.above, self.body, self.labels = names, above, body, labels
        self.rows, self.options, self.account = rows, options, account
        self.spread = self._spreads(columns)
        others = {*self.spread.values(), *self._left(columns)}
        self.columns = [j for j in columns if j not in others]
        self.attributes = (
            {str(role(names[j])): j for j in more if role(names[j]) in _OF_TASKS} if rows == "tasks" else {}
        )
        self.of_cells = {str(role(names[j])): j for j in more if role(names[j]) in _OF_CELLS}
        used = [*self.attributes.values(), *self.of_cells.values()]
        keys = [*self.of_cells.values(), *([self.attributes["metric"]] if "metric" in self.attributes else [])]
        if options.unit == "task" and not options.languages:
            self.labels, joined = joined_labels(labels, names, body, more, keys, label, rows[:-1], account)
            used += joined
        for j in more:
            if j not in used:
                account.aside(f"column {names[j]}", "no scores", names[j], "column")

    def read(self) -> Understood:
        """Read the cells."""
        kinds = ("task", "model") if self.rows == "tasks" else ("model", "task")
        heads = [self.names[j] for j in self.columns]
        block = [[row[j] for j in self.columns] for row in self.body]
        numbers = read_numbers(
            block,
            lambda i, j: f"{kinds[0]} {self.labels[i]!r}, {kinds[1]} {heads[j]!r}",
            self.options.decimal,
            self.account,
        )
        errors = numbers.errors
        for of, j in self.spread.items():
            errors = np.full(numbers.values.shape, np.nan) if errors is None else errors
            found = read_numbers(
                [[row[j]] for row in self.body],
                lambda i, _: f"{kinds[0]} {self.labels[i]!r}",
                self.options.decimal,
                self.account,
            )
            errors[:, self.columns.index(of)] = found.values[:, 0]
        if self._repeats(heads):
            return self._as_long(numbers.values, heads)
        values = numbers.values if self.rows == "tasks" else numbers.values.T
        errors = errors if errors is None or self.rows == "tasks" else errors.T
        tasks, models = (self.labels, heads) if self.rows == "tasks" else (heads, self.labels)
        directions, bare = self._directions(tasks)
        if len(tasks) > 1 and all(_METRIC_ALONE.fullmatch(t.strip()) for t in bare):
            self.account.note(
                "all tasks are named as metrics: of one data set they are no independent tasks; --task chooses one"
            )
        source = self.account.source
        frame = pd.DataFrame(values, clean_names(bare, "task", source), clean_names(models, "model", source))
        scores = Scores.build(frame, pd.DataFrame(index=frame.index))
        described = {k: v for k, v in self._described().items() if k != "direction"}
        if described:
            info = pd.DataFrame(described, index=scores.table.index)
            scores = Scores.from_frame(scores.table, tasks=info, source=self.account.source)
        if errors is not None:
            scores = replace(scores, cells=_cells(scores, errors))
        return Understood(scores, directions)

    def _described(self) -> dict[str, list[object]]:
        """What other columns (of tasks in rows) or rows of the heading (of tasks in columns) say of the tasks."""
        if self.rows == "tasks":
            return {k: [None if empty(row[j]) else row[j] for row in self.body] for k, j in self.attributes.items()}
        return {k: [said[j] or None for j in self.columns] for k, said in self.above.items() if k != "seed"}

    def _directions(self, tasks: Sequence[str]) -> tuple[dict[str, bool], list[str]]:
        bare = [without_arrow(t) for t in tasks]
        bare = bare if len(set(bare)) == len(bare) else list(tasks)
        found: dict[str, bool] = {}
        described = self._described()
        heading = self.names[self.attributes["direction"]] if "direction" in self.attributes else "direction"
        nothing = [None] * len(tasks)
        of_tasks = (described.get("metric", nothing), described.get("direction", nothing))
        for task, short, metric, said in zip(tasks, bare, *of_tasks, strict=False):
            ways = [said_direction(said, heading) if said is not None else None, task_direction(task)]
            ways.insert(1, metric_direction(str(metric)) if metric is not None else None)
            way = next((w for w in ways if w is not None), None)
            if way is not None:
                found[short] = way
        return found, bare

    def _repeats(self, heads: Sequence[str]) -> bool:
        """Whether names come several times because a row is a seed, a metric or a split."""
        if self.rows == "tasks" and (self.options.unit != "task" or self.options.languages):
            return True  # said of every score, or refused
        telling = self.of_cells or "metric" in self.attributes
        if telling and ("seed" in self.of_cells or len(set(self.labels)) < len(self.labels)):
            return True
        return ("metric" in self.above or "seed" in self.above) and len(set(heads)) < len(heads)

    def _as_long(self, values: Floats, heads: Sequence[str]) -> Understood:
        columns = {
            k: [None if empty(row[j]) else row[j] for row in self.body]
            for k, j in (self.of_cells | self.attributes).items()
        }
        above = {k: [said[j] or None for j in self.columns] for k, said in self.above.items()}
        rows = []
        for i, label in enumerate(self.labels):
            for j, head in enumerate(heads):
                task, model = (label, head) if self.rows == "tasks" else (head, label)
                more = {k: v[i] for k, v in columns.items()} | {k: v[j] for k, v in above.items()}
                rows.append({"model": model, "task": task, "score": values[i, j], **more})
        frame = pd.DataFrame(rows)
        if "direction" in frame:
            frame["direction"] = [None if v is None else said_direction(v) for v in frame["direction"]]
        runs = runs_word(self.names[self.of_cells["seed"]]) if "seed" in self.of_cells else "runs"
        if "seed" in self.above:
            runs = runs_word(" ".join(self.above["seed"][:2]))
        return finish(
            one_metric(in_units(frame, self.options, self.account), self.options, self.account), runs, self.account
        )

    def _spread_columns(self, columns: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Columns that say how far scores spread -> the column of these, and what they say."""
        by_name = {self.names[j].lower(): j for j in columns}
        found: dict[int, tuple[int, str]] = {}
        summed = spread_of([self.names[j] for j in columns]) if self.means else {}
        for at, j in enumerate(columns):
            match = _SPREAD.fullmatch(self.names[j])
            name_of = summed.get(at) or (match["of"] if match else None)
            of = None if name_of is None or j in self.means else by_name.get(name_of.strip().lower())
            if of is not None:
                found[j] = of, (match["what"] if match else self.names[j]).lower()
        return found

    def _spreads(self, columns: Sequence[int]) -> dict[int, int]:
        """Columns of standard errors beside those of scores: ``bert``, ``bert_stderr``."""
        return {
            of: j
            for j, (of, what) in self._spread_columns(columns).items()
            if re.match(r"se\b|sem\b", what) or "err" in what
        }

    def _left(self, columns: Sequence[int]) -> list[int]:
        """Columns of standard deviations, which are no errors of a mean, and what else sums up runs; set aside."""
        left = [j for j in self._spread_columns(columns) if j not in self.spread.values()]
        for j in left:
            self.account.aside(f"column {self.names[j]}", "a spread", self.names[j], "column")
        return left


def _cells(scores: Scores, errors: Floats) -> pd.DataFrame:
    rows = [
        {"task": t, "model": m, "stderr": errors[i, j]}
        for i, t in enumerate(scores.task_names)
        for j, m in enumerate(scores.models)
        if np.isfinite(scores.values[i, j])
    ]
    return pd.DataFrame(rows)
