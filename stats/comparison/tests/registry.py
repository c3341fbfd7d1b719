"""The registry of tests, and how a test and a correction are matched."""

from dataclasses import replace

import numpy as np

from ...common.errors import InputError, unknown
from ...common.registry import Registry
from ...planning.simulation import register_simulation
from ...posthoc import adjust
from ...posthoc.corrections import CORRECTIONS
from ..options import Options
from .base import Test

#: The correction by joint sign flips of units.
MAX_T = "max-t"
#: Tests by name. Others' are found by the entry points of the group ``embsig.tests``.
TESTS: Registry[Test] = Registry("test", Test, "embsig.tests")


def register_test(test: Test, *, replace: bool = False) -> None:
    """Make a test known to `compare`, the reports and the command line by its name.

    Other distributions register theirs by an entry point of the group ``embsig.tests`` that loads to a `Test`.

    Parameters
    ----------
    test : Test
    replace : bool
        Take the place of a test of the same name.

    Raises
    ------
    InputError
        If the name is taken.

    Examples
    --------
    The sign test under another name:

    >>> from dataclasses import replace
    >>> import embsig
    >>> from stats.comparison.tests import TESTS
    >>> embsig.register_test(replace(TESTS["sign"], name="signs"))
    >>> TESTS["signs"].title
    'sign test'
    >>> TESTS.unregister("signs")
    """
    TESTS.register(test, replace=replace)


def matched(options: Options) -> Test:
    """The test by its name, with its joint correction where one was asked for.

    Raises
    ------
    InputError
        If the test or the correction is unknown, or the two do not go together.
    """
    test = TESTS.find(options.test)
    if test.needs_control and options.control is None:
        raise InputError(f"{test.name} compares with a control: name one (control=...), or use test='nemenyi'")
    test.check(options)
    if test.own_correction is not None:
        return test
    correction = CORRECTIONS.get(options.correction)
    if correction is None or (correction.adjust is None and not correction.joint):
        raise unknown("correction", options.correction, corrections_to_choose())
    if correction.name == MAX_T and test.flips is not None:
        return replace(test, own_correction=MAX_T)
    if correction.joint:
        if correction.name not in test.joint:
            able = sorted(
                name
                for name, other in TESTS.items()
                if correction.name in other.joint or (correction.name == MAX_T and other.flips is not None)
            )
            raise InputError(
                f"{correction.name} takes joint draws of all pairs and test {test.name!r} has none: use "
                f"test={' or '.join(map(repr, able))}"
            )
        return replace(test, run=test.joint[correction.name], own_correction=correction.name)
    if correction.all_pairs_only and options.control is not None:
        raise InputError(f"correction={correction.name!r} is for all pairs: use 'holm' with a control")
    return test


def unused(options: Options, correction: str | None) -> list[str]:
    """Say which options that were asked for this test does not use.

    Parameters
    ----------
    options : Options
    correction : str or None
        As it was asked for; None where it was not.
    """
    test = TESTS.find(options.test)
    said = []
    if correction not in (None, "none") and not test.has_pvalues:
        said.append(f"correction={correction!r} is not used: the {test.title} has no p-values to adjust.")
    elif correction not in (None, "bonferroni-dunn", test.own_correction) and test.own_correction is not None:
        said.append(f"correction={correction!r} is not used: the {test.title} adjusts for all pairs by itself.")
    if options.rope > 0 and options.test not in ("bayes", "bayes-t"):
        said.append(
            f"rope={options.rope:g} is not used: it belongs to the Bayesian tests (bayes, bayes-t); margin={options.rope:g} "
            f"(--margin {options.rope:g}) asks which pairs are equivalent within it by this test."
        )
    if options.interval != "symmetric" and options.test != "bootstrap":
        said.append(
            f"interval={options.interval!r} is not used: it belongs to the bootstrap (test='bootstrap', --test bootstrap)."
        )
    return said


def default_correction(test: str, level: str) -> str:
    """Joint sign flips where the test is one by signs of units; else Holm's."""
    found = TESTS.get(test)
    return MAX_T if level == "tasks" and found is not None and found.flips is not None else "holm"


def corrections_to_choose() -> list[str]:
    """Names of the corrections that go with more than one test."""
    return [name for name, c in CORRECTIONS.items() if c.adjust is not None or c.joint]


def smallest_adjusted(test: Test, options: Options, n_units: int, n_models: int, n_pairs: int) -> tuple[float, float]:
    """The smallest p-value a pair can reach, before and after the correction for `n_pairs` pairs."""
    least = test.smallest_pvalue(n_units, n_models, options)
    if np.isnan(least) or test.own_correction is not None:
        return least, least
    # Monotone corrections are kindest when every pair reaches the smallest p.
    return least, float(adjust(np.full(n_pairs, least), options.correction)[0])


def simulated_as(test: Test) -> str:
    """The name by which planning simulates a test; Wilcoxon's stands in for one that cannot be simulated."""
    if test.simulate is None:
        return "wilcoxon"
    register_simulation(test.name, test.simulate)
    return test.name
