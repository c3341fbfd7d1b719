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
        Inside, where the file cannot be read. Most of pyarrow's errors are of its own kind; what pandas left in the metadata is
        taken at its word, and may end in any error (KeyError, TypeError, RecursionError, decimal's own) where it lies.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        kind = (
            ""
            if type(error).__module__.startswith("pyarrow") or isinstance(error, OSError | ValueError)
            else f"{type(error).__name__}: "
        )
        raise InputError(f"{path}: cannot be read as Parquet: {kind}{said}") from error
