"""Which metrics of the field are better low, and which are better high."""

import re
from functools import lru_cache

#: Lower is better, and the name means nothing else: read even within a task's name ("wer-libri").
_LOWER = frozenset(
    [
        "rmse",
        "mse",
        "mae",
        "mape",
        "smape",
        "wape",
        "mase",
        "rmsle",
        "nrmse",
        "medae",
        "msle",
        "nll",
        "logloss",
        "log_loss",
        "perplexity",
        "ppl",
        "wer",
        "cer",
        "ter",
        "mer",
        "eer",
        "ece",
        "fid",
        "bpb",
        "bpc",
        "crps",
        "brier",
        "brier_score",
        "fpr",
        "fnr",
        "fpr95",
        "mean_absolute_error",
        "mean_squared_error",
        "root_mean_squared_error",
        "mean_absolute_percentage_error",
        "error_rate",
        "word_error_rate",
        "char_error_rate",
        "character_error_rate",
        "hamming_loss",
        "cross_entropy",
        "bits_per_byte",
        "byte_perplexity",
        "word_perplexity",
        "mindcf",
        "hter",
    ]
)
#: Lower is better where they are the whole name of a metric, or its last word ("test loss", "top1_error").
_LOWER_LAST = frozenset(
    [
        "error",
        "errors",
        "err",
        "loss",
        "latency",
        "time",
        "runtime",
        "seconds",
        "secs",
        "ms",
        "memory",
        "cost",
        "regret",
        "deviance",
        "divergence",
        "distance",
        "misclassification",
    ]
)
_HIGHER = frozenset(
    [
        "accuracy",
        "acc",
        "balanced_accuracy",
        "f1",
        "macro_f1",
        "micro_f1",
        "f1_macro",
        "f1_micro",
        "weighted_f1",
        "f1_score",
        "precision",
        "recall",
        "auc",
        "auroc",
        "roc_auc",
        "auprc",
        "pr_auc",
        "ap",
        "map",
        "mrr",
        "ndcg",
        "dcg",
        "hit",
        "hits",
        "success",
        "bleu",
        "rouge",
        "rouge1",
        "rouge2",
        "rougel",
        "meteor",
        "chrf",
        "bertscore",
        "em",
        "exact_match",
        "spearman",
        "pearson",
        "kendall",
        "cosine_spearman",
        "cosine_pearson",
        "main_score",
        "v_measure",
        "nmi",
        "ami",
        "ari",
        "r2",
        "r2_score",
        "mcc",
        "kappa",
        "iou",
        "miou",
        "dice",
        "psnr",
        "ssim",
        "win_rate",
        "pass",
        "throughput",
        "p_mrr",
        "pass_at_1",
        "comet",
        "matthews",
        "matthews_correlation",
        "similarity",
        "silhouette",
    ]
)
#: Metrics that cannot be negative: where all scores are, somebody has turned them already.
_UNITS = r"\((?:s|ms|sec|secs|seconds|gb|mb|%|points)\)"


def _words(name: str) -> list[str]:
    name = name.lower()
    if "(" in name:
        name = re.sub(_UNITS, " ", name)
    return re.findall(r"[a-z0-9]+", name)


def is_metric(name: str) -> bool:
    """Whether a name is a metric's and nothing else.

    Examples
    --------
    >>> is_metric("nDCG@10"), is_metric("Accuracy"), is_metric("STS12")
    (True, True, False)
    """
    words = _words(name)
    while words and words[-1].isdigit():  # nDCG@10, recall_at_100
        words.pop()
    if words and words[-1] in ("at", "k"):
        words.pop()
    stem = "_".join(words)
    return bool(stem) and (stem in _HIGHER or metric_direction(name) is not None)


def metric_direction(metric: str) -> bool | None:
    """Whether a metric is better high; None where its name does not say.

    Examples
    --------
    >>> metric_direction("rmse"), metric_direction("ndcg_at_10"), metric_direction("Test loss"), metric_direction("glow")
    (False, True, False, None)
    """
    arrow = _arrow(metric)
    if arrow is not None:
        return arrow
    words = _words(metric)
    joined = "_".join(words)
    if not words or words[0] == "neg":
        return True if words else None
    if joined in _LOWER or words[-1] in _LOWER_LAST or any(w in _LOWER for w in words):
        return False
    return True if joined in _HIGHER or any(w in _HIGHER for w in words) else None


@lru_cache(maxsize=4096)
def task_direction(task: str) -> bool | None:
    """Whether a task's own name says that it is better low or high: it has a metric in it, or an arrow.

    Examples
    --------
    >>> task_direction("wer-libri"), task_direction("WikiText (ppl)"), task_direction("Latency (ms)"), task_direction("loss-aversion")
    (False, False, False, None)
    """
    arrow = _arrow(task)
    if arrow is not None:
        return arrow
    words = _words(task)
    if not words:
        return None
    return False if any(w in _LOWER for w in words) or words[-1] in _LOWER_LAST else None


def _may_point(name: str) -> bool:
    """A cheap look, for nearly no name does: whether there is an arrow in it, or words for one."""
    return not name.isascii() or "better" in name.lower() or "arrow" in name


def _arrow(name: str) -> bool | None:
    if not _may_point(name):
        return None
    if re.search(r"[↓⬇▼]|\\downarrow|lower is better|smaller is better", name.lower()):
        return False
    if re.search(r"[↑⬆▲]|\\uparrow|higher is better|greater is better", name.lower()):
        return True
    return None


def without_arrow(name: str) -> str:
    """A name without the arrow that says its direction.

    Examples
    --------
    >>> without_arrow("WER ↓"), without_arrow("STS12")
    ('WER', 'STS12')
    """
    if not _may_point(name):
        return name
    bare = re.sub(
        r"\(\s*[↓⬇▼↑⬆▲]\s*\)|[↓⬇▼↑⬆▲]|\\(?:down|up)arrow|\(?(?:lower|higher|smaller|greater) is better\)?", "", name
    )
    # A name without an arrow stays as it is, a carriage return included: it must read back as it was written.
    return name if bare == name else " ".join(bare.split()).replace(" )", ")").replace("( ", "(") or name


def said_direction(word: object, heading: str = "direction") -> bool | None:
    """What a cell of a direction column says; None where it says nothing that is known.

    Examples
    --------
    >>> said_direction("lower"), said_direction("max"), said_direction("True", "lower_is_better"), said_direction("")
    (False, True, False, None)
    """
    text = str(word).strip().lower()
    if text in ("true", "yes", "1", "1.0"):
        return "lower" not in heading.lower()
    if text in ("false", "no", "0", "0.0"):
        return "lower" in heading.lower()
    if re.match(r"(low|min|small|less|down|↓|-1|asc)", text):
        return False
    return True if re.match(r"(high|max|great|large|more|up|↑|\+1|desc)", text) else None
