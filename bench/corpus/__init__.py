"""The corpus: docstrings of the scientific packages embsig depends on, read from their installed sources."""

from .cache import Corpus, build_corpus, load_corpus, read_corpus, write_corpus
from .harvest import Entry, harvest
from .packages import PACKAGES, installed_sources
from .split import SHARES, split_entries
from .triples import training_triples, write_triples

__all__ = [
    "PACKAGES",
    "SHARES",
    "Corpus",
    "Entry",
    "build_corpus",
    "harvest",
    "installed_sources",
    "load_corpus",
    "read_corpus",
    "split_entries",
    "training_triples",
    "write_corpus",
    "write_triples",
]
