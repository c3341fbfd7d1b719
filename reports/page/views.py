"""What the page's script shows: the comparison and those of its families, as the engine computed them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from reports.tables.rows import has_probabilities
from stats.common import text
from stats.comparison.score_bounds import possible_means

from .clean import clean_data
from .packing import packed
from .samples import interval_data

if TYPE_CHECKING:
    from stats import Comparison

#: Families carry intervals up to so many pairs of all families together; beyond, their verdicts and differences alone.
_FAMILY_PAIRS = 400_000
#: Up to so many pairs every number has single precision; beyond, those that no verdict is read from have six digits.
_EXACT_PAIRS = 50_000
_MINOR = ("statistic", "pvalue", "effect_size")

#: Codes of a pair's verdict.
_VERDICTS = {"undecided": 0, "a": 1, "b": 2, "equivalent": 3}

#: Columns of pairs that the page may show: name -> how it is stored.
_PAIR_COLUMNS = {
    "difference": "f4", "low": "f4", "high": "f4", "statistic": "f4", "pvalue": "f4", "pvalue_adjusted": "f4", "effect_size": "f4",
    "p_better": "f4", "p_equivalent": "f4", "p_worse": "f4", "n": "u2", "win": "u2", "tie": "u2",
}  # fmt: skip
_FAMILY_COLUMNS = {"difference": "f4~", "low": "f4~", "high": "f4~", "n": "u2", "win": "u2", "tie": "u2"}

_CARD_COLUMNS = (
    "n_parameters",
    "n_active_parameters",
    "embed_dim",
    "max_tokens",
    "release_date",
    "license",
    "open_weights",
)


def script_data(
    comparison: "Comparison", *, command: str, cards: pd.DataFrame | None = None, samples: Any = None
) -> dict[str, Any]:
    """Return what the page's script works on: models in rank order, tasks, scores, and the views computed."""
    models = [str(m) for m in comparison.ranks["model"]]
    place = {m: i for i, m in enumerate(models)}
    scores = comparison.scores
    return {
        "models": [text.name(m) for m in models],
        "tasks": [text.name(t) for t in scores.task_names],
        "families": families_of_tasks(comparison),
        "languages": languages_of_tasks(comparison),
        "scores": packed({"score": ("f8", scores.table[models].to_numpy(float).T.ravel())}),
        "cards": card_columns(models, cards),
        "digits": text.places(comparison.ranks["mean"]),
        "level": comparison.method.percent,
        "difference": difference_words(comparison),
        "bayes": has_probabilities(comparison),
        "higher": scores.higher_is_better,
        "means": not scores.mean_refused,
        "unit": scores.unit,
        "pool": max(comparison.n_pool, comparison.n_models),
        "control": None if comparison.control is None else place[str(comparison.control)],
        "command": command,
        "views": _views(comparison, place),
        "clean": clean_data(comparison, place),
        "intervals": interval_data(comparison, samples, place),
    }


def difference_words(comparison: "Comparison") -> str:
    """What a pair's difference is: of a test by ranks it is not that of the two mean scores beside it."""
    words = {"pseudo-median": "pseudo-median difference", "mean rank": "difference of mean ranks"}
    return words.get(comparison.method.estimand, "difference")


def _views(comparison: "Comparison", place: Mapping[str, int]) -> list[dict[str, Any]]:
    n_pairs = sum(len(part.pairs) for part in comparison.families.values())
    columns = _FAMILY_COLUMNS
    if n_pairs > _FAMILY_PAIRS:
        columns = {"difference": f"i2.{text.places(comparison.ranks['mean'])}", "win": "u2"}
    whole = (
        _PAIR_COLUMNS if len(comparison.pairs) <= _EXACT_PAIRS else {**_PAIR_COLUMNS, **dict.fromkeys(_MINOR, "f4~")}
    )
    views = [_view("", comparison, place, whole)]
    return views + [
        _view(text.name(family), part, place, columns)
        for family, part in comparison.families.items()
        if set(map(str, part.ranks["model"])) <= set(place)
    ]


def may_be_best(comparison: "Comparison", in_top_set: Any) -> bool:
    """Whether a model is marked as one that may be the best: not against a control, where no two others were compared."""
    return comparison.control is None and in_top_set is not None and not pd.isna(in_top_set) and bool(in_top_set)


