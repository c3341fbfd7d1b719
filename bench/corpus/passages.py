"""More training rows from the same docstrings: what a documentation says beyond its first paragraph, and two passages of one."""

from functools import lru_cache

from .harvest import Entry
from .masking import first_words, mask_name, summary
from .split import hash_unit

#: Words of a passage at most, and at least for it to say anything.
WORDS, FEWEST = 45, 12


@lru_cache(maxsize=100_000)
def body(entry: Entry) -> str:
    """Give all prose of the entry but its summary, on one line, without its name."""
    flat = " ".join(entry.text.split())
    return mask_name(flat.removeprefix(" ".join(entry.summary.split())).strip(), entry)


def passage(entry: Entry) -> str | None:
    """Give the beginning of what stands beside the summary; None where that is less than 12 words.

    Examples
    --------
    >>> words = " ".join(f"word{i}" for i in range(20))
    >>> one = Entry("p", "p.m", "f", "function", "Sum it.", "", (), f"Sum it. {words}")
    >>> passage(one) == words
    True
    """
    text = first_words(body(entry), WORDS)
    return text if len(text.split()) >= FEWEST else None


def two_passages(entry: Entry) -> tuple[str, str] | None:
    """Give two passages of one documentation that share no word's place, in hashed order; None where it is too short for two."""
    words = body(entry).split()
    if len(words) < 2 * FEWEST:
        return None
    length = min(WORDS, len(words) // 2)
    first = first_words(" ".join(words[:length]), length)
    start = length + int(hash_unit("passage", entry.path) * (len(words) - 2 * length + 1))
    second = first_words(" ".join(words[start : start + length]), length)
    if min(len(first.split()), len(second.split())) < FEWEST // 2:
        return None
    return (first, second) if hash_unit("passages", entry.path) < 0.5 else (second, first)


def can_ask(entry: Entry) -> bool:
    """Whether the summary is long enough to ask with."""
    return len(summary(entry).split()) >= 3
