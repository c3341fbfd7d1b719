"""The examples in the docstrings of reports do what they say, and every public name has one."""

import doctest
import importlib
import pkgutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import reports

MODULES = ["reports", *(m.name for m in pkgutil.walk_packages(reports.__path__, "reports."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np, "pd": pd}, verbose=False)
    plt.close("all")
    assert failed == 0
