"""Parquet files that may be damaged."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError


@contextmanager
def reading_parquet(path: Path) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file inside into an input error that names the file.

    Raises
    ------
    InputError
        Inside, where the file cannot be read. Most of pyarrow's errors are of its own kind; metadata that pandas left and that
        are damaged end in a ValueError.
    """
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:200]}") from error
