"""How many threads to work with."""

import os


def n_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_threads(workers: int = 1) -> int:
    """Threads of one of so many workers: as ``OMP_NUM_THREADS`` says, else its share of the cores."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdigit() and int(said) > 0 else max(1, n_cores() // workers)
