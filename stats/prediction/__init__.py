"""Prediction: the scores that a model lacks, and its rank on a task that nobody has run, with intervals that were calibrated."""

from .missing_scores import Prediction, predict_missing
from .new_task import NewTask, predict_new_task

__all__ = ["NewTask", "Prediction", "predict_missing", "predict_new_task"]
