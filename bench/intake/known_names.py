"""Names that tell tasks from models: mteb's registries, a few data sets of the field, and how models are called."""

import re
from collections.abc import Iterable
from functools import lru_cache

from ..sources.definitions import load

_DATASETS = [
    "mmlu",
    "mmlupro",
    "gsm8k",
    "math",
    "hellaswag",
    "winogrande",
    "arcchallenge",
    "arceasy",
    "arc",
    "truthfulqa",
    "bbh",
    "bbq",
    "boolq",
    "piqa",
    "openbookqa",
    "siqa",
    "drop",
    "quac",
    "squad",
    "squad2",
    "naturalquestions",
    "triviaqa",
    "humaneval",
    "mbpp",
    "ifeval",
    "gpqa",
    "musr",
    "wmt",
    "xsum",
    "cnndm",
    "imdb",
    "raft",
    "civilcomments",
    "commonsenseqa",
    "sst2",
    "sst5",
    "mnli",
    "qnli",
    "qqp",
    "cola",
    "rte",
    "mrpc",
    "stsb",
    "wnli",
    "wic",
    "copa",
    "cb",
    "multirc",
    "record",
    "glue",
    "superglue",
    "ax",
    "xnli",
    "pawsx",
    "mlqa",
    "tydiqa",
    "trec",
    "agnews",
    "dbpedia",
    "yelp",
    "yahoo",
    "20newsgroups",
    "cifar10",
    "cifar100",
    "imagenet",
    "mnist",
    "fashionmnist",
    "coco",
    "voc",
    "svhn",
    "iris",
    "wine",
    "adult",
    "german",
    "breastcancer",
    "glass",
    "heart",
    "sonar",
    "ionosphere",
    "pima",
    "diabetes",
    "vehicle",
    "vowel",
    "yeast",
    "zoo",
    "ecoli",
    "segment",
    "letter",
    "gunpoint",
    "ecg200",
    "ecg5000",
    "italypowerdemand",
    "coffee",
    "beef",
    "adiac",
    "wafer",
    "trace",
    "chlorineconcentration",
    "arrowhead",
    "birdchicken",
    "beetlefly",
    "askubuntu",
    "nfcorpus",
    "scifact",
    "scidocs",
    "fiqa",
    "hotpotqa",
    "nq",
    "msmarco",
    "arguana",
    "quora",
    "fever",
    "climatefever",
    "touche",
    "treccovid",
    "robust04",
]
_MODEL = re.compile(
    r"(?<![a-z])(?:(?:[a-z]*bert|gpt|llama|gemma|mistral|mixtral|qwen|phi|falcon|claude|gemini|t5|gtr|e5|bge|gte|sbert|simcse|minilm|mpnet|"
    r"glove|word2vec|fasttext|bm25|tfidf|splade|colbert|dpr|contriever|ance|tasb|voyage|cohere|jina|nomic|stella|instructor|sentence-t5|"
    r"svm|svc|xgboost|lightgbm|catboost|randomforest|adaboost|naivebayes|logisticregression|knn|1nn|mlp|resnet|vit|cnn|lstm|rocket|minirocket|"
    r"hive-?cote|inceptiontime|drcif|muse|weasel|boss|cboss|tsf|ee|dtw|c4\.?5|j48|ripper)(?![a-z])|.*-(?:base|large|small|mini|tiny|xl|xxl|\d+b)\b)"
)


@lru_cache(maxsize=4096)
def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


@lru_cache(maxsize=1)
def _tasks() -> frozenset[str]:
    definitions = load()
    return frozenset(_fold(n) for n in (*definitions.task_names, *definitions.renamed, *_DATASETS))


@lru_cache(maxsize=1)
def _models() -> frozenset[str]:
    return frozenset(_fold(part) for n in load().models for part in (n, n.rpartition("/")[2]))


def known_tasks(names: Iterable[str]) -> list[str]:
    """Which of these names are tasks or data sets of the field."""
    return [n for n in names if _fold(n) in _tasks()]


def like_models(names: Iterable[str]) -> list[str]:
    """Which of these names are models of mteb's registry, or are written as models are: org/name, bert-base, ..."""
    return [
        n for n in names
        if _fold(n) not in _tasks() and (_fold(n) in _models() or re.fullmatch(r"[\w.\-]+/[\w.\-]+", n) or _MODEL.match(n.lower()))
    ]  # fmt: skip
