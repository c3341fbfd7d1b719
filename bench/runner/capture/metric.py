"""Which metric makes a task's main score of its samples."""

from typing import Any

from . import clustering, labels, pairs, retrieval


def metric_of(task: Any) -> str:
    """Name in `stats.metrics.METRICS` of the metric whose mean over splits, subsets and experiments is the main score.

    Where there is none (p-MRR, Kendall's tau), it is mteb's own name of the main score, which cannot be recomputed.
    """
    main = str(task.metadata.main_score)
    if retrieval.is_retrieval(task):
        return main if main == "p-MRR" else "mean"
    if labels.is_multilabel(task):
        return "mean" if main in ("accuracy", "lrap") else main
    if pairs.is_bitext(task):
        return {"f1": "f1_weighted"}.get(main, main)
    if labels.builder(task) is not None:
        return {"f1": "f1_macro"}.get(main, main)
    if clustering.builder(task) is not None:
        return main
    return _of_pairs(main, task)


def _of_pairs(main: str, task: Any) -> str:
    from mteb.abstasks import AbsTaskSummarization

    if isinstance(task, AbsTaskSummarization):
        return "mean"
    kind, _, measure = main.rpartition("_")
    if measure == "ap":
        return "max_average_precision" if kind == "max" else "average_precision"
    return main if kind == "max" else measure
