"""What the table of decisions promises, in the simulated worlds of `validity_worlds.py`: joint sign flips, selection, families, margins."""

import itertools
from functools import cache

import numpy as np
from scipy.special import log_ndtr, ndtri
from validity_worlds import ALPHA, WORLDS, Seen, table

from stats import adjust, bootstrap, mean_ranks, paired_t, wilcoxon
from stats.decisions import Decisions, joint_max_t, max_t
from stats.decisions.means import simultaneous_means

NAMES = {
    "signed-rank": "max-t, signed rank (default)",
    "mean": "max-t, studentized mean",
    "sign": "max-t, sign",
}
#: Number of tasks -> the families' sizes; 41 tasks fall into families as MTEB(eng, v2) does.
FAMILIES = {14: (7, 7), 21: (7, 7, 7), 41: (8, 8, 3, 2, 10, 9, 1)}
Held = dict[tuple[str, str], list[np.ndarray]]


def _add(held: Held, part: str, name: str, seen: object) -> None:
    held.setdefault((part, name), []).append(np.atleast_1d(np.asarray(seen, dtype=np.float64)))


def _joined(held: Held) -> Seen:
    return {key: np.concatenate(values) for key, values in held.items()}


@cache
def centre(world: str) -> float:
    """The pseudo-median of noise of model 0 less that of model 1, both of mean 0, from many simulated tasks; 0 where it is symmetric."""
    if world != "skewed":
        return 0.0
    x = WORLDS[world](np.random.default_rng(13), 1, 2_000_000, 2)[0]
    d = x[:, 0] - x[:, 1]
    return float(np.median((d + np.roll(d, 1)) / 2))


@cache
def _noise(world: str, k: int) -> np.ndarray:
    return WORLDS[world](np.random.default_rng(17), 1, 200_000, k)[0]


@cache
def _estimands(world: str, statistic: str, k: int, added: tuple[float, ...]) -> np.ndarray:
    first, second = np.triu_indices(k, 1)
    shift = np.array(added)
    if statistic == "sign":
        found = []
        for a, b in zip(first, second, strict=True):
            d = _noise(world, k)[:, a] - _noise(world, k)[:, b] + (shift[a] - shift[b])
            differ = np.abs(d) > 1e-12
            found.append(float(np.sign(d[differ]).mean()) if differ.any() else 0.0)
        return np.array(found)
    parity = (second % 2).astype(int) - (first % 2).astype(int)  # 1: an even model less an odd one
    return np.asarray(shift[first] - shift[second] + parity * (centre(world) if statistic == "signed-rank" else 0.0))


def estimands(world: str, statistic: str, k: int, shift: np.ndarray) -> np.ndarray:
    """What every interval should hold: difference of means, pseudo-median, or difference of win rates, given what is added to each model."""
    return _estimands(world, statistic, k, tuple(float(v) for v in shift))


