"""sentence-transformers' evaluators: ``eval/<evaluator>_<name>_results.csv``, a row an evaluation."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stats.common.errors import InputError

from .long import Long, one_metric

#: Files by the beginning of their name, each with the metric that sentence-transformers calls primary.
_KINDS = {
    "similarity_evaluation": r"(cosine|max|dot|euclidean|manhattan)_spearman",
    "Information-Retrieval_evaluation": r"\w+-NDCG@10",
    "NanoBEIR_evaluation": r"\w+-NDCG@10",
    "binary_classification_evaluation": r"(max|cosine|dot|euclidean|manhattan)_ap",
    "triplet_evaluation": r"accuracy_(max|cosine|dot|euclidean|manhattan)",
    "paraphrase_mining_evaluation": r"average_precision",
    "RerankingEvaluator": r"NDCG@\d+",
    "CrossEncoderRerankingEvaluator": r"NDCG@\d+",
    "CrossEncoderClassificationEvaluator": r"Average_Precision|Macro_F1",
    "CrossEncoderCorrelationEvaluator": r"Spearman_Correlation",
    "accuracy_evaluation": r"accuracy",
    "mse_evaluation": r"MSE",
}
_NAME = re.compile(rf"({'|'.join(_KINDS)})_?(.*?)_?results(?:_@\d+)?\.csv")


def is_results(path: Path) -> bool:
    """Whether a file is named as an evaluator names its results, and begins as they do."""
    if not _NAME.fullmatch(path.name):
        return False
    with path.open("rb") as file:
        return file.read(11).lstrip(b"\xef\xbb\xbf").startswith(b"epoch,steps")


def read_results(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read evaluators' results: of every file the last row, which is the last evaluation.

    The model is the folder above ``eval``, the task what the evaluator was called.
    """
    rows, notes = [], []
    main: list[str] = []
    for path in paths:
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise InputError(f"{path}: expected a name such as similarity_evaluation_sts-dev_results.csv")
        kind, name = named[1], named[2] or named[1]
        if kind == "NanoBEIR_evaluation" and len(paths) > 1:
            notes.append(f"{path.name} left out: the mean of other results")
            continue
        try:
            frame = pd.read_csv(path)
        except (ValueError, OSError, UnicodeError) as error:
            raise InputError(f"{path} is not a readable table ({' '.join(str(error).split())[:80]})") from None
        last = frame.tail(1)
        columns = [
            c
            for c in frame.columns
            if c not in ("epoch", "steps") and not re.search("threshold|active_dims|sparsity", c)
        ]
        if last.empty or not columns:
            raise InputError(f"{path} has no row of results: expected one for every evaluation")
        if len(frame) > 1:
            notes.append(
                f"{path.parent.parent.name if path.parent.name == 'eval' else path.parent.name}, {name}: the last of {len(frame)} evaluations"
            )
        folder = path.resolve().parent
        model = folder.parent.name if folder.name == "eval" else folder.name
        main += [c for c in columns if re.fullmatch(_KINDS[kind], c)]
        for column in columns:
            value = pd.to_numeric(last[column], errors="coerce").iloc[0]
            rows.append(
                {
                    "model": model,
                    "task": name,
                    "metric": column,
                    "score": float(value),
                    "higher_is_better": column != "MSE",
                }
            )
    if not rows:
        raise InputError(f"{paths[0]}: no evaluator's results")
    found, chosen = one_metric(pd.DataFrame(rows), metric, list(dict.fromkeys(main)), str(paths[0]))
    return Long(found, "sentence-transformers evaluator results", notes=(*notes, *chosen))
