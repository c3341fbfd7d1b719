"""The tests that `compare` knows by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..common.errors import InputError, unknown
from ..pairs import Alternative
from ..pairwise import bootstrap, paired_t, sign_flip, sign_test, wilcoxon
from ..pairwise._bootstrap import Interval, Statistic
from ..pairwise._wilcoxon import EXACT_LIMIT, ZeroMethod
from ..pairwise.bayes import bayes_signed_rank, bayes_t
from ..posthoc._adjust import METHODS, adjust
from ..posthoc._bonferroni_dunn import bonferroni_dunn
from ..posthoc._conover import conover
from ..posthoc._nemenyi import nemenyi, range_pvalues
from ..posthoc._romano_wolf import romano_wolf
from ..resampling.resampler import Groups
from ..results import PairwiseResult
from ..samples import Samples
from ..scores import Scores


@dataclass(frozen=True)
class Options:
    """What `compare` was asked for, as every test is handed it (words as in `compare`)."""

    test: str
    correction: str
    alpha: float
    confidence_level: float
    control: str | None
    zero_method: ZeroMethod
    alternative: Alternative
    n_resamples: int
    interval: Interval
    statistic: Statistic
    groups: Groups
    seed: int
    rope: float = 0.0
    level: str = "tasks"
    samples: Samples | None = None


@dataclass(frozen=True)
class Test:
    """A test of all pairs.

    Attributes
    ----------
    run : callable
        (Scores, Options) to a PairwiseResult. A result without p-values (a Bayesian one) says in
        ``extra["significant"]`` which pairs are told apart, and is not corrected.
    least : callable
        (n_tasks, n_models, Options) to the smallest p-value that a pair can reach with any data.
    correction : str or None
        The name of the correction that is part of the test (its result has adjusted p-values); None: `adjust`.
    """

    __test__ = False  # no class of tests, whatever pytest thinks of its name

    run: Callable[[Scores, Options], PairwiseResult]
    least: Callable[[int, int, Options], float]
    correction: str | None = None


def find(options: Options) -> Test:
    """The test by its name, with its joint correction where one was asked for.

    Raises
    ------
    InputError
        If the test or the correction is unknown, or the two do not go together.
    """
    test, correction = options.test, options.correction
    if test not in TESTS:
        raise unknown("test", test, TESTS)
    if test == "bonferroni-dunn" and options.control is None:
        raise InputError("bonferroni-dunn compares with a control: name one (control=...), or use test='nemenyi'")
    if test == "nemenyi" and options.control is not None:
        raise InputError(
            "test='nemenyi' is for all pairs: with a control use test='bonferroni-dunn', by mean ranks too"
        )
    found = TESTS[test]
    if found.correction is not None:
        return found
    if correction == "romano-wolf":
        if test not in _JOINT:
            raise InputError(
                f"romano-wolf steps through joint draws and test {test!r} has none: use test='bootstrap' or 'sign-flip'"
            )
        return replace(found, run=_JOINT[test], correction="romano-wolf")
    if correction not in METHODS:
        raise unknown("correction", correction, [*METHODS, "romano-wolf"])
    if correction == "shaffer" and options.control is not None:
        raise InputError("correction='shaffer' is for all pairs: use 'holm' with a control")
    return found


def least_adjusted(test: Test, options: Options, n_tasks: int, n_models: int, n_pairs: int) -> tuple[float, float]:
    """The smallest p-value a pair can reach, before and after the correction for `n_pairs` pairs."""
    least = test.least(n_tasks, n_models, options)
    if np.isnan(least) or test.correction is not None:
        return least, least
    # Monotone corrections are kindest when every pair reaches the smallest p.
    return least, float(adjust(np.full(n_pairs, least), options.correction)[0])


def _sides(options: Options) -> int:
    return 2 if options.alternative == "two-sided" else 1


def _wilcoxon(scores: Scores, options: Options) -> PairwiseResult:
    return wilcoxon(scores, zero_method=options.zero_method, alternative=options.alternative, control=options.control)


def _sign(scores: Scores, options: Options) -> PairwiseResult:
    return sign_test(scores, alternative=options.alternative, control=options.control)


def _sign_flip(scores: Scores, options: Options) -> PairwiseResult:
    return sign_flip(
        scores,
        n_resamples=options.n_resamples,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        rng=options.seed,
    )


def _paired_t(scores: Scores, options: Options) -> PairwiseResult:
    return paired_t(
        scores,
        confidence_level=options.confidence_level,
        alternative=options.alternative,
        control=options.control,
    )


def _bootstrap(scores: Scores, options: Options) -> PairwiseResult:
    return bootstrap(
        scores,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        method=options.interval,
        statistic=options.statistic,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        rng=options.seed,
    )


def _step_down(null: str) -> Callable[[Scores, Options], PairwiseResult]:
    def run(scores: Scores, options: Options) -> PairwiseResult:
        return romano_wolf(
            scores,
            null=null,  # type: ignore[arg-type]  # one of the two below
            n_resamples=options.n_resamples,
            groups=options.groups,
            alternative=options.alternative,
            control=options.control,
            rng=options.seed,
        )

    return run


def _nemenyi(scores: Scores, options: Options) -> PairwiseResult:
    return nemenyi(scores)


def _bonferroni_dunn(scores: Scores, options: Options) -> PairwiseResult:
    return bonferroni_dunn(scores, control=str(options.control), alternative=options.alternative)


def _conover(scores: Scores, options: Options) -> PairwiseResult:
    if options.control is not None or options.alternative != "two-sided":
        raise InputError("test='conover' is for all pairs, two-sided: use test='wilcoxon' with a control")
    found = conover(scores, correction="none")
    return replace(found, method=found.method.removesuffix(", none"), pvalue_adjusted=None)


def _bayes(scores: Scores, options: Options) -> PairwiseResult:
    found = bayes_signed_rank(
        scores,
        rope=options.rope,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        control=options.control,
        rng=options.seed,
    )
    return _sure(found, options)


def _bayes_t(scores: Scores, options: Options) -> PairwiseResult:
    found = bayes_t(scores, rope=options.rope, confidence_level=options.confidence_level, control=options.control)
    return _sure(found, options)


def _sure(found: PairwiseResult, options: Options) -> PairwiseResult:
    """Told apart: one of the two is better with the probability asked for."""
    with np.errstate(invalid="ignore"):
        sure = np.maximum(found.extra["p_better"], found.extra["p_worse"]) >= 1 - options.alpha
    return replace(found, extra={**found.extra, "significant": sure})


def _least_signs(n_tasks: int, n_models: int, options: Options) -> float:
    """All signs alike: one or two of the 2^n sign vectors."""
    return _sides(options) / 2.0**n_tasks


def _least_wilcoxon(n_tasks: int, n_models: int, options: Options) -> float:
    if n_tasks <= EXACT_LIMIT:
        return _least_signs(n_tasks, n_models, options)
    from scipy.special import ndtr

    mean, variance = n_tasks * (n_tasks + 1) / 4, n_tasks * (n_tasks + 1) * (2 * n_tasks + 1) / 24
    return float(_sides(options) * ndtr(-(mean - 0.5) / np.sqrt(variance)))


def _least_flips(n_tasks: int, n_models: int, options: Options) -> float:
    return max(_least_signs(n_tasks, n_models, options), 1 / (options.n_resamples + 1))


def _least_bootstrap(n_tasks: int, n_models: int, options: Options) -> float:
    sides = 1 if options.interval == "symmetric" and options.level == "tasks" else _sides(options)
    return sides / (options.n_resamples + 1)


def _least_t(n_tasks: int, n_models: int, options: Options) -> float:
    """Constant differences make t infinite."""
    return 0.0


def _least_nemenyi(n_tasks: int, n_models: int, options: Options) -> float:
    """The two models that are first and last on every task."""
    error = np.sqrt(n_models * (n_models + 1) / (12 * n_tasks))
    return float(range_pvalues(np.array([(n_models - 1) / error]), n_models)[0])


def _least_dunn(n_tasks: int, n_models: int, options: Options) -> float:
    from scipy.special import ndtr

    error = np.sqrt(n_models * (n_models + 1) / (6 * n_tasks))
    return float(min(1.0, (n_models - 1) * _sides(options) * ndtr(-(n_models - 1) / error)))


def _least_none(n_tasks: int, n_models: int, options: Options) -> float:
    """There is no p-value."""
    return float("nan")


#: Tests by name.
TESTS: dict[str, Test] = {
    "wilcoxon": Test(_wilcoxon, _least_wilcoxon),
    "sign": Test(_sign, _least_signs),
    "sign-flip": Test(_sign_flip, _least_flips),
    "paired-t": Test(_paired_t, _least_t),
    "bootstrap": Test(_bootstrap, _least_bootstrap),
    "nemenyi": Test(_nemenyi, _least_nemenyi, "studentized range"),
    "bonferroni-dunn": Test(_bonferroni_dunn, _least_dunn, "bonferroni-dunn"),
    "bayes": Test(_bayes, _least_none),
    "bayes-t": Test(_bayes_t, _least_none),
    "conover": Test(_conover, _least_t),
}
_JOINT = {"bootstrap": _step_down("bootstrap"), "sign-flip": _step_down("sign-flip")}
