"""The examples in the docstrings of bench's public names do what they say."""

import doctest
import inspect
import sys

import pytest

pytest.importorskip("torch")

import bench

NAMES = [name for name in bench.__all__ if inspect.isfunction(getattr(bench, name))]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str) -> None:
    function = getattr(bench, name)
    found = doctest.DocTestFinder(recurse=False).find(
        function, name, globs=dict(vars(sys.modules[function.__module__]))
    )
    runner = doctest.DocTestRunner(verbose=False)
    for test in found:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
