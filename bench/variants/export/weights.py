"""The weights and the tokenizer of an exported model."""

from pathlib import Path
from typing import Any

from torch import Tensor

from stats.common.errors import InputError

from ..weights import merge_adapters


def write_weights(decoder: Any, folder: Path) -> None:
    """Write configuration and weights of a decoder, its adapter merged, as transformers reads them.

    Parameters
    ----------
    decoder : Decoder
        Its adapter is merged in place.
    folder : Path
    """
    from huggingface_hub import save_torch_state_dict

    merge_adapters(decoder.model)
    decoder.config.save_pretrained(str(folder))
    save_torch_state_dict(_plain(decoder.model.state_dict()), str(folder), metadata={"format": "pt"})


def _plain(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state under the names that it has without adapters."""
    return {
        name.replace(".base_layer.", "."): tensor.contiguous() for name, tensor in state.items() if ".lora_" not in name
    }


def closing_tokenizer(tokenizer: Any, *, append_eos: bool, max_length: int) -> Any:
    """Return the tokenizer as one that ends each text in an EOS by itself, which no truncation cuts off, and pads on the right.

    Padding on the right, since the weighted mean of sentence-transformers counts positions from the left, padding included.

    Raises
    ------
    InputError
        If the tokenizer puts something behind a text that is no EOS.
    """
    from copy import deepcopy

    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    backend = deepcopy(tokenizer.backend_tokenizer)
    bare = tokenizer("a b", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a b")["input_ids"]
    start = next((i for i in range(len(whole)) if whole[i : i + len(bare)] == bare), 0)
    before, behind = whole[:start], whole[start + len(bare) :]
    if behind not in ([], [tokenizer.eos_token_id]):
        raise InputError(
            f"the tokenizer puts {tokenizer.convert_ids_to_tokens(behind)} behind a text: expected nothing or an EOS"
        )
    if append_eos and tokenizer.eos_token_id is not None:
        ids = [*dict.fromkeys([*before, tokenizer.eos_token_id])]
        named = {int(i): str(tokenizer.convert_ids_to_tokens(i)) for i in ids}
        lead, eos = " ".join(named[i] for i in before), named[tokenizer.eos_token_id]
        backend.post_processor = TemplateProcessing(
            single=f"{lead} $A {eos}".strip(),
            pair=f"{lead} $A {eos} $B:1 {eos}:1".strip(),
            special_tokens=[(token, i) for i, token in named.items()],
        )
    special = {
        name: getattr(tokenizer, name)
        for name in ("bos_token", "eos_token", "unk_token", "pad_token")
        if getattr(tokenizer, name, None) is not None
    }
    special.setdefault("pad_token", special.get("eos_token"))
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, padding_side="right", model_max_length=max_length, **special
    )
