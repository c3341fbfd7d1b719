"""What a model did on every sample, taken from mteb while it evaluates.

mteb hands every prediction to ``task._save_task_predictions`` and, for retrieval, the metrics of every query to
``task.task_specific_scores``; `Recorder` stands in both places of one task object, and writes tables in place of files.
"""

from .recorder import Recorder

__all__ = ["Recorder"]
