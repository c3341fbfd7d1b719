"""From texts to token ids: truncation that keeps the EOS, echo, segments, padding by our own mask.

Padding is never recognised by the pad token's id, so a tokenizer without one, or with pad = EOS, is not a trap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError

from .attentions import PADDING, PREFIX, TEXT

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
    """

    padding_side: str = "left"
    append_eos: bool = True
    echo: bool = False
    text_only: bool = False

    def __post_init__(self) -> None:
        if self.padding_side not in ("left", "right"):
            raise InputError(f"padding_side={self.padding_side!r}; choose 'left' or 'right'")

    def pooled(self, attention_mask: "Tensor", segments: "Tensor | None") -> "Tensor":
        """Return the mask of the tokens that are pooled, (batch, n) of bool; every text ends in one."""
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
        rows = self._rows(tokenizer, texts, prompt, max_length)
        return _pad(rows, self.padding_side, _first_id(tokenizer, "pad_token_id", "eos_token_id"))

    def _rows(self, tokenizer: Any, texts: Sequence[str], prompt: str, max_length: int) -> list[tuple[list[int], int]]:
        """Return ids and the number of prefix tokens of each text."""
        for text in texts:
            if not isinstance(text, str):
                raise InputError(f"a text of type {type(text).__name__} was given; texts must be str")
        eos = tokenizer.eos_token_id if self.append_eos else None
        room = max_length - (eos is not None)
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


def _pad(rows: list[tuple[list[int], int]], side: str, pad_id: int) -> "dict[str, Tensor]":
    import torch

    width = max(len(ids) for ids, _ in rows)
    shape = (len(rows), width)
    input_ids = torch.full(shape, pad_id, dtype=torch.long)
    attention_mask = torch.zeros(shape, dtype=torch.long)
    segments = torch.full(shape, PADDING, dtype=torch.long)
    for i, (ids, prefix) in enumerate(rows):
        start = width - len(ids) if side == "left" else 0
        stop = start + len(ids)
        input_ids[i, start:stop] = torch.tensor(ids)
        attention_mask[i, start:stop] = 1
        segments[i, start : start + prefix] = PREFIX
        segments[i, start + prefix : stop] = TEXT
    return {"input_ids": input_ids, "attention_mask": attention_mask, "segments": segments}
