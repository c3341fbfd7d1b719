"""The examples in the docstrings of stats do what they say."""

import doctest
import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest

import stats

MODULES = ["stats", *(m.name for m in pkgutil.walk_packages(stats.__path__, "stats."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np, "pd": pd}, verbose=False)
    assert failed == 0
