"""The task families of MTEB (its task types): what they measure, by which metric, in which range."""

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Metrics whose range is not 0 to 1, by the beginning of their name.
_RANGES: dict[str, tuple[float, float]] = {
    "cosine_spearman": (-1.0, 1.0),
    "cosine_pearson": (-1.0, 1.0),
    "spearman": (-1.0, 1.0),
    "pearson": (-1.0, 1.0),
    "kendalltau": (-1.0, 1.0),
    "p-MRR": (-1.0, 1.0),
    "ami": (-1.0, 1.0),
    "avg_words_per_sec": (0.0, inf),
}

#: Family -> what it asks of a model, in one line.
_ASKS: dict[str, str] = {
    "Any2AnyMultilingualRetrieval": "find the relevant items of a corpus of texts or images, in many languages",
    "Any2AnyReranking": "order given texts or images by relevance to the query",
    "Any2AnyRetrieval": "find the relevant items of a corpus of texts or images",
    "AudioClassification": "predict a label of a recording from its embedding",
    "AudioClustering": "group recordings so that the groups match known labels",
    "AudioMultilabelClassification": "predict several labels of a recording",
    "AudioPairClassification": "tell by similarity whether two recordings belong together",
    "AudioReranking": "order given recordings by relevance to the query",
    "AudioZeroshotClassification": "tell a recording's label by the similarity of the label's description",
    "BitextMining": "find each sentence's translation",
    "Classification": "predict a label from the embedding by logistic regression on few examples",
    "Clustering": "group texts so that the groups match known labels",
    "Compositionality": "tell which of two captions belongs to an image, or which of two images to a caption",
    "DocumentUnderstanding": "find the page of a document that answers a question",
    "ImageClassification": "predict a label of an image from its embedding",
    "ImageClustering": "group images so that the groups match known labels",
    "InstructionReranking": "follow a changed instruction in reranking",
    "InstructionRetrieval": "retrieve what query and instruction together ask for",
    "MultilabelClassification": "predict several labels of a text",
    "PairClassification": "tell by similarity whether two texts belong together",
    "Regression": "predict a number from the embedding",
    "Reranking": "order given candidates by relevance to the query",
    "Retrieval": "find the relevant documents of a corpus",
    "STS": "grade how similar two sentences are",
    "Summarization": "grade machine summaries as people do",
    "VideoCentricQA": "choose the answer to a question about a video",
    "VideoClassification": "predict a label of a video from its embedding",
    "VideoClustering": "group videos so that the groups match known labels",
    "VideoPairClassification": "tell by similarity whether two videos belong together",
    "VideoZeroshotClassification": "tell a video's label by the similarity of the label's description",
    "VisionCentricQA": "choose the answer to a question about an image",
    "VisualSTS(eng)": "grade how similar two sentences drawn as images are",
    "VisualSTS(multi)": "grade how similar two sentences drawn as images are, in many languages",
    "ZeroShotClassification": "tell an item's label by the similarity of the label's description",
}


def metric_range(metric: str) -> tuple[float, float]:
    """The smallest and largest value that a metric of MTEB can take.

    Examples
    --------
    >>> metric_range("ndcg_at_10"), metric_range("cosine_spearman")
    ((0.0, 1.0), (-1.0, 1.0))
    """
    return _RANGES.get(metric, (0.0, 1.0))


@lru_cache(maxsize=1)
def _table() -> "pd.DataFrame":
    import pandas as pd  # processes that read results need the ranges of metrics alone

    from .sources.definitions import load

    definitions = load()
    tasks = [t for name in definitions.task_names if (t := definitions.task(name)) is not None]
    frame = pd.DataFrame({"family": [t.family for t in tasks], "metric": [t.metric for t in tasks]})
    rows = []
    for family, group in frame.groupby("family"):
        counts = group["metric"].value_counts()
        main = sorted(counts.index[counts == counts.max()])[0]
        low, high = metric_range(main)
        rows.append((family, main, low, high, len(group), tuple(sorted(counts.index)), _ASKS.get(str(family), "")))
    columns = ["family", "metric", "low", "high", "n_tasks", "metrics", "asks"]
    return pd.DataFrame(rows, columns=columns).set_index("family")


def families() -> "pd.DataFrame":
    """Return the task families of MTEB.

    Returns
    -------
    DataFrame
        Indexed by family, with the columns ``metric`` (the main score of most of its tasks), ``low`` and ``high``
        (that metric's range), ``n_tasks``, ``metrics`` (all main scores in use) and ``asks`` (what is asked of a
        model, in one line).

    Examples
    --------
    >>> families().loc["STS", "metric"]
    'cosine_spearman'
    """
    return _table().copy()
