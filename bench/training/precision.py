"""In which numbers a run computes on this machine, before there is a model."""

from pathlib import Path


def has_bf16() -> bool:
    """Whether this machine multiplies bfloat16 natively: an accelerator, or a CPU with AVX512-BF16 or AMX."""
    import torch

    if torch.accelerator.is_available():
        return not torch.cuda.is_available() or torch.cuda.is_bf16_supported()
    return any(
        getattr(torch.cpu, name, lambda: False)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )


def autocast(precision: str) -> str:
    """Return what a recipe's precision comes to here: ``bf16`` or ``fp32``."""
    return "bf16" if precision == "bf16" and has_bf16() else "fp32"


def resolved(folder: Path, precision: str, dtype: str | None, attn_implementation: str | None) -> dict[str, str]:
    """Return in what numbers and by which attention a run computes here, less what is as on a CPU by default.

    A run that was begun in other numbers is another run: its checkpoint would be continued in these. What is left out is
    what earlier versions, whose runs know nothing of it, did.
    """
    import torch

    from bench.variants.base import read_config

    if dtype is None:
        own = getattr(read_config(folder), "dtype", None) or "float32"
        dtype = str(own).removeprefix("torch.") if torch.accelerator.is_available() else "float32"
    found = {"dtype": dtype, "autocast": autocast(precision), "attn_implementation": attn_implementation or ""}
    plain = {"dtype": "float32", "autocast": "fp32", "attn_implementation": ""}
    return {name: value for name, value in found.items() if value != plain[name]}
