"""Which design choice matters, and for which task family."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import InputError, said_in_result
from ..common.threads import same_bits_on_any_cores
from ..decisions import max_t
from ..effect_sizes.skewness import strong_skewness
from ..missing import Policy
from ..pairs import check_level
from ..pairwise import bootstrap, wilcoxon
from ..pairwise._bootstrap import Interval
from ..posthoc import adjust
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import differences
from .aligned_rank_transform import aligned_rank_transform
from .design import Contrast, Design
from .family_effects import family_effects, left_out, say
from .mixed import mixed_model
from .result import COLUMNS, OVERALL, FactorialResult


@said_in_result
@same_bits_on_any_cores
def factorial(
    scores: Scores | pd.DataFrame,
    design: pd.DataFrame,
    *,
    alpha: float = 0.05,
    correction: str = "max-t",
    interval: Interval = "symmetric",
    n_resamples: int = 10_000,
    confidence_level: float | None = None,
    missing: Policy = "tasks",
    rng: int | np.random.Generator | None = None,
) -> FactorialResult:
    """Effects of design factors, each model being a combination of factor levels and each task a block.

    A main effect compares two levels of a factor at equal levels of all others: on every task the models that differ in
    that factor alone are subtracted and the differences averaged over the contexts that have both levels. The tasks'
    values go to an exact Wilcoxon signed-rank test, and joint sign flips of all contrasts of a kind give the adjusted p-value
    and the simultaneous interval that excludes 0 exactly where it is significant. Nothing is assumed about how
    effects add up, and nothing is compared that no two models isolate: empty cells of the design cost contrasts,
    which are listed as not estimable with the reason.

    Whether the effect of the design depends on the family of tasks is asked of all tasks at once (``by_family``), by permuting the
    tasks' families and by draws in which each has its own spread: with few tasks a family it sees what comparisons within
    single families cannot. Beside the
    contrasts stand two models of the whole table: the aligned rank transform (for each main effect and interaction, with
    task x effect as its error) and a mixed model with additive effects.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; models outside the design are left out.
    design : DataFrame
        Indexed by model (or with a column ``model``), one column per factor. The first level that appears is a
        factor's reference. Models of equal levels are averaged.
    alpha : float
        Significance level.
    correction : str
        ``"max-t"`` (joint sign flips) or a method of `adjust`, within a family of tasks and a kind of contrast.
    interval : {"symmetric", "studentized", "percentile", "basic", "bca"}
        The bootstrap interval of mean differences with a method of `adjust`, each by itself.
    n_resamples : int
    confidence_level : float, optional
        1 - alpha by default.
    missing : {"models", "tasks", "keep"}
        Missing scores: by default a task is left out that a model of the design lacks.
    rng : int, Generator or None

    Returns
    -------
    FactorialResult
        Families with a single task are left out, and so named in its ``warnings``, as are those with too few tasks
        for any effect to be significant; nothing is raised as a Python warning.

    Raises
    ------
    InputError
        If the design names a model without scores, has an empty level, or nothing varies in it.

    References
    ----------
    Anderson, M. J. et al. (2017), ANZJS 59, 57-79 (permutation). Krishnamoorthy, K. et al. (2007), CSDA 51, 5731-5742 (each family
    with its own spread). Wobbrock, J. O. et al. (2011), CHI 143-146 (aligned ranks). Laird and Ware (1982), Biometrics 38, 963-974 (mixed
    model). Wilcoxon, F. (1945), Biometrics 1, 80-83.

    Examples
    --------
    Attention at equal pooling, over two tasks: x: (.6 - .5 + .8 - .5) / 2 = .2; y: (.4 - .3 + .5 - .4) / 2 = .1

    >>> design = pd.DataFrame(
    ...     {"pooling": ["eos", "eos", "mean", "mean"], "attention": ["causal", "both"] * 2}, index=list("abcd")
    ... )
    >>> frame = pd.DataFrame({"a": [.5, .3], "b": [.6, .4], "c": [.5, .4], "d": [.8, .5]}, index=["x", "y"])
    >>> effects = factorial(frame, design, rng=0).main_effects()
    >>> effects.loc[effects["factor"] == "attention", "difference"].round(12).tolist()
    [0.15]
    """
    level = check_level(1 - alpha if confidence_level is None else confidence_level, "confidence_level")
    check_level(alpha, "alpha")
    given = as_scores(scores)
    parsed = Design.parse(design, given.models)
    chosen = given.select(models=[_literal(m) for m in parsed.models])
    table = chosen.complete(missing)
    parsed = Design.parse(design, table.models)
    table = table._take(models=list(parsed.models))
    found, refused = parsed.contrasts()
    if not found:
        raise InputError(
            f"nothing can be estimated from this design: {refused[0].reason}; add a model that differs in one factor"
        )
    seed = int(rng) if isinstance(rng, int | np.integer) else int(np.random.default_rng(rng).integers(2**32))
    parts = {OVERALL: table} | ({f: table.family(f) for f in table.families} if len(table.families) > 1 else {})
    notes: list[str] = []
    contrasts, ranked, mixed, variance = [], [], [], []
    for name, part in parts.items():
        if part.n_tasks < 2:
            notes.append(f"{name}: one task only, left out")
            continue
        contrasts.append(_test(part, found, correction, alpha, interval, n_resamples, level, seed).assign(family=name))
        oriented = part.values
        ranked.append(
            aligned_rank_transform(
                oriented, parsed, higher_is_better=part.higher_is_better, n_resamples=n_resamples, seed=seed
            ).assign(family=name)
        )
        model = mixed_model(oriented, parsed, confidence_level=level)
        mixed.append(model.contrasts.assign(family=name))
        variance.append(model.variance.assign(family=name))
        notes += [f"{name}: {note}" for note in model.notes]
        smallest = 2.0 ** (1 - part.n_tasks)
        if smallest > alpha:
            notes.append(
                f"{name}: {part.n_tasks} tasks cannot reach p <= {alpha:g} (the smallest exact p is {smallest:.3g})"
            )
    by_family = family_effects(table, parsed, found, alpha=alpha, n_resamples=n_resamples, seed=seed)
    if (small := left_out(table)) is not None:
        notes.append(small)
    notes += _skewed(table, found, contrasts[0], ranked[0], alpha) if table.n_tasks > 1 else []
    result = FactorialResult(
        method=_described(
            parsed,
            table,
            alpha=alpha,
            level=level,
            correction=correction,
            interval=interval,
            n_resamples=n_resamples,
            seed=seed,
            missing=missing,
        ),
        levels={f: list(levels) for f, levels in parsed.levels.items()},
        contrasts=_stack(contrasts, "contrasts"),
        by_family=_stack([by_family], "by_family"),
        not_estimable=pd.DataFrame([vars(r) for r in refused], columns=COLUMNS["not_estimable"]),
        aligned_ranks=_stack(ranked, "aligned_ranks"),
        mixed=_stack(mixed, "mixed"),
        variance=_stack(variance, "variance"),
        warnings=notes,
    )
    told = _Sentences(result, table.higher_is_better, alpha).all()
    told += [(OVERALL, sentence) for sentence in say(result.by_family, _best_of_families(table))]
    for family, sentence in told:
        result.about.append(family)
        result.conclusions.append(sentence)
    return result


def _described(
    design: Design,
    table: Scores,
    *,
    alpha: float,
    level: float,
    correction: str,
    interval: Interval,
    n_resamples: int,
    seed: int,
    missing: Policy,
) -> dict[str, Any]:
    """Exactly what was done, for the result."""
    return {
        "test_name": "Wilcoxon signed-rank over tasks on matched contrasts",
        "correction": correction,
        "alpha": alpha,
        "confidence_level": level,
        "interval": "simultaneous, inverts the signed-rank test by joint sign flips"
        if correction == "max-t"
        else f"bootstrap over tasks, {interval}",
        "estimand": "pseudo-median" if correction == "max-t" else "mean",
        "family_test": "Brown-Forsythe F between families, step-down max-F within a kind of contrast; the larger p of the tasks' families "
        "permuted and of normal draws, each family with its own spread",
        "resamples": n_resamples,
        "seed": seed,
        "missing": missing,
        "n_models": table.n_models,
        "n_tasks": table.n_tasks,
        "constant_factors": dict(design.constant),
        "excluded": {kind: dict(found) for kind, found in table.excluded.items()},
    }


def _test(
    scores: Scores,
    contrasts: list[Contrast],
    correction: str,
    alpha: float,
    interval: Interval,
    n_resamples: int,
    level: float,
    seed: int,
) -> pd.DataFrame:
    values, sign = scores.values, 1 if scores.higher_is_better else -1
    minuends = np.stack([values @ np.maximum(c.weights, 0) for c in contrasts])
    subtrahends = np.stack([values @ np.maximum(-c.weights, 0) for c in contrasts])
    taken = differences(minuends, subtrahends)
    rows = []
    for contrast, plus, minus, d in zip(contrasts, minuends, subtrahends, taken, strict=True):
        pair = wilcoxon(pd.DataFrame({"plus": plus, "minus": minus}, index=scores.table.index))
        rows.append(
            {
                "kind": contrast.kind,
                "factor": contrast.factor,
                "a": contrast.a,
                "b": contrast.b,
                "at": contrast.at,
                "contexts": contrast.contexts,
                "n": len(d),
                "difference": float(d.mean()),
                "mean_difference": float(d.mean()),
                "statistic": _only(pair.statistic),
                "pvalue": _only(pair.pvalue),
                "win": int((sign * d > 0).sum()),
                "tie": int((d == 0).sum()),
                "loss": int((sign * d < 0).sum()),
            }
        )
    table = pd.DataFrame(rows)
    # All contrasts against a column of zeros: one draw of tasks serves them all.
    against = pd.DataFrame(taken.T, index=scores.table.index).rename(columns=str).assign(zero=0.0)
    if correction == "max-t":
        groups = list(scores.groups)
        for _, rows_of in table.groupby("kind", sort=False).groups.items():
            chosen = against[[*map(str, rows_of), "zero"]]
            found = max_t(chosen, alpha=1 - level, n_resamples=n_resamples, groups=groups, control="zero", rng=seed)
            told = [found.pvalue, found.pvalue_adjusted, found.estimate, found.low, found.high]
            table.loc[rows_of, ["pvalue", "pvalue_adjusted", "difference", "low", "high"]] = np.stack(told, axis=1)
    else:
        boot = bootstrap(
            against, n_resamples=n_resamples, confidence_level=level, method=interval, control="zero", rng=seed
        )
        table = table.assign(low=boot.low, high=boot.high)
        table["pvalue_adjusted"] = table.groupby("kind")["pvalue"].transform(lambda p: adjust(p, correction))
    table["significant"] = table["pvalue_adjusted"] <= alpha
    return table


def _skewed(
    scores: Scores, contrasts: list[Contrast], tested: pd.DataFrame, ranked: pd.DataFrame, alpha: float
) -> list[str]:
    """Warnings where an effect over all tasks that is significant by ranks rests on strongly skewed differences."""
    claims = tested["significant"] & (tested["kind"] != "simple")
    claimed = {*tested.loc[claims, "factor"], *ranked.loc[ranked["pvalue"] <= alpha, "effect"]}
    found: dict[str, float] = {}
    for contrast in contrasts:
        skew = strong_skewness(scores.values @ contrast.weights)
        if contrast.kind != "simple" and contrast.factor in claimed and abs(skew) > abs(found.get(contrast.factor, 0)):
            found[contrast.factor] = skew
    return [
        f"{effect}: differences are strongly skewed (skewness {skew:+.1f}); signed ranks and aligned ranks then answer to the shape of the "
        "scores as well as to their mean, and call more different than alpha allows where means are equal: read the mean "
        "differences and the mixed model beside them"
        for effect, skew in found.items()
    ]


@dataclass(frozen=True)
class _Sentences:
    """The findings in words."""

    result: FactorialResult
    higher_is_better: bool
    alpha: float

    def all(self) -> list[tuple[str, str]]:
        """Main effects overall, then those of families that are significant, interactions, and what cannot be said.

        Each with the family of tasks that it is about.
        """
        table = self.result.contrasts
        main = table[(table["kind"] == "main") & (table["family"] == OVERALL)]
        telling = table[(table["kind"] != "simple") & (table["family"] != OVERALL) & table["significant"]]
        crossing = table[(table["kind"] == "interaction") & (table["family"] == OVERALL) & table["significant"]]
        rows = pd.concat([main, crossing, telling]).to_dict("records")
        said = [(str(row["family"]), self._effect(row)) for row in rows]
        quiet = [
            f
            for f in dict.fromkeys(table["family"])
            if f != OVERALL and not table.loc[(table["family"] == f) & (table["kind"] != "simple"), "significant"].any()
        ]
        if quiet:
            said.append((OVERALL, f"No effect is significant on {', '.join(quiet)}."))
        for row in self.result.not_estimable[self.result.not_estimable["kind"] == "main"].to_dict("records"):
            said.append((OVERALL, f"Not estimable: {row['factor']} {row['a']} over {row['b']}; {row['reason']}."))
        return said

    def _effect(self, row: dict[Any, Any]) -> str:
        d, low, high = (float(row[c]) for c in ("difference", "low", "high"))
        good = d > 0 if self.higher_is_better else d < 0
        where = "over all tasks" if row["family"] == OVERALL else f"on {row['family']}"
        p, adjusted = float(row["pvalue"]), float(row["pvalue_adjusted"])
        tested = f"({row['n']} tasks, Wilcoxon {_p(p)}, adjusted {_p(adjusted)})"
        # A loss is told as a positive number too, its interval turned round.
        size = _size(d, low, high) if d >= 0 else _size(-d, -high, -low)
        at = f" at {row['at']}" if row["at"] else ""
        verdict = "" if row["significant"] else "; not significant"
        if row["kind"] == "interaction":
            return f"{row['factor']}: {row['a']} differs from {row['b']} by {_size(d, low, high)} {where} {tested}{verdict}."
        verb = "gains" if good else "changes nothing:" if d == 0 else "loses"
        return f"{row['a']} {row['factor']} {verb} {size} {where} {'over' if good else 'against'} {row['b']}{at} {tested}{verdict}."


def _best_of_families(scores: Scores) -> dict[str, str]:
    """Family -> the model of best mean over its tasks."""
    means = {f: scores.family(f).table.mean(axis=0) for f in scores.families}
    return {f: str(m.idxmax() if scores.higher_is_better else m.idxmin()) for f, m in means.items()}


def _size(d: float, low: float, high: float) -> str:
    """A difference with its interval, which is unbounded where too few tasks leave it so."""
    return f"{d:.3f} [{low:.3f}, {high:.3f}]" if np.isfinite([low, high]).all() else f"{d:.3f} [no bounded interval]"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _only(values: Floats | None) -> float:
    return float("nan") if values is None else float(values[0])


def _literal(name: str) -> str:
    """A model's name as a pattern that matches itself only."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _stack(tables: list[pd.DataFrame], name: str) -> pd.DataFrame:
    kept = [t for t in tables if len(t)]
    if not kept:
        return pd.DataFrame(columns=COLUMNS[name])
    return pd.concat(kept, ignore_index=True)[COLUMNS[name]]
