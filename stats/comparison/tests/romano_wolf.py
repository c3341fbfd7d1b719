"""Romano and Wolf's step-down correction of the tests that draw all pairs jointly."""

from typing import Literal

from ...posthoc import romano_wolf
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Run


def step_down(null: Literal["bootstrap", "sign-flip"]) -> Run:
    """The test by these draws, with adjusted p-values."""

    def run(scores: Scores, options: Options) -> PairwiseResult:
        return romano_wolf(
            scores,
            null=null,
            n_resamples=options.n_resamples,
            groups=options.groups,
            alternative=options.alternative,
            control=options.control,
            rng=options.seed,
        )

    return run
