"""The study of pooling and attention: its protocol, its training, its archive and its answers."""

from .answers import Answer, designs_by_family, study_answers
from .archive import Archive, read_archive, study_archive, write_archive
from .protocol import HYPOTHESES, SEEDS, VARIANTS

__all__ = [
    "HYPOTHESES",
    "SEEDS",
    "VARIANTS",
    "Answer",
    "Archive",
    "designs_by_family",
    "read_archive",
    "study_answers",
    "study_archive",
    "write_archive",
]
