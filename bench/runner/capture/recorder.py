"""The recorder: attached to one fresh task, it makes every evaluation start from the same seed and keeps the samples."""

import random
from collections.abc import Callable
from typing import Any

import pandas as pd

from ..grid.tasks import reseed
from . import clustering as clusters
from . import labels, pairs, retrieval


class RecordingRandom(random.Random):
    """A random state that gives the numbers of `random.Random` and keeps which indices were drawn."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.sampled: list[int] | None = None
        self.draws: list[list[int]] = []

    def sample(self, population: Any, k: int, **options: Any) -> list[Any]:
        """As in the base class; remembered."""
        drawn = super().sample(population, k, **options)
        self.sampled = drawn
        return drawn

    def choices(self, population: Any, *args: Any, **options: Any) -> list[Any]:
        """As in the base class; remembered."""
        drawn = super().choices(population, *args, **options)
        self.draws.append(drawn)
        return drawn


class Recorder:
    """Keeps the samples of one task's evaluation.

    Parameters
    ----------
    task : mteb task
        Fresh, with its data loaded; its methods are replaced on this object only.
    seed : int
        Every call of ``task.evaluate`` (one split and one subset) starts from it, so that a subset's score does not
        depend on the subsets before it.
    """

    def __init__(self, task: Any, seed: int) -> None:
        self.task = task
        self.seed = seed
        self.frames: list[pd.DataFrame] = []
        self._evaluate: Callable[..., Any] = task.evaluate
        self._scored: list[Any] = []
        task.evaluate = self._evaluate_afresh
        task._save_task_predictions = self._predicted
        self._task_scores: Callable[..., Any] | None = getattr(task, "task_specific_scores", None)
        if self._task_scores is not None:
            task.task_specific_scores = self._queries_scored
        if labels.is_multilabel(task):
            self._score_labels = task._calculate_scores
            task._calculate_scores = self._labels_scored
        elif labels.is_classification(task):
            score = task._calculate_scores
            # mteb hands over a lazy column, which scikit-learn reads from the table some thirty times an experiment.
            task._calculate_scores = lambda gold, predicted: score(list(gold), predicted)

    @property
    def keeps_samples(self) -> bool:
        """Whether the task is of a kind whose samples are kept."""
        kinds = (
            retrieval.is_retrieval,
            labels.is_multilabel,
            labels.builder,
            clusters.builder,
            pairs.is_bitext,
            pairs.builder,
        )
        return any(kind(self.task) for kind in kinds)

    def samples(self) -> pd.DataFrame:
        """Everything that was kept, split by split; empty where the task has no samples."""
        if not self.frames:
            return pd.DataFrame({"subset": [], "split": [], "sample": []})
        return pd.concat(self.frames, ignore_index=True)

    def _evaluate_afresh(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        reseed(self.task, self.seed)
        self.task.rng_state = RecordingRandom(self.seed)
        self._scored = []
        return self._evaluate(model, *args, **kwargs)

    def _keep(self, frame: pd.DataFrame, split: str, subset: str) -> None:
        frame.insert(0, "subset", subset)
        frame.insert(1, "split", split)
        self.frames.append(frame)

    def _predicted(self, predictions: Any, model: Any, folder: Any, hf_split: str, hf_subset: str) -> None:
        """In place of ``_save_task_predictions``."""
        task = self.task
        if retrieval.is_retrieval(task):
            return
        if labels.is_multilabel(task):
            self._keep(labels.multilabel(task, self._scored, hf_split, hf_subset), hf_split, hf_subset)
        elif (builder := labels.builder(task) or clusters.builder(task)) is not None:
            self._keep(builder(task, predictions, hf_split, hf_subset), hf_split, hf_subset)
        elif pairs.is_bitext(task):
            for subset, frame in pairs.bitext(task, predictions, hf_split, hf_subset):
                self._keep(frame, hf_split, subset)
        elif (builder := pairs.builder(task)) is not None:
            self._keep(builder(task, predictions, hf_split, hf_subset), hf_split, hf_subset)

    def _queries_scored(self, scores: Any, qrels: Any, results: Any, hf_split: str, hf_subset: str) -> Any:
        """In place of ``task_specific_scores``."""
        self._keep(retrieval.queries(self.task, scores, qrels, results), hf_split, hf_subset)
        if self._task_scores is None:
            return {}
        return self._task_scores(scores, qrels, results, hf_split=hf_split, hf_subset=hf_subset)

    def _labels_scored(self, *args: Any, **kwargs: Any) -> Any:
        """In place of ``_calculate_scores`` of a multilabel task."""
        self._scored.append(args)
        return self._score_labels(*args, **kwargs)
