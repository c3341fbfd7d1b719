"""Retrieval and reranking: the metrics of every query."""

from typing import Any

import pandas as pd

#: Kept for every query, whichever of them is the main score: mteb's name and pytrec_eval's.
_KEPT = ("ndcg_at_10", "map_at_10", "recall_at_10", "recall_at_100", "mrr_at_10")
_PYTREC = {"ndcg": "ndcg_cut", "map": "map_cut", "recall": "recall", "precision": "P", "hit_rate": "success"}


def is_retrieval(task: Any) -> bool:
    """Whether a task ranks documents for queries."""
    from mteb.abstasks import AbsTaskRetrieval

    return isinstance(task, AbsTaskRetrieval)


def queries(task: Any, scores: Any, qrels: Any, results: Any) -> pd.DataFrame:
    """One row per query: ``sample`` (the query's id), ``score`` (the main metric) and further metrics.

    Where the main metric is that of groups of queries (the best over subqueries, both of a pair, the worst of several
    instructions), a row is a group. Where it is not a mean over queries at all (p-MRR), there is no ``score``.
    """
    main = str(task.metadata.main_score)
    if main.startswith("max_over_subqueries_"):
        merged, judged = _merged(qrels, results)
        per_query = _evaluate(judged, merged, [int(k) for k in task.k_values])
        return _table(per_query, judged, merged, main.removeprefix("max_over_subqueries_"), False)
    if main == "paired_accuracy":
        names = sorted({q.split("_")[0] for q in qrels})
        both = [float(all(scores[f"{n}_{q}"]["recall_1"] == 1 for q in ("q1", "q2"))) for n in names]
        return pd.DataFrame({"sample": names, "score": both})
    if main == "robustness_at_10":
        groups: dict[str, list[float]] = {}
        for query in qrels:
            groups.setdefault(query.split("_")[0], []).append(scores[query]["ndcg_cut_10"])
        return pd.DataFrame({"sample": list(groups), "score": [min(v) for v in groups.values()]})
    return _table(scores, qrels, results, main, bool(task.skip_first_result))


def _table(scores: Any, qrels: Any, results: Any, main: str, skip_first: bool) -> pd.DataFrame:
    ids = list(scores)
    columns: dict[str, Any] = {"sample": ids}
    value = _column(main, ids, scores, qrels, results, skip_first)
    if value is not None:
        columns["score"] = value
    for name in _KEPT:
        further = _column(name, ids, scores, qrels, results, skip_first)
        if further is not None:
            columns[name] = further
    return pd.DataFrame(columns).sort_values("sample", kind="stable", ignore_index=True)


def _column(name: str, ids: list[str], scores: Any, qrels: Any, results: Any, skip_first: bool) -> list[float] | None:
    if name == "accuracy":
        name = "recall_at_1"
    metric, _, k = name.rpartition("_at_")
    if metric == "mrr" and k.isdigit():
        return [_reciprocal_rank(qrels[q], results[q], int(k), skip_first) for q in ids]
    key = f"{_PYTREC.get(metric)}_{k}"
    if not ids or key not in scores[ids[0]]:
        return None
    return [float(scores[q][key]) for q in ids]


def _reciprocal_rank(judged: Any, ranked: Any, k: int, skip_first: bool) -> float:
    """1 / rank of the first relevant document among the first k, ties broken as mteb breaks them."""
    documents = ranked.items()
    if skip_first:
        documents = sorted(documents, key=lambda item: item[1], reverse=True)[1:]
    best = sorted(documents, key=lambda item: (item[1], item[0]), reverse=True)[:k]
    return next((1.0 / rank for rank, (document, _) in enumerate(best, 1) if judged.get(document, 0) > 0), 0.0)


def _merged(qrels: Any, results: Any) -> tuple[dict[str, dict[str, float]], dict[str, Any]]:
    """Rankings of the subqueries of a query merged, each document by its best score (as mteb merges them)."""
    merged: dict[str, dict[str, float]] = {}
    judged: dict[str, Any] = {}
    for query in qrels:
        base = "_".join(query.split("_")[:-1])
        judged[base] = qrels[query]
        best = merged.setdefault(base, {})
        for document, score in results[query].items():
            best[document] = max(score, best.get(document, score))
    return merged, judged


def _evaluate(qrels: Any, results: Any, ks: list[int]) -> Any:
    import pytrec_eval

    cuts = ",".join(map(str, ks))
    return pytrec_eval.RelevanceEvaluator(qrels, {f"{m}.{cuts}" for m in _PYTREC.values()}).evaluate(results)
