"""Where embsig keeps what it can make again: indexes of sources, the corpus, content hashes."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """``EMBSIG_CACHE``, else ``embsig`` in the platform's cache folder (``XDG_CACHE_HOME`` where there is one)."""
    if chosen := os.environ.get("EMBSIG_CACHE"):
        return Path(chosen)
    return user_cache_path("embsig", appauthor=False)