def _view(name: str, part: "Comparison", place: Mapping[str, int], columns: Mapping[str, str]) -> dict[str, Any]:
    """One comparison: a row a model, a row a pair."""
    ranks, pairs = ranks_shown(part), part.pairs
    known = {
        column: (kind, _whole(pairs[column]) if kind.startswith("u") else pairs[column].to_numpy(float))
        for column, kind in columns.items()
        if column in pairs and not (column.startswith("p_") and not has_probabilities(part))
    }
    return {
        "name": name,
        "tasks": part.n_tasks,
        "names": [] if not name else [text.name(t) for t in part.scores.task_names],
        "decided": int(_decided(pairs).sum()),
        "models": packed(
            {
                "model": ("u2", [place[str(m)] for m in ranks["model"]]),
                **{c: ("f4", ranks[c].to_numpy(float)) for c in ("mean", "mean_low", "mean_high", "mean_rank", "rank")},
                **{c: ("u2", _whole(ranks[c])) for c in ("rank_low", "rank_high")},
                "top": ("u1", np.array([may_be_best(part, v) for v in ranks["in_top_set"]])),
            }
        ),
        "pairs": packed(
            {
                "a": ("u2", [place[str(m)] for m in pairs["model_a"]]),
                "b": ("u2", [place[str(m)] for m in pairs["model_b"]]),
                "verdict": ("u1", verdict_codes(part)),
                **known,
            }
        ),
    }


def ranks_shown(comparison: "Comparison") -> pd.DataFrame:
    """The rank table without the intervals that say nothing: from the lowest mean that the metrics allow to the highest."""
    table = comparison.ranks
    least, most = possible_means(comparison.scores)
    nothing = (table["mean_low"] <= least) & (table["mean_high"] >= most)
    return table.assign(mean_low=table["mean_low"].mask(nothing), mean_high=table["mean_high"].mask(nothing))


def verdict_codes(part: "Comparison") -> npt.NDArray[np.uint8]:
    """Return for each pair 0 undecided, 1 a is better, 2 b is better, 3 equivalent."""
    pairs = part.pairs
    if "verdict" in pairs and pairs["verdict"].notna().any():
        return np.array([_VERDICTS.get(v, 0) for v in pairs["verdict"]], dtype=np.uint8)
    ahead = (pairs["difference"].to_numpy(float) > 0) == part.scores.higher_is_better
    codes: npt.NDArray[np.uint8] = np.where(_decided(pairs), np.where(ahead, 1, 2), 0).astype(np.uint8)
    return codes


def _decided(pairs: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return pairs["significant"].fillna(False).astype(bool).to_numpy()


def _whole(values: "pd.Series[Any]") -> npt.NDArray[np.uint16]:
    """Counts and places as whole numbers, 0 where there is none."""
    whole: npt.NDArray[np.uint16] = np.nan_to_num(values.to_numpy(float), nan=0.0, posinf=0.0, neginf=0.0).astype(
        np.uint16
    )
    return whole


def families_of_tasks(comparison: "Comparison") -> list[str | None]:
    """The family of each task."""
    tasks = comparison.scores.tasks
    if "family" not in tasks:
        return [None] * comparison.n_tasks
    found = tasks["family"].reindex(comparison.scores.task_names)
    return [None if pd.isna(f) else text.name(f) for f in found]


def languages_of_tasks(comparison: "Comparison") -> list[list[str]]:
    """The languages of each task; empty where all tasks have the same."""
    tasks = comparison.scores.tasks
    if "languages" not in tasks:
        return []
    found = [_listed(v) for v in tasks["languages"].reindex(comparison.scores.task_names)]
    return found if len({tuple(f) for f in found}) > 1 else []


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").split() if part]
    if isinstance(value, list | tuple | np.ndarray):
        return [str(v) for v in value]
    return []


def card_columns(models: list[str], cards: pd.DataFrame | None) -> dict[str, list[Any]]:
    """What the cards say, column by column; columns of which nothing is known are left out."""
    if cards is None:
        return {}
    table = cards.reindex(models)
    found = {}
    for column in _CARD_COLUMNS:
        if column in table and table[column].notna().any():
            found[column] = [
                None
                if pd.isna(v)
                else bool(v)
                if column == "open_weights"
                else float(v)
                if isinstance(v, int | float | np.number)
                else text.name(v)
                for v in table[column]
            ]
    return found
