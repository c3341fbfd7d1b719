"""How often equal models are called different by two recipes, and by embsig: ``python docs/comparison/null_models.py``.

Ranks: the recipe of mteb's issue 5208 and pull request 5233 (the tasks drawn again, the models ranked by Borda count, the 2.5 % and
97.5 % points of each model's rank) and `embsig.rank_confidence`, on tables of equal models. Watching: evalsig's `sequential_gate`,
as it comes, on streams of differences whose mean is 0; it is measured where evalsig is installed.
"""

import json

import numpy as np
import pandas as pd

MODELS, TASKS, RUNS, DRAWS = 10, 41, 60, 1_000
STREAMS, LENGTH = 300, 1_000


def borda_ranks(scores: np.ndarray) -> np.ndarray:
    """Rank of every model by the sum over tasks of the models that it beats; shape (n_tasks, n_models) to (n_models,)."""
    points = scores.argsort(1).argsort(1).sum(0)
    return pd.Series(-points).rank(method="min").to_numpy()


def recipe_excludes_one(scores: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether some model's percentile interval of the rank does not reach 1."""
    drawn = [borda_ranks(scores[rng.integers(0, len(scores), len(scores))]) for _ in range(DRAWS)]
    return bool((np.quantile(drawn, 0.025, axis=0) > 1).any())


def ours_excludes_one(scores: np.ndarray) -> bool:
    """Whether some model is not in the top set."""
    import embsig

    frame = pd.DataFrame(scores, columns=[f"m{i}" for i in range(MODELS)])
    return len(embsig.compare(frame, rng=0, families="none").top_set) < MODELS


def streams() -> dict[str, str]:
    """In how many streams of nothing the watch fires."""
    import evalsig

    found = {}
    for name, draw in {
        "right or wrong, 20 % of items differ": lambda r: r.choice([-1.0, 0.0, 1.0], LENGTH, p=[0.1, 0.8, 0.1]),
        "nDCG differences, normal, sd .3": lambda r: r.normal(0, 0.3, LENGTH),
        "rare losses: +.01 on 96.5 % of items, -.276 on 3.5 %": lambda r: r.choice(
            [0.01, -0.01 * 0.965 / 0.035], LENGTH, p=[0.965, 0.035]
        ),
    }.items():
        fired = sum(evalsig.sequential_gate(draw(np.random.default_rng(s)), alpha=0.05).stopped for s in range(STREAMS))
        found[name] = f"{fired} of {STREAMS}"
    return found


def main() -> None:
    """Print both as JSON."""
    found: dict[str, object] = {}
    try:
        found["watch, alpha .05"] = streams()
    except ImportError:
        tables = [np.random.default_rng(seed).normal(0.6, 0.03, (TASKS, MODELS)) for seed in range(RUNS)]
        recipe = sum(recipe_excludes_one(t, np.random.default_rng(1000 + i)) for i, t in enumerate(tables))
        ours = sum(map(ours_excludes_one, tables))
        found["some of ten equal models excluded from first place"] = {
            "bootstrap of Borda ranks": f"{recipe} of {RUNS}",
            "embsig": f"{ours} of {RUNS}",
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
