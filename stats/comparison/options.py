"""What `compare` was asked for, checked."""

from dataclasses import dataclass, replace

import numpy as np

from ..common.errors import InputError
from ..pairs import Alternative, check_alternative, check_level
from ..pairwise._bootstrap import Interval, Statistic
from ..pairwise._wilcoxon import ZeroMethod
from ..resampling.resampler import Groups
from ..results import Floats, n_pairs
from ..samples import Samples


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
    margin: float = 0.0
    families: str = "joint"
    level: str = "tasks"
    samples: Samples | None = None

    @property
    def sides(self) -> int:
        """1 or 2: how many tails a p-value counts."""
        return 2 if self.alternative == "two-sided" else 1

    @property
    def side(self) -> int:
        """0 two-sided, 1 greater, -1 less."""
        return {"two-sided": 0, "greater": 1, "less": -1}[self.alternative]

    def one_sided(self, low: Floats, high: Floats, *, better_is_positive: bool = True) -> tuple[Floats, Floats]:
        """An interval without the end that a one-sided test says nothing of."""
        side = self.side if better_is_positive else -self.side
        if side > 0:
            return low, np.full_like(high, np.inf)
        return (np.full_like(low, -np.inf), high) if side < 0 else (low, high)


def check_side(alternative: Alternative, control: str | None) -> None:
    """Raise InputError unless the alternative is known, and two-sided where pairs have no direction of their own."""
    check_alternative(alternative)
    if alternative != "two-sided" and control is None:
        raise InputError(
            f"alternative={alternative!r} needs a control: in all pairs, which model is a would be chosen by the data"
        )


def check_level_of(options: Options, samples: Samples | None, implied: str) -> None:
    """Raise InputError unless the level is known, and fits the samples and the test.

    Parameters
    ----------
    options : Options
    samples : Samples or None
    implied : str
        The test that the level implies.
    """
    level = options.level
    if level == "tasks":
        return
    if level == "samples" and samples is None:
        raise InputError(f"level={level!r} needs the samples of a run: give samples=, or compare Samples.open(folder)")
    if options.test != implied:
        raise InputError(f"level={level!r} has a test of its own ({implied}): leave test out (got {options.test!r})")
    if options.statistic != "mean" or options.alternative != "two-sided":
        raise InputError(f"level={level!r} compares means, two-sided: leave statistic and alternative as they are")
    if level == "samples" and options.groups not in (None, False, "known", "none"):
        raise InputError("level='samples' takes these tasks as they are: leave groups out")


def check_statistic(statistic: str) -> None:
    """Raise InputError unless the statistic of the bootstrap is known."""
    if statistic not in ("mean", "family_mean"):
        raise InputError(f"statistic={statistic!r}: expected 'mean' or 'family_mean'")


def alpha_of(alpha: float, confidence_level: float | None) -> float:
    """The level of the verdicts: 1 - the confidence level, where only that was given.

    Raises
    ------
    InputError
        If both were given and differ: a pair could differ by its p-value and not by its interval.
    """
    if confidence_level is None:
        return float(alpha)
    level = check_level(confidence_level, "confidence_level")
    if alpha not in (0.05, 1 - level) and abs(alpha - (1 - level)) > 1e-9:
        raise InputError(
            f"alpha={alpha:g} and confidence_level={level:g}: verdicts and intervals have one level, alpha = 1 - confidence_level; "
            "give one of them"
        )
    return float(1 - level) if abs(alpha - (1 - level)) > 1e-9 else float(alpha)


def level_of(confidence_level: float | None, alpha: float) -> float:
    """The confidence level: the one asked for, else 1 - alpha."""
    return 1 - alpha if confidence_level is None else check_level(confidence_level, "confidence_level")


#: Resamples and random sign vectors where none are asked for.
DRAWS = 10_000
#: With more pairs than these, so many are drawn; and JSON leaves the pairs out.
MANY_PAIRS, FEWER_DRAWS = 500_000, 2_000


def default_draws(pairs: int) -> int:
    """How many are drawn for so many pairs where no number is asked for."""
    return FEWER_DRAWS if pairs > MANY_PAIRS else DRAWS


def draws_for(n_models: int, options: Options, *, asked: bool) -> tuple[Options, list[str]]:
    """The options with fewer draws where pairs are very many and no number was asked for, and what to say about it.

    Random sign vectors hold the level in any number, since the observed signs are counted as one of them (docs/validity.md measured it with
    499); fewer only make the critical value less certain.
    """
    pairs = n_pairs(n_models, options.control)
    draws = default_draws(pairs)
    if asked or draws == DRAWS:
        return options, []
    said = (
        f"For {pairs:,} pairs {draws:,} sign vectors and resamples were drawn in place of {DRAWS:,} "
        f"(n_resamples={DRAWS}, --resamples {DRAWS}); the level holds with any number, and joint p-values are multiples of 1/{draws + 1:,}."
    )
    return replace(options, n_resamples=draws), [said]


def seed_of(rng: int | np.random.Generator | None) -> int:
    """A seed that gives the same numbers again."""
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        if rng < 0:
            raise InputError(f"rng={rng}: expected a seed that is not negative")
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**32))
