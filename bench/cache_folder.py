"""Where embsig keeps what it can make again: indexes of sources, the corpus, content hashes."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """``EMBSIG_CACHE``, else ``embsig`` in ``XDG_CACHE_HOME``, else in the platform's usual cache folder."""
    if chosen := os.environ.get("EMBSIG_CACHE"):
        return Path(chosen)
    if os.name == "nt" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "embsig" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "embsig"
