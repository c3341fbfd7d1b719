"""Hide an object's own name, and a library's, in its documentation, so that no task can be solved by copying it."""

import re
from functools import lru_cache

from .harvest import Entry
from .packages import PACKAGES

#: What stands in place of a hidden name.
MASK = "this"

#: Names by which the libraries call themselves, besides their import and distribution names.
_ALSO = {
    "PIL": ("pillow",),
    "sklearn": ("scikit-learn", "scikit learn"),
    "networkx": ("nx",),
    "numpy": ("np",),
    "pandas": ("pd",),
    "torch": ("pytorch",),
    "sentence_transformers": ("sbert", "sentence transformers"),
    "transformers": ("hugging face", "huggingface"),
    "polars": ("pl",),
    "matplotlib": ("pyplot", "plt", "mpl"),
    "xarray": ("xr",),
    "seaborn": ("sns",),
    "huggingface_hub": ("hugging face", "huggingface", "hf"),
}


def mask_name(text: str, entry: Entry) -> str:
    """Replace the entry's own name in a text: alone, in a dotted path, as a call, of any case; also its class's.

    Examples
    --------
    >>> from bench.corpus import Entry
    >>> mask_name("Use numpy.sort(a) or Sort; sorted copies stay.", Entry("numpy", "numpy", "sort", "function", "", "", (), ""))
    'Use this or this; sorted copies stay.'
    """
    parts = (entry.qualname or entry.module).split(".")
    names = {part.strip("_") for part in parts[-2:] if entry.qualname} | {entry.name.strip("_")}
    names = {name for name in names if len(name) > 1}
    lower = text.lower()
    if not any(name.lower() in lower for name in names):
        return " ".join(text.split())
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = rf"(?<![\w])(?:\w+\.)*_*(?:{listed})_*(?![\w])(?:\.\w+)*(?:\([^()]*\))?"
    return " ".join(re.sub(pattern, MASK, text, flags=re.IGNORECASE).split())


def mask_libraries(text: str) -> str:
    """Replace the names of all libraries of the corpus.

    Examples
    --------
    >>> mask_libraries("A NumPy array for scikit-learn.")
    'A this array for this.'
    """
    return _LIBRARY.sub(MASK, text)


_LIBRARY = re.compile(
    r"(?<![\w])(?:"
    + "|".join(
        re.escape(name)
        for name in sorted(
            {*PACKAGES, *PACKAGES.values(), *(name for names in _ALSO.values() for name in names)},
            key=len,
            reverse=True,
        )
    )
    + r")(?:\.\w+)*(?![\w])",
    re.IGNORECASE,
)


def first_words(text: str, words: int) -> str:
    """Keep whole sentences up to about `words` words: the sentence in which the limit falls ends the text, cut there."""
    parts = text.split()
    if len(parts) <= words:
        return text
    cut = parts[:words]
    for end in range(len(cut), words // 2, -1):
        if cut[end - 1][-1] in ".!?":
            return " ".join(cut[:end])
    return " ".join(cut)


@lru_cache(maxsize=100_000)
def summary(entry: Entry, words: int = 30) -> str:
    """Give the entry's summary without its name."""
    return first_words(mask_name(entry.summary, entry), words)


@lru_cache(maxsize=100_000)
def description(entry: Entry, words: int = 45) -> str:
    """Give the beginning of the entry's description without its name."""
    return first_words(mask_name(entry.description, entry), words)
