"""What the columns of a table are called in the field, and what each name means."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Role = Literal[
    "model", "task", "score", "seed", "metric", "direction", "stderr", "family", "group", "n_samples", "languages",
    "split", "subset", "prompt", "revision", "dataset_revision", "mteb_version", "external",
]  # fmt: skip

_WORDS: Mapping[Role, str] = {
    "model": "model|models|model name|model names|model id|classifier|classifier name|classifiers|method|methods|method name|"
    "algorithm|algorithms|algorithm name|system|systems|system name|estimator|estimators|learner|approach|approaches|encoder|"
    "embedding model|retriever|technique|variant|submission|llm",
    "task": "task|tasks|task name|task names|task id|dataset|datasets|dataset name|dataset names|data set|data sets|data|"
    "benchmark|benchmarks|benchmark name|problem|problems|problem name|test set|scenario|block|blocks",
    "score": "score|scores|main score|value|values|metric value|result|performance|test score|mean score|average score",
    "seed": "seed|random seed|training seed|fold|folds|cv fold|run|run id|repeat|repetition|rep|trial|iteration|iter|replicate|"
    "resample|random state",
    "metric": "metric|metrics|metric name|measure|criterion|main metric|score name",
    "direction": "direction|higher is better|greater is better|bigger is better|lower is better|better|optimum",
    "stderr": "stderr|se|sem|std err|std error|standard error|score stderr|score se",
    "family": "family|task family|task type|tasktype|type|category",
    "group": "group|group id|cluster|clusters|cluster id",
    "n_samples": "n samples|num samples|number of samples|n",
    "languages": "languages|language",
    "split": "split",
    "subset": "subset|hf subset",
    "prompt": "prompt",
    "revision": "revision|model revision",
    "dataset_revision": "dataset revision",
    "mteb_version": "mteb version",
    "external": "external",
}
#: Heading, folded -> what it means.
ROLES: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split("|")}

#: What leaderboards and papers say of a model or task beside its scores; no score whatever it holds.
METADATA = frozenset(
    [
        "is public",
        "zero shot",
        "rank borda",
        "active parameters b",
        "total parameters b",
        "active parameters m",
        "number of parameters",
        "parameters",
        "params",
        "params b",
        "params m",
        "n parameters",
        "model size",
        "model size million parameters",
        "model size gb",
        "embedding dimensions",
        "embedding dimension",
        "embed dim",
        "dim",
        "dimensions",
        "max tokens",
        "max seq length",
        "context length",
        "memory usage mb",
        "memory usage gb",
        "memory usage gb fp32",
        "release date",
        "date",
        "year",
        "license",
        "licence",
        "organization",
        "organisation",
        "link",
        "url",
        "paper",
        "reference",
        "source",
        "architecture",
        "backbone",
        "notes",
        "note",
        "comment",
        "comments",
        "description",
        "size",
        "model size b",
        "p value",
        "pvalue",
        "p val",
        "pval",
        "weight",
        "weights",
        "task weight",
        "sample weight",
        "p values",
        "adj p",
        "p adj",
        "p adjusted",
        "p holm",
        "q value",
        "t stat",
        "z score",
        "z stat",
        "co₂ cost kg",
        "co2 cost kg",
        "co2 kg",
        "adjusted p value",
        "winner",
        "best model",
        "best method",
        "n classes",
        "num classes",
        "number of classes",
        "classes",
        "train size",
        "test size",
        "n train",
        "n test",
        "n instances",
        "num instances",
        "n features",
        "num features",
        "series length",
        "domain",
        "domains",
        "modalities",
    ]
)
#: Headings of the summary table that MTEB's leaderboard offers for download, beside `METADATA`.
LEADERBOARD = frozenset({"rank borda", "mean task", "mean tasktype", "mean public", "mean private"})


@lru_cache(maxsize=4096)
def _folded(heading: str) -> str:
    words = " ".join(re.sub(r"[^\w%#]+|_", " ", heading).lower().split())
    return "unnamed" if re.fullmatch(r"(unnamed \d+( level \d+)?)|index|level \d+|", words) else words


def fold(heading: object) -> str:
    """A heading without case, punctuation and marks, as a few words.

    Examples
    --------
    >>> fold("Classifier_name"), fold("Rank (Borda)"), fold("folds:"), fold("main_score"), fold("Unnamed: 0")
    ('classifier name', 'rank borda', 'folds', 'main score', 'unnamed')
    """
    return _folded(str(heading))


def role(heading: object) -> Role | None:
    """What a column of this heading is, if the field has a word for it.

    Examples
    --------
    >>> role("classifier_name"), role("Dataset"), role("metric_value"), role("bert-base")
    ('model', 'task', 'score', None)
    """
    return ROLES.get(fold(heading))


def runs_word(heading: object) -> str:
    """What repeated runs under this heading are called: seeds, folds or runs."""
    words = fold(heading)
    return "seeds" if "seed" in words or "random state" in words else "folds" if "fold" in words else "runs"
