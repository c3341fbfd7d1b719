"""Classification, multilabel and zero-shot classification, regression: the prediction for every text."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .prediction_source import rows_of, splits_of

Builder = Callable[[Any, Any, str, str], pd.DataFrame]


def builder(task: Any) -> Builder | None:
    """The function that tables a task's predictions, if it is of one of these families."""
    from mteb.abstasks import AbsTaskClassification, AbsTaskRegression, AbsTaskZeroShotClassification

    if isinstance(task, AbsTaskRegression):
        return _regression
    if isinstance(task, AbsTaskClassification):
        return _classification
    return _zero_shot if isinstance(task, AbsTaskZeroShotClassification) else None


def is_classification(task: Any) -> bool:
    """Whether classifiers are trained on the vectors, and each predicts a label, or a number, for a text."""
    from mteb.abstasks import AbsTaskClassification

    return isinstance(task, AbsTaskClassification)


def is_multilabel(task: Any) -> bool:
    """Whether a text has several labels."""
    from mteb.abstasks import AbsTaskMultilabelClassification

    return isinstance(task, AbsTaskMultilabelClassification)


def _classification(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``experiment, sample, prediction, gold, correct``; labels as text."""
    gold = list(splits_of(task, subset)[split][task.label_column_name])
    frames = []
    for experiment, (indices, predicted) in enumerate(
        zip(_tested(task, predictions, split, subset), predictions, strict=True)
    ):
        said = [str(p) for p in predicted]
        true = [str(gold[i]) for i in indices]
        frames.append(
            pd.DataFrame(
                {
                    "experiment": np.int16(experiment),
                    "sample": [str(i) for i in indices],
                    "prediction": said,
                    "gold": true,
                    "correct": [p == g for p, g in zip(said, true, strict=True)],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _tested(task: Any, predictions: Any, split: str, subset: str) -> list[list[int]]:
    """Indices that each experiment was tested on: the whole split, or its fold of a cross-validation."""
    if not task.is_cross_validation:
        return [list(range(len(p))) for p in predictions]
    from sklearn.model_selection import KFold

    folds = KFold(n_splits=task.n_splits, shuffle=True, random_state=task.seed)
    n = len(splits_of(task, subset)[task.train_split])
    return [[int(i) for i in tested] for _, tested in folds.split(range(n))]


def _regression(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``experiment, sample, prediction, gold``."""
    gold = np.asarray(rows_of(task, split, subset)[task.label_column_name], dtype=np.float64)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "experiment": np.int16(experiment),
                    "sample": [str(i) for i in range(len(gold))],
                    "prediction": np.asarray(predicted, dtype=np.float64).ravel(),
                    "gold": gold,
                }
            )
            for experiment, predicted in enumerate(predictions)
        ],
        ignore_index=True,
    )


def _zero_shot(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``sample, prediction, gold, correct, score``: which of the candidate labels is nearest."""
    said = np.asarray(predictions).argmax(axis=1)
    stated = list(rows_of(task, split, subset)[task.label_column_name])
    gold = np.asarray(task._normalize_labels(stated, task.get_candidate_labels()))
    right = said == gold
    return pd.DataFrame(
        {
            "sample": [str(i) for i in range(len(gold))],
            "prediction": said.astype(str),
            "gold": gold.astype(str),
            "correct": right,
            "score": right.astype(np.float64),
        }
    )


def multilabel(task: Any, scored: list[Any], split: str, subset: str) -> pd.DataFrame:
    """``experiment, sample, prediction, gold`` (one character per label, 1 where it applies), ``correct, score``.

    ``score`` is the text's share of the main metric where that is a mean over texts: exact match for accuracy, label
    ranking average precision for lrap.
    """
    indices = _evaluated(task, split, subset)
    frames = []
    for experiment, (gold, predicted, vectors, classifier) in enumerate(scored):
        gold, predicted = np.asarray(gold), np.asarray(predicted)
        right = (gold == predicted).all(axis=1)
        columns: dict[str, Any] = {
            "experiment": np.int16(experiment),
            "sample": [str(i) for i in indices],
            "prediction": ["".join(map(str, row)) for row in predicted.astype(int)],
            "gold": ["".join(map(str, row)) for row in gold.astype(int)],
            "correct": right,
        }
        if task.metadata.main_score == "lrap":
            columns["score"] = _lrap(gold, _confidence(predicted, vectors, classifier))
        elif task.metadata.main_score == "accuracy":
            columns["score"] = right.astype(np.float64)
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _evaluated(task: Any, split: str, subset: str) -> list[int]:
    """Indices of the texts that mteb kept of a long split: its own stratified sample, drawn again."""
    rows = rows_of(task, split, subset)
    if task.max_eval_samples is None or len(rows) <= task.max_eval_samples:
        return list(range(len(rows)))
    from datasets import DatasetDict
    from mteb.abstasks.abstask import _multilabel_subsampling

    numbered = rows.select_columns([task.label_column_name]).add_column("__index__", list(range(len(rows))))
    drawn = _multilabel_subsampling(
        DatasetDict({split: numbered}), seed=task.seed, splits=[split], label=task.label_column_name,
        n_samples=task.max_eval_samples,
    )  # fmt: skip
    return [int(i) for i in drawn[split]["__index__"]]


def _confidence(predicted: Any, vectors: Any, classifier: Any) -> Any:
    from sklearn.multioutput import MultiOutputClassifier

    if not isinstance(classifier, MultiOutputClassifier):
        return predicted
    return np.stack([p[:, 1] for p in classifier.predict_proba(vectors)], axis=1)


def _lrap(gold: Any, confidence: Any) -> Any:
    from sklearn.metrics import label_ranking_average_precision_score

    return np.array(
        [label_ranking_average_precision_score(g[None], c[None]) for g, c in zip(gold, confidence, strict=True)]
    )
