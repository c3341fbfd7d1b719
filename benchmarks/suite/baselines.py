"""Baselines for the suite: TF-IDF as an encoder, BM25 for the search tasks, and the scores of any encoder."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from mteb.models import ModelMeta
from mteb.models.abs_encoder import AbsEncoder

from bench.corpus import load_corpus

_WORD = re.compile(r"[a-z0-9_]+")


class TfidfEncoder(AbsEncoder):  # type: ignore[misc]  # mteb is not followed by the type checker
    """TF-IDF vectors over the words and word pairs of the corpus's training part, sub-linear, of unit length.

    Parameters
    ----------
    features : int
        Size of the vocabulary: the most frequent terms.
    """

    def __init__(self, features: int = 8192) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.vectorizer = TfidfVectorizer(
            max_features=features,
            sublinear_tf=True,
            ngram_range=(1, 2),
            token_pattern=r"[A-Za-z0-9_]+",  # noqa: S106  (a pattern, no password)
            dtype=np.float32,
        )
        self.vectorizer.fit([f"{entry.summary} {entry.description}" for entry in load_corpus().part("train")])
        self.mteb_model_meta = ModelMeta.create_empty(overwrites={"name": "embsig/tfidf", "revision": str(features)})

    def encode(self, inputs: Any, **_: Any) -> Any:
        """Encode the batches of an mteb data loader; gives an array of shape (texts, features)."""
        return np.vstack([self.vectorizer.transform(batch["text"]).toarray() for batch in inputs])


def bm25(queries: Sequence[str], documents: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> np.ndarray:
    """Score documents for queries by BM25 (Robertson and Walker 1994, with the positive idf of Lucene).

    Returns
    -------
    ndarray, shape (len(queries), len(documents))

    Examples
    --------
    >>> bm25(["sort"], ["sort a list", "sum a list"])[0].argmax()
    0
    """
    counted = [Counter(_WORD.findall(text.lower())) for text in documents]
    lengths = np.array([sum(counts.values()) for counts in counted], float)
    norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-12))
    holders: dict[str, list[int]] = {}
    for index, counts in enumerate(counted):
        for word in counts:
            holders.setdefault(word, []).append(index)
    scores = np.zeros((len(queries), len(documents)))
    for row, query in zip(scores, queries, strict=True):
        for word in _WORD.findall(query.lower()):
            found = holders.get(word, [])
            idf = math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
            for index in found:
                frequency = counted[index][word]
                row[index] += idf * frequency * (k1 + 1) / (frequency + norm[index])
    return scores


def bm25_main_score(task: Any) -> float:
    """Score BM25 on a retrieval (nDCG@10) or reranking (MAP) task of the suite; one document is right per query."""
    task.load_data()
    part = task.dataset["default"]["test"]
    ids, names = list(part["corpus"]["id"]), list(part["queries"]["id"])
    scores = bm25(part["queries"]["text"], part["corpus"]["text"])
    gains = []
    for name, row in zip(names, scores, strict=True):
        among = range(len(ids)) if part["top_ranked"] is None else [ids.index(d) for d in part["top_ranked"][name]]
        right = ids.index(next(iter(part["relevant_docs"][name])))
        # a tie counts against the right document by half of those tied with it
        rank = 1 + sum(row[i] > row[right] for i in among) + sum(row[i] == row[right] for i in among if i != right) / 2
        if task.metadata.type == "Reranking":
            gains.append(1 / rank)
        else:
            gains.append(1 / math.log2(1 + rank) if rank <= 10 else 0.0)
    return float(np.mean(gains))


def main_scores(encoder: Any, tasks: Sequence[Any]) -> dict[str, float]:
    """Evaluate an encoder on tasks; gives task name -> main score."""
    import mteb

    found = {}
    for task in tasks:
        result = mteb.evaluate(encoder, task, cache=None, show_progress_bar=False, encode_kwargs={"batch_size": 64})
        found[task.metadata.name] = float(result.task_results[0].get_score())
    return found
