"""The study's report: claims and answers first, then its designs compared as any models are."""

from .opening import Opening, study_opening
from .published import BASELINE, beside_the_paper, paper_sentence
from .writing import Study, write_study

__all__ = ["BASELINE", "Opening", "Study", "beside_the_paper", "paper_sentence", "study_opening", "write_study"]
