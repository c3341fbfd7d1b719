"""The tests that `compare` knows by name: one module each, one line here."""

from .base import Estimand, Test
from .bayes import BAYES, BAYES_T
from .bonferroni_dunn import BONFERRONI_DUNN
from .bootstrap import BOOTSTRAP
from .conover import CONOVER
from .levels import CROSSED_T, STRATIFIED_T
from .nemenyi import NEMENYI
from .paired_t import PAIRED_T
from .registry import TESTS, register_test
from .sign import SIGN
from .sign_flip import SIGN_FLIP
from .wilcoxon import WILCOXON

__all__ = ["TESTS", "Estimand", "Test", "register_test"]

# In the order in which help texts name them.
for _test in (
    WILCOXON, SIGN, SIGN_FLIP, PAIRED_T, BOOTSTRAP, NEMENYI, CONOVER, BONFERRONI_DUNN, BAYES, BAYES_T, STRATIFIED_T, CROSSED_T,
):  # fmt: skip
    register_test(_test)
