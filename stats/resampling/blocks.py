"""Work on blocks of pairs, shared among threads, and memory that each of them uses again."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from ..common.advance import tell
from ..common.threads import n_threads, one_blas_thread
from ..results import Floats

#: More threads than this wait for one another: Python runs one at a time between two operations of numpy.
_MOST_THREADS = 8


def for_each(blocks: Iterable[slice], work: Callable[[slice], None]) -> None:
    """Do the work on every block, on as many threads as ``OMP_NUM_THREADS`` says, else as there are cores, but at most eight.

    No block may need another one's result, so that the numbers do not depend on the number of threads.

    Parameters
    ----------
    blocks : iterable of slice
    work : callable
        It must set the floating-point errors that it expects (`numpy.errstate`) by itself: threads do not inherit them.
    """
    todo = list(blocks)
    threads = min(n_threads(), len(todo), _MOST_THREADS)
    with one_blas_thread():
        if threads < 2:
            for n, block in enumerate(todo, 1):
                work(block)
                tell(n, len(todo))
            return
        _share(todo, work, threads)


def _share(todo: list[slice], work: Callable[[slice], None], threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        try:
            for n, done in enumerate([pool.submit(work, block) for block in todo], 1):
                done.result()
                tell(n, len(todo))
        finally:
            pool.shutdown(cancel_futures=True)


class Memory(threading.local):
    """Arrays that a thread uses again: fresh memory takes as long as the arithmetic in it."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[Any]] = {}

    def floats(self, name: str, rows: int, columns: int) -> Floats:
        """An array of this shape, to be used before the same thread asks for this name again."""
        return self._array(name, rows, columns, np.float64)

    def singles(self, name: str, rows: int, columns: int) -> npt.NDArray[np.float32]:
        """The same in single precision."""
        return self._array(name, rows, columns, np.float32)

    def flags(self, name: str, rows: int, columns: int) -> npt.NDArray[np.bool_]:
        """The same of truth values."""
        return self._array(name, rows, columns, np.bool_)

    def _array(self, name: str, rows: int, columns: int, kind: type) -> npt.NDArray[Any]:
        held = self._held.get(name)
        if held is None or held.size < rows * columns:
            held = self._held[name] = np.empty(rows * columns, kind)
        return held[: rows * columns].reshape(rows, columns)
