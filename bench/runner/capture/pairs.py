"""STS, pair classification, summarization and bitext mining: the similarity of every pair."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from .prediction_source import rows_of

#: Which of mteb's predictions a metric's first word means, and whether more of it is more alike.
_SCORES = {
    "cosine": ("cosine_scores", 1),
    "similarity": ("similarity_scores", 1),
    "manhattan": ("manhattan_distances", -1),
    "euclidean": ("euclidean_distances", -1),
    "dot": ("dot_scores", 1),
}


def builder(task: Any) -> Callable[[Any, Any, str, str], pd.DataFrame] | None:
    """The function that tables a task's predictions, if it is of one of these families."""
    from mteb.abstasks import AbsTaskPairClassification, AbsTaskSTS, AbsTaskSummarization

    if isinstance(task, AbsTaskSTS):
        return _sts
    if isinstance(task, AbsTaskPairClassification):
        return _pair_classification
    return _summarization if isinstance(task, AbsTaskSummarization) else None


def is_bitext(task: Any) -> bool:
    """Whether a task finds the translation of every sentence."""
    from mteb.abstasks import AbsTaskBitextMining

    return isinstance(task, AbsTaskBitextMining)


def _sts(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``sample, similarity, gold``: gold between 0 and 1, the similarity that the main score correlates with it."""
    gold = [task._normalize(s) for s in rows_of(task, split, subset)["score"]]
    kind = str(task.metadata.main_score).split("_")[0]
    name = _SCORES[kind][0] if kind in _SCORES else "similarity_scores"
    scores = predictions[name] if predictions.get(name) is not None else predictions["cosine_scores"]
    return pd.DataFrame(
        {"sample": _numbers(len(gold)), "similarity": np.asarray(scores, dtype=np.float64), "gold": gold}
    )


def _pair_classification(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``sample, similarity, gold``; for a main score that is the best of several similarities, all of them.

    Distances are negated, so that more is always more alike. The further similarities are called
    ``similarity_cosine``, ``similarity_dot``, ``similarity_euclidean`` and ``similarity_manhattan``.
    """
    rows = rows_of(task, split, subset)
    gold = rows[task.label_column_name]
    if len(rows) == 1 and isinstance(gold[0], list):
        gold = gold[0]
    values = {kind: sign * np.asarray(predictions[name], dtype=np.float64) for kind, (name, sign) in _SCORES.items()}
    kind = str(task.metadata.main_score).split("_")[0]
    columns = {"sample": _numbers(len(gold)), "similarity": values.get(kind, values["similarity"])}
    if kind == "max":
        columns |= {f"similarity_{k}": v for k, v in sorted(values.items()) if k != "similarity"}
    return pd.DataFrame({**columns, "gold": np.asarray(gold, dtype=np.int8)})


def _summarization(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``sample, score``: per text the correlation of its summaries' similarities with their human scores.

    mteb leaves out texts whose summaries all score the same, and does not say which; they are told by the human
    scores of those it kept.
    """
    from mteb._evaluators.text.summarization_evaluator import DeprecatedSummarizationEvaluator
    from scipy.stats import pearsonr, spearmanr

    kind, _, measure = str(task.metadata.main_score).rpartition("_")
    similar = predictions[_SCORES.get(kind, _SCORES["similarity"])[0]]
    correlate: Any = pearsonr if measure == "pearson" else spearmanr
    # The first SummEval averages each correlation with its p-value; so the score is what that task calls one.
    deprecated = issubclass(task.evaluator, DeprecatedSummarizationEvaluator)
    scores = []
    for human, machine in zip(predictions["human_scores"], similar, strict=True):
        found = correlate(human, machine)
        scores.append(float(np.mean(found)) if deprecated else float(found.statistic))
    return pd.DataFrame({"sample": _kept_texts(task, predictions["human_scores"], split, subset), "score": scores})


def _kept_texts(task: Any, kept: Any, split: str, subset: str) -> list[str]:
    low, span = task.min_score, task.max_score - task.min_score
    every = [((np.array(x) - low) / span).tolist() for x in rows_of(task, split, subset)[task.relevancy_column_name]]
    telling = [i for i, human in enumerate(every) if len(set(human)) > 1]
    if len(telling) == len(kept):
        return [str(i) for i in telling]
    position = iter(range(len(every)))
    return [str(next(i for i in position if every[i] == human)) for human in kept]


def bitext(task: Any, predictions: Any, split: str, subset: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Per pair of languages ``sample, prediction, gold, correct``: the index of the sentence that was found."""
    parallel = bool(task.parallel_subsets)
    rows = task.dataset[split] if parallel else rows_of(task, split, subset)
    for pair, neighbours in predictions.items():
        found = np.asarray([n["corpus_id"] for n in neighbours])
        gold = np.asarray([g[1] for g in rows["gold"]] if "gold" in rows else range(len(found)))
        yield (
            pair if parallel else subset,
            pd.DataFrame({"sample": _numbers(len(found)), "prediction": found, "gold": gold, "correct": found == gold}),
        )


def _numbers(n: int) -> list[str]:
    return [str(i) for i in range(n)]
