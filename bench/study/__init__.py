"""The study of pooling and attention: its protocol, its training, its archive and its answers."""

from .answers import Answer, answers
from .archive import Archive, read_archive, write_archive
from .protocol import HYPOTHESES, SEEDS, VARIANTS

__all__ = ["HYPOTHESES", "SEEDS", "VARIANTS", "Answer", "Archive", "answers", "read_archive", "write_archive"]
