"""Write the finished base: fp16 weights, tokenizer, manifest."""

import json
from pathlib import Path
from typing import Any

#: Tensors are stored in half precision; loaders compute in float32.
WEIGHTS = "model.safetensors"


def save_base(folder: Path, model: Any, tokenizer: Any, manifest: dict[str, Any]) -> None:
    """Write the decoder (without its tied output head), its tokenizer and the manifest to a folder."""
    from safetensors.torch import save

    config = model.config.to_dict()
    config |= {"dtype": "float16", "architectures": ["Qwen2ForCausalLM"]}
    for key in ("torch_dtype", "_attn_implementation_internal", "_attn_implementation"):
        config.pop(key, None)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    tensors = {
        name: value.detach().half().contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith("lm_head")
    }
    (folder / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
    tokenizer.save_pretrained(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
