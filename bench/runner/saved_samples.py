"""``bench.read_samples``: the samples of a run."""

from os import PathLike

from stats.samples import Samples


def read_samples(folder: str | PathLike[str]) -> Samples:
    """Open the samples that `bench.evaluate` wrote; they are read lazily, one task at a time.

    Parameters
    ----------
    folder : path-like
        The output folder of a run.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        If it holds no samples.
    """
    return Samples.open(folder)
