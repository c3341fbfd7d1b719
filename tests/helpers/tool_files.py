"""Small results of other tools, in the form in which each writes them."""

import json
from pathlib import Path
from typing import Any

import numpy as np


def write_trec(folder: Path) -> None:
    """Three runs on 25 queries, and their judgements of two grades."""
    rng = np.random.default_rng(7)
    relevant = [rng.choice(40, size=4, replace=False).tolist() for _ in range(25)]
    judged = [f"q{q} 0 d{d} {1 + i % 2}" for q, docs in enumerate(relevant) for i, d in enumerate(docs)]
    (folder / "qrels.txt").write_text("\n".join(judged) + "\n")
    for name, lift in (("bm25", 0.0), ("dense", 0.8), ("hybrid", 1.2)):
        lines = []
        for q, docs in enumerate(relevant):
            scores = rng.normal(size=40)
            scores[docs] += lift
            lines += [f"q{q} Q0 d{d} {r} {scores[d]:.6f} {name}" for r, d in enumerate(np.argsort(-scores)[:20], 1)]
        (folder / f"run_{name}.trec").write_text("\n".join(lines) + "\n")


def write_lm_eval(folder: Path) -> None:
    """Results of two models on six tasks."""
    for model, lift in (("org/a", 0.0), ("org/b", 0.02)):
        tasks = {
            f"task{i}": {"alias": f"task{i}", "acc,none": 0.4 + 0.05 * i + lift, "acc_stderr,none": 0.01}
            for i in range(6)
        }
        place = folder / model.replace("/", "__")
        place.mkdir(parents=True)
        content = {"results": tasks, "configs": {}, "versions": {}, "model_name": model, "date": 1700000000.5}
        (place / "results_2024-06-01T10-00-00.000001.json").write_text(json.dumps(content))


def write_inspect(folder: Path) -> None:
    """Logs of two models on one task of thirty samples."""
    folder.mkdir()
    rng = np.random.default_rng(3)
    for model, share in (("openai/a", 0.8), ("openai/b", 0.5)):
        samples: list[dict[str, Any]] = [
            {"id": i, "epoch": 1, "input": "q", "target": "a", "scores": {"match": {"value": "C" if right else "I"}}}
            for i, right in enumerate(rng.random(30) < share)
        ]
        spec = {"task": "sums", "model": model, "created": "2026-01-01T00:00:00+00:00"}
        log = {"version": 2, "status": "success", "eval": spec, "samples": samples}
        (folder / f"{model.partition('/')[2]}.json").write_text(json.dumps(log))


def write_helm(folder: Path) -> None:
    """Runs of two models on six subjects."""
    for model, lift in (("ai21/j2", 0.1), ("openai/ada", 0.0)):
        for i, subject in enumerate(("law", "math", "art", "biology", "history", "physics")):
            name = f"mmlu:subject={subject},model={model.replace('/', '_')}"
            place = folder / "v1" / name
            place.mkdir(parents=True)
            spec = {"name": name, "adapter_spec": {"model": model}, "groups": ["mmlu"]}
            value = 0.3 + 0.05 * i + lift
            stats = [{"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": value, "mean": value}]
            (place / "run_spec.json").write_text(json.dumps(spec))
            (place / "stats.json").write_text(json.dumps(stats))
