"""From texts to token ids: truncation that keeps the EOS, echo, landmarks, segments, padding by our own mask.

Padding is never recognised by the pad token's id, so a tokenizer without one, or with pad = EOS, is not a trap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError

from .attentions import LANDMARK, PADDING, PREFIX, TEXT

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class TextReader:
    """How a variant reads its texts.

    Parameters
    ----------
    padding_side : {"left", "right"}
        Where padding goes; it changes no vector.
    append_eos : bool
        Whether an EOS ends each text, as the paper does; it is kept when a text is truncated.
    echo : bool
        Whether the text is given twice (Springer et al. 2024). The first reading is marked as prefix and not pooled.
    text_only : bool
        Whether only the text's tokens are pooled; by default the instruction's are too, as in the paper.
    landmarks : int
        An EOS after every so many tokens, the last at the end, and they alone are pooled (arXiv 2601.21525); 0 for none.
    """

    padding_side: str = "left"
    append_eos: bool = True
    echo: bool = False
    text_only: bool = False
    landmarks: int = 0

    def __post_init__(self) -> None:
        if self.padding_side not in ("left", "right"):
            raise InputError(f"padding_side={self.padding_side!r}; choose 'left' or 'right'")
        if self.landmarks < 0:
            raise InputError(
                f"landmarks={self.landmarks}; give the tokens from one landmark to the next, or 0 for none"
            )
        if self.landmarks and (self.echo or not self.append_eos):
            raise InputError(
                "landmarks stand at the end of a text too, which is read once; leave out echo and append_eos=False"
            )

    def pooled(self, attention_mask: "Tensor", segments: "Tensor | None") -> "Tensor":
        """Return the mask of the tokens that are pooled, (batch, n) of bool; every text ends in one."""
        if segments is not None and self.landmarks:
            return segments == LANDMARK
        if segments is None or not (self.text_only or self.echo):
            return attention_mask.bool()
        return segments == TEXT

    def __call__(self, tokenizer: Any, texts: Sequence[str], prompt: str, max_length: int) -> "dict[str, Tensor]":
        """Return ``input_ids``, ``attention_mask`` and ``segments``, each (batch, n) of int64.

        Parameters
        ----------
        tokenizer : transformers tokenizer
            A fast one.
        texts : sequence of str
            The texts; an empty one becomes a single EOS (or, without one, BOS, PAD or UNK).
        prompt : str
            Put straight before each text.
        max_length : int
            Tokens per text at most, the EOS included.
        """
        rows = [self._segmented(row) for row in self._rows(tokenizer, texts, prompt, max_length)]
        return _pad(rows, self.padding_side, _first_id(tokenizer, "pad_token_id", "eos_token_id"))

    def _rows(self, tokenizer: Any, texts: Sequence[str], prompt: str, max_length: int) -> list[tuple[list[int], int]]:
        """Return ids and the number of prefix tokens of each text."""
        for text in texts:
            if not isinstance(text, str):
                raise InputError(f"a text of type {type(text).__name__} was given; texts must be str")
        eos = tokenizer.eos_token_id if self.append_eos else None
        if self.landmarks and eos is None:
            raise InputError("the tokenizer has no EOS to stand as a landmark; choose a variant without landmarks")
        room = max_length - (eos is not None)
        if self.landmarks:  # as many whole chunks with a landmark each as there is room for, and the rest of one
            room = max(1, max_length - -(-max_length // (self.landmarks + 1)))
        if self.echo:
            return [self._echo(tokenizer, prompt, text, room, eos) for text in texts]
        encoded = tokenizer(
            [prompt + text for text in texts],
            truncation=True,
            max_length=room + 1,
            return_offsets_mapping=bool(prompt),
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        rows = []
        for i, ids in enumerate(encoded["input_ids"]):
            prefix = sum(end <= len(prompt) for _, end in encoded["offset_mapping"][i]) if prompt else 0
            rows.append(_close(tokenizer, list(ids), prefix, room, eos))
        return rows

    def _segmented(self, row: tuple[list[int], int]) -> tuple[list[int], list[int]]:
        """Return ids and segments of a text, with its landmarks."""
        ids, prefix = row
        if not self.landmarks:
            return ids, [PREFIX] * prefix + [TEXT] * (len(ids) - prefix)
        eos, text = ids[-1], ids[prefix:-1]
        found, segments = ids[:prefix], [PREFIX] * prefix
        for start in range(0, max(1, len(text)), self.landmarks):
            chunk = text[start : start + self.landmarks]
            found += [*chunk, eos]
            segments += [TEXT] * len(chunk) + [LANDMARK]
        return found, segments

    def _echo(self, tokenizer: Any, prompt: str, text: str, room: int, eos: int | None) -> tuple[list[int], int]:
        start = tokenizer(prompt, truncation=True, max_length=max(1, room // 2), verbose=False)["input_ids"]
        if eos is not None and start and start[-1] == eos:
            start = start[:-1]
        half = max(1, (room - len(start)) // 2)
        once = tokenizer(text, add_special_tokens=False, truncation=True, max_length=half, verbose=False)["input_ids"]
        return _close(tokenizer, [*start, *once, *once], len(start) + len(once), room, eos)


def _close(tokenizer: Any, ids: list[int], prefix: int, room: int, eos: int | None) -> tuple[list[int], int]:
    """Cut to the room and put one EOS at the end, whether or not the tokenizer did so already."""
    if eos is not None:
        if ids and ids[-1] == eos:
            ids = ids[:-1]
        ids = [*ids[:room], eos]
    else:
        ids = ids[:room]
    if not ids:
        ids = [_first_id(tokenizer, "eos_token_id", "bos_token_id", "pad_token_id", "unk_token_id")]
    return ids, min(prefix, len(ids) - 1)


def _first_id(tokenizer: Any, *names: str) -> int:
    """Return the first special token that the tokenizer has; 0 if it has none (padding is masked by position)."""
    return next((int(i) for name in names if (i := getattr(tokenizer, name, None)) is not None), 0)


def _pad(rows: list[tuple[list[int], list[int]]], side: str, pad_id: int) -> "dict[str, Tensor]":
    import torch

    width = max(len(ids) for ids, _ in rows)
    shape = (len(rows), width)
    input_ids = torch.full(shape, pad_id, dtype=torch.long)
    attention_mask = torch.zeros(shape, dtype=torch.long)
    segments = torch.full(shape, PADDING, dtype=torch.long)
    for i, (ids, kinds) in enumerate(rows):
        start = width - len(ids) if side == "left" else 0
        stop = start + len(ids)
        input_ids[i, start:stop] = torch.tensor(ids)
        attention_mask[i, start:stop] = 1
        segments[i, start:stop] = torch.tensor(kinds)
    return {"input_ids": input_ids, "attention_mask": attention_mask, "segments": segments}
