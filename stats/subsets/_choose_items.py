"""choose_items: fewer samples within the tasks, with what they leave open."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import InputError
from ..metrics.means import MEANS
from ..pairs import check_level
from ..prediction.conformal import folds
from ..results import Floats
from ..samples import Samples
from .drawing import Draw, Indices, draw
from .items import Block, ItemSubset, blocks_of, predicted

#: Fewer say little of which items are hard.
LEAST_MODELS = 4
#: Draws that the choice is tried with, for each fold of makers.
_DRAWS = 20
_TOP = 30


def choose_items(
    samples: Samples, *, budget: float = 0.2, level: float = 0.95, makers: Mapping[str, str] | None = None, rng: int = 0
) -> ItemSubset:
    """Choose a share of the samples within every task, stratified by how hard they are, so that the means over all are known to within an interval.

    Parameters
    ----------
    samples : Samples
        Of models that were evaluated on all, for tasks whose score is a mean over samples (accuracy, nDCG@10, right or wrong); other tasks are named and left out.
    budget : float
        Share of the samples of every split, more than 0 and less than 1; two at least.
    level : float
        Of the intervals.
    makers : mapping of model to maker, optional
        By default what stands before the first ``/`` of the name. The choice is tried on the models of makers that it did not know.
    rng : int
        Seed of the draw.

    Returns
    -------
    ItemSubset

    Raises
    ------
    InputError
        If fewer than four models, of two makers, share a task whose score is a mean over samples.

    Notes
    -----
    Items are put in order by their mean score over the models and cut into strata of neighbours, of each of which two or three are drawn at random. What the draw says of a
    model, or of two models' difference, is the stratified mean, with the finite-population variance of stratified sampling and a t interval with
    Satterthwaite's degrees of freedom (Cochran 1977, section 5A). Such intervals rest on the random draw alone: strata that fit a model badly make them wider, not wrong. What is
    known of other models is used to choose, never to fill in: unlike tests that are equated by item response theory, whose error is that of the model. How well intervals hold is
    measured in folds of makers, strata made without the models that they are tried on, 20 draws each.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed. Kipf, J. et al. (2025). metabench. ICLR.

    Examples
    --------
    Every second of 40 items, of four models that differ by how many they get right:

    >>> rows = [(f"maker{m}/x", f"q{i}", float(i < 8 * (m + 1))) for m in range(4) for i in range(40)]
    >>> found = choose_items(Samples.from_frame(pd.DataFrame(rows, columns=["model", "sample", "score"])), budget=.5)
    >>> len(found.items), found.validation["models"].tolist()
    (20, ['all'])
    """
    check_level(level, "level")
    if not 0 < budget < 1:
        raise InputError(
            f"budget={budget:g}: expected a share of the samples, more than 0 and less than 1, such as 0.2 (20%)"
        )
    blocks, left_out = _blocks(samples)
    models = list(blocks[0].values.columns) if blocks else []
    labels = [(makers or {}).get(m, m.split("/")[0]) for m in models]
    if len(models) < LEAST_MODELS or len(set(labels)) < 2:
        raise InputError(
            f"{text.count(len(models), 'model')} of {text.count(len(set(labels)), 'maker')} share a task whose score is a mean over samples: expected {LEAST_MODELS} models of two makers "
            "(before the first / of the name, or makers=), so that the choice can be tried on models of others; give more runs"
        )
    seeds = np.random.default_rng(rng)
    draws = [_draw(b, list(range(len(models))), budget, seeds) for b in blocks]
    items = pd.concat([b.named(d) for b, d in zip(blocks, draws, strict=True)], ignore_index=True)
    return ItemSubset(
        items,
        tuple(draws),
        tuple(blocks),
        budget,
        level,
        _validated(blocks, labels, budget, level, rng),
        tuple(left_out),
    )


def _blocks(samples: Samples) -> tuple[list[Block], list[str]]:
    """Every split of every task of all models, and the tasks that have none."""
    found: list[Block] = []
    left_out = []
    models = [m for m in samples.models if all(m in of for of in samples.files.values())] or samples.models
    for task in samples.tasks:
        if not set(models) <= set(samples.files[task]) or str(samples.meta(task, models[0])["metric"]) not in MEANS:
            left_out.append(task)
            continue
        found += list(blocks_of(samples, task, models))
    return found, left_out


def _draw(block: Block, known: list[int], budget: float, rng: np.random.Generator) -> Draw:
    values = block.values.to_numpy()
    return draw(values[:, known].mean(axis=1), round(budget * len(values)), rng)


def _validated(blocks: list[Block], makers: list[str], budget: float, level: float, seed: int) -> pd.DataFrame:
    """How the choice does on models of makers that the strata did not know."""
    fold = folds(makers, min(10, len(set(makers))), seed)
    truth = full_means(blocks)
    rng = np.random.default_rng([seed, 1])
    rows: list[pd.DataFrame] = []
    for f in np.unique(fold):
        new = np.flatnonzero(fold == f)
        known = np.flatnonzero(fold != f).tolist()
        a, b = np.repeat(new, len(truth)), np.tile(np.arange(len(truth)), len(new))
        for _ in range(_DRAWS):
            draws = [_draw(block, known, budget, rng) for block in blocks]
            rows.append(_tried(blocks, draws, level, truth, new, None))
            rows.append(_tried(blocks, draws, level, truth, a[a != b], b[a != b]))
    tried = pd.concat(rows, ignore_index=True)
    order = np.argsort(-truth, kind="stable")
    shown = [("all", order)] + ([(f"top {_TOP}", order[:_TOP])] if len(order) > _TOP else [])
    return pd.DataFrame([{"models": name, **_worth(tried, who)} for name, who in shown])  # fmt: skip


def _tried(
    blocks: list[Block], draws: list[Draw], level: float, truth: Floats, a: Indices, b: Indices | None
) -> pd.DataFrame:
    """What a draw says of models, or of their differences to others, beside what all items say."""
    values = [block.values.to_numpy()[d.chosen] for block, d in zip(blocks, draws, strict=True)]
    mean, half = predicted(blocks, draws, [v[:, a] - (0.0 if b is None else v[:, b]) for v in values], level)
    really = truth[a] - (0.0 if b is None else truth[b])
    return pd.DataFrame(
        {"a": a, "b": -1 if b is None else b, "error": mean - really, "mean": mean, "truth": really, "half": half}
    )


def full_means(blocks: list[Block]) -> Floats:
    """Mean over tasks of every model, from all items."""
    n_tasks = len({b.task for b in blocks})
    return np.asarray(sum(b.values.to_numpy().mean(axis=0) / b.n_blocks for b in blocks) / n_tasks)


def _worth(tried: pd.DataFrame, who: Indices) -> dict[str, float]:
    single = tried[(tried["b"] < 0) & tried["a"].isin(who)]
    pairs = tried[tried["a"].isin(who) & tried["b"].isin(who)]
    decided = pairs["mean"].abs() > pairs["half"]
    wrong = decided & (np.sign(pairs["mean"]) != np.sign(pairs["truth"]))
    return {
        "n": len(who), "rmse": float(np.sqrt((single["error"] ** 2).mean())), "coverage": float((single["error"].abs() <= single["half"] + 1e-12).mean()),
        "half_width": float(single["half"].mean()), "pair_rmse": float(np.sqrt((pairs["error"] ** 2).mean())),
        "pair_coverage": float((pairs["error"].abs() <= pairs["half"] + 1e-12).mean()), "pair_half_width": float(pairs["half"].mean()),
        "decided": float(decided.mean()), "wrong": float(wrong.mean()),
    }  # fmt: skip
