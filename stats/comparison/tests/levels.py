"""The tests that the levels of samples and of crossed factors imply."""

from ..sample_level import run_at_level
from .base import Test, no_bound

STRATIFIED_T = Test(
    name="stratified-t",
    title="stratified t test over samples",
    symbol="t",
    estimand="mean",
    run=run_at_level,
    smallest_pvalue=no_bound,
    assumes="samples are independent within these tasks",
    references=(
        "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin 2, 110–114.",
    ),
)
CROSSED_T = Test(
    name="crossed-t",
    title="t test over tasks and training runs",
    symbol="t",
    estimand="mean",
    run=run_at_level,
    smallest_pvalue=no_bound,
    assumes="tasks, training seeds and prompts are samples of those one cares about",
    references=(
        "Banerjee, S. (1960). Approximate confidence interval for linear functions of means of k populations when the population variances are not equal. Sankhyā 22, 357–358.",
    ),
    takes_groups=True,
)
