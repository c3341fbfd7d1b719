"""How many threads to work with, and numbers that do not depend on it."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def n_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_threads(workers: int = 1) -> int:
    """Threads of one of so many workers: as ``OMP_NUM_THREADS`` says, else its share of the cores."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdigit() and int(said) > 0 else max(1, n_cores() // workers)


def one_blas_thread() -> AbstractContextManager[Any]:
    """Within it, BLAS computes a product in the thread that asks for it.

    BLAS splits a product among its own threads at places that depend on their number, and some kernels (OpenBLAS's for Haswell)
    then add in another order: the last bits of an interval would depend on the machine's cores. Whole blocks of pairs are what
    our own threads share (`stats.resampling.blocks.for_each`), and those do not depend on one another.
    """
    return _controller(with_scipy="scipy.linalg" in sys.modules).limit(limits=1, user_api="blas")  # type: ignore[no-any-return]  # threadpoolctl has no types


def same_bits_on_any_cores(analysis: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate an analysis that multiplies matrices: its numbers are the same bits on any number of threads."""

    @wraps(analysis)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with one_blas_thread():
            return analysis(*args, **kwargs)

    return run


@cache
def _controller(*, with_scipy: bool) -> Any:
    """The BLAS libraries that are loaded: numpy's, and scipy's where somebody works with it; looking for them takes milliseconds.

    No analysis multiplies matrices by scipy's, so it is not loaded to be held still: that takes longer than a small comparison. What
    loads it on its way (scipy.optimize, scipy.stats) hands it vectors of a few numbers, which it never splits.
    """
    from threadpoolctl import ThreadpoolController

    del with_scipy  # it is what the answer is kept by
    return ThreadpoolController()
