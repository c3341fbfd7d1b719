"""Print a hash of every analysis's numbers: run in processes of their own, with other kernels and numbers of threads."""

import hashlib
import json
import sys
import tempfile
import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import stats
from stats.samples import write_task

N_RESAMPLES = 3_000


def tables() -> dict[str, pd.DataFrame]:
    """Scores of 12 x 30 with and without a missing one, and of 41 x 60."""
    rng = np.random.default_rng(0)
    small = pd.DataFrame(
        rng.normal(size=(12, 30)).cumsum(axis=1), [f"t{i}" for i in range(12)], [f"m{j}" for j in range(30)]
    )
    missing = small.copy()
    missing.iloc[3, 4] = np.nan
    large = pd.DataFrame(
        rng.normal(0.6, 0.1, size=(41, 60)), [f"t{i}" for i in range(41)], [f"m{j}" for j in range(60)]
    )
    return {"small": small, "missing": missing, "large": large}


def analyses(frame: pd.DataFrame) -> dict[str, Any]:
    """Every analysis that multiplies matrices, by name."""
    found: dict[str, Any] = {}
    for method in ("percentile", "basic", "bca", "studentized", "symmetric"):
        found[f"bootstrap {method}"] = stats.bootstrap(frame, n_resamples=N_RESAMPLES, method=method, rng=0).to_frame()
    found["sign flips"] = stats.sign_flip(frame, n_resamples=N_RESAMPLES, rng=0).to_frame()
    for null in ("bootstrap", "sign-flip"):
        found[f"romano-wolf {null}"] = stats.romano_wolf(frame, null=null, n_resamples=N_RESAMPLES, rng=0).to_frame()
    found["bayes"] = stats.bayes_signed_rank(frame, n_resamples=N_RESAMPLES, rng=0).to_frame()
    found["ranks"] = stats.rank_confidence(frame, n_resamples=N_RESAMPLES, rng=0).to_frame()
    if not frame.isna().any().any():
        found["agreement"] = stats.agreement(frame).to_frame()
        found["confidence set"] = stats.model_confidence_set(frame, n_resamples=N_RESAMPLES, rng=0).to_frame()
        found["bradley-terry"] = stats.bradley_terry(frame, n_resamples=N_RESAMPLES, rng=0).to_frame()
    return found


def sample_levels() -> dict[str, Any]:
    """The level of samples, of a metric that is a mean and of one that is not."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for model in range(5):
            scores = rng.random(300).round(2)
            frame = pd.DataFrame({"sample": np.arange(300), "score": scores})
            meta = {"metric": "mean", "main_score": scores.mean(), "family": "Retrieval"}
            write_task(folder, "SciFact", f"m{model}", frame, meta)
            gold = np.arange(300.0)
            frame = pd.DataFrame({"sample": np.arange(300), "gold": gold})
            frame["similarity"] = gold + rng.normal(0, 100 + 50 * model, 300)
            value = spearmanr(frame["similarity"], gold).statistic
            write_task(
                folder, "STS22", f"m{model}", frame, {"metric": "spearman", "main_score": value, "family": "STS"}
            )
        samples = stats.Samples.open(folder)
        found = stats.sample_level(samples)
        return {"pairs": found.pairs.to_frame(), "tasks": found.task_pairs}


def main() -> None:
    """One line of JSON: analysis to hash."""
    warnings.simplefilter("ignore")
    hashes = {}
    found = {table: analyses(frame) for table, frame in tables().items()} | {"samples": sample_levels()}
    for table, results in found.items():
        for name, result in results.items():
            text = result.to_csv(float_format="%.17g")
            hashes[f"{table}: {name}"] = hashlib.sha256(text.encode()).hexdigest()
    print(json.dumps(hashes))


if __name__ == "__main__":
    sys.exit(main())