def flips(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int) -> Seen:
    """False claims of equal models, joint coverage, and the power that is left, of joint sign flips; groups given where there are some."""
    held: Held = {}
    spread = float(WORLDS[world](np.random.default_rng(7), 1, 100_000, k)[0].std())
    shift = 5 / np.sqrt(n) * spread * (np.arange(k) < k // 2)
    first, second = np.triu_indices(k, 1)
    differ = shift[first] != shift[second]
    for values in WORLDS[world](rng, r, n, k):
        equal, apart, seed = table(values), table(values + shift), int(rng.integers(2**31))
        for statistic, name in NAMES.items():
            if k > 5 and statistic == "sign":
                continue  # as with five, and it takes its time
            options = {"statistic": statistic, "n_resamples": resamples, "rng": seed}
            ways = {name: None, f"{name}, groups given": np.arange(n) // 3} if world == "grouped" else {name: None}
            for way, groups in ways.items():
                found = max_t(equal, groups=groups, **options)
                _add(held, "wise", way, found.decided.any())
                _add(held, "cover", way, _covers(found, estimands(world, statistic, k, 0 * shift), statistic))
                if k > 5 and statistic != "signed-rank":
                    continue
                found = max_t(apart, groups=groups, **options)
                _add(held, "cover_apart", way, _covers(found, estimands(world, statistic, k, shift), statistic))
                _add(held, "power", way, found.decided[differ].mean())
        holm = adjust(wilcoxon(apart).pvalue, "holm") <= ALPHA
        _add(held, "power", "Wilcoxon, holm", holm[differ].mean())
    return _joined(held)


def _covers(found: Decisions, true: np.ndarray, statistic: str) -> bool:
    near = 0.005 if statistic == "sign" else 1e-9  # true win rates are simulated themselves
    return bool(((found.low <= true + near) & (found.high >= true - near)).all())


def selected(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int = 30, top: int = 5) -> Seen:
    """Equal models, the best of which are chosen on the same scores: any false claim about those shown."""
    held: Held = {}
    for values in WORLDS[world](rng, r, n, k):
        pool, options = table(values), {"n_resamples": resamples, "rng": int(rng.integers(2**31)), "groups": None}
        control = pool.models[0]
        best = list(mean_ranks(pool).sort_values(kind="stable").index[:top])
        beside = [m for m in best if m != control] + [control]
        _add(
            held,
            "selected",
            "the best alone with a control, as if chosen beforehand",
            _better(max_t(pool.select(models=beside), control=control, **options), beside),
        )
        _add(
            held,
            "selected",
            "the best of the pool with a control (default)",
            _better(max_t(pool, control=control, **options), beside),
        )
        _add(
            held,
            "selected",
            "the best alone, as if chosen beforehand",
            max_t(pool.select(models=best), **options).decided.any(),
        )
        whole = max_t(pool, **options)
        _add(held, "selected", "the best of the pool (default)", whole.decided[_among(whole, best)].any())
    return _joined(held)


def _among(found: Decisions, models: list[str]) -> np.ndarray:
    """Which pairs are of two of these models."""
    kept = np.isin(found.models, models)
    return kept[found.first] & kept[found.second]


def _better(found: Decisions, models: list[str]) -> bool:
    """Whether one of these models is called better than the control."""
    return bool((found.verdict == "a")[_among(found, models)].any())


def families(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int = 5) -> Seen:
    """One page speaks of all tasks and of every family: any false claim on it, and the power that is left."""
    held: Held = {}
    edges = np.cumsum((0, *FAMILIES[n]))
    spread = float(WORLDS[world](np.random.default_rng(7), 1, 100_000, k)[0].std())
    shift = 5 / np.sqrt(n) * spread * (np.arange(k) < k // 2)
    first, second = np.triu_indices(k, 1)
    differ = shift[first] != shift[second]
    for values in WORLDS[world](rng, r, n, k):
        for part, x in (("false", values), ("power", values + shift)):
            whole = table(x)
            parts = [whole.select(tasks=whole.task_names[a:b]) for a, b in itertools.pairwise(edges) if b - a > 1]
            options = {"n_resamples": resamples, "rng": int(rng.integers(2**31)), "groups": None}
            ways = {
                "each by itself": [max_t(p, **options) for p in (whole, *parts)],
                "together (default)": joint_max_t([whole, *parts], **options),
                "half of alpha for all tasks, half for the families together": [
                    max_t(whole, alpha=ALPHA / 2, **options),
                    *joint_max_t([whole, *parts], alpha=ALPHA / 2, **options)[1:],
                ],
            }
            for name, (overall, *within) in ways.items():
                if part == "false":
                    _add(held, "false", name, overall.decided.any() or any(w.decided.any() for w in within))
                else:
                    _add(held, "overall", name, overall.decided[differ].mean())
                    _add(held, "within", name, np.mean([w.decided[differ].mean() for w in within]))
    return _joined(held)


def margins(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int = 5) -> Seen:
    """Half of the models are better by exactly the margin: any pair of them called equivalent; and how often equal models are."""
    held: Held = {}
    spread = float(WORLDS[world](np.random.default_rng(7), 1, 100_000, 2)[0].std())
    size = 2.5 * spread
    for statistic, name in list(NAMES.items())[:2]:  # a margin is in the units of the scores
        shift = size * (np.arange(k) < k // 2)
        true = estimands(world, statistic, k, shift)
        beyond = np.abs(true) >= size - 1e-9
        for values in WORLDS[world](rng, r, n, k):
            options = {
                "statistic": statistic,
                "n_resamples": resamples,
                "rng": int(rng.integers(2**31)),
                "groups": None,
            }
            found = max_t(table(values + shift), margin=size, **options)
            _add(held, "margin", name, found.equivalent[beyond].any())
            _add(held, "same", name, found.equivalent[true == 0].mean())
    return _joined(held)


# -- the mean of the first -----------------------------------------------------------------------------------------


def winners(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int = 10) -> Seen:
    """The model of the highest mean among equals: does its interval hold its true mean; and how wide is it."""
    held: Held = {}
    for values in WORLDS[world](rng, r, n, k):
        x = values + 2 * rng.normal(size=(n, 1)) * float(values.std())  # tasks differ by more than models
        scores, seed = table(x), int(rng.integers(2**31))
        mean, low, high = simultaneous_means(scores, n_resamples=resamples, rng=seed, groups=None)
        first = int(np.argmax(mean))
        alone = table(np.column_stack([x[:, first], np.zeros(n)]))
        t, boot = paired_t(alone), bootstrap(alone, n_resamples=resamples, method="symmetric", rng=seed)
        ways = {
            "by itself, Student's t": (float(t.low[0]), float(t.high[0])),
            "by itself, symmetric bootstrap": (float(boot.low[0]), float(boot.high[0])),
            "of all models at once (default)": (float(low[first]), float(high[first])),
            "Andrews, Kitagawa and McCloskey, hybrid": hybrid(x, first, rng),
        }
        width = ways["of all models at once (default)"][1] - ways["of all models at once (default)"][0]
        for name, (a, b) in ways.items():
            _add(held, "winner", name, a <= 0 <= b)
            if np.isfinite(width):
                _add(held, "width", name, min((b - a) / width, 10.0))
    return _joined(held)


def hybrid(x: np.ndarray, first: int, rng: np.random.Generator) -> tuple[float, float]:
    """Andrews, Kitagawa and McCloskey's hybrid interval of the winner's mean (2024, section IV), with the estimated covariance."""
    n, k = x.shape
    mean, cov = x.mean(axis=0), np.cov(x.T) / n
    beta = ALPHA / 10
    draws = rng.multivariate_normal(np.zeros(k), cov, size=2000, check_valid="ignore") / np.sqrt(np.diag(cov))
    sd = float(np.sqrt(cov[first, first]))
    reach = float(np.quantile(np.abs(draws).max(axis=1), 1 - beta)) * sd
    slope = cov[first] / cov[first, first]
    rest = mean - slope * mean[first]
    others = np.arange(k) != first
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = (rest - rest[first]) / (1 - slope)
    least = max([-np.inf, *bounds[others & (slope < 1)]])
    most = min([np.inf, *bounds[others & (slope > 1)]])
    level = (ALPHA - beta) / (1 - beta)

    def cdf(theta: float) -> float:
        a, b = max(least, theta - reach), min(most, theta + reach)
        lo, hi, at = (a - theta) / sd, (b - theta) / sd, (mean[first] - theta) / sd
        if lo > 0:  # the other tail, where differences of probabilities keep their digits
            lo, hi, at = -hi, -lo, -at
            return 1 - _between(lo, at, hi)
        return _between(lo, at, hi)

    ends = []
    for target in (1 - level / 2, level / 2):
        low, high = mean[first] - reach, mean[first] + reach
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if cdf(middle) > target else (low, middle)
        ends.append((low + high) / 2)
    return ends[0], ends[1]


def _between(low: float, at: float, high: float) -> float:
    """P(Z <= at | low <= Z <= high)."""
    floor, here, top = log_ndtr(low), log_ndtr(min(max(at, low), high)), log_ndtr(high)
    share = np.expm1(here - floor) / np.expm1(top - floor) if np.isfinite(floor) else np.exp(here - top)
    return float(share) if np.isfinite(share) else float(ndtri(0.5) + 0.5)
