"""Random models of a few thousand parameters: decoders with their tokenizer, and a sentence-transformers model."""

import string
from pathlib import Path
from typing import Any

#: Architecture name -> (configuration class, what it needs beyond the common sizes).
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "mistral": ("MistralConfig", {"sliding_window": None}),
    "mistral-window": ("MistralConfig", {"sliding_window": 4}),
    "llama": ("LlamaConfig", {}),
    "qwen2": ("Qwen2Config", {}),
    "qwen3": ("Qwen3Config", {"head_dim": 8}),
    "gemma": ("GemmaConfig", {"head_dim": 8}),
    "gemma3": (
        "Gemma3TextConfig",
        {
            "head_dim": 8,
            "sliding_window": 4,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
}


def save_tokenizer(folder: Path, *, pad: bool = True, eos: bool = True) -> None:
    """Write a byte-level tokenizer with BOS, EOS and, if asked for, PAD."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<s>", "</s>", "<pad>"]
    vocabulary = {token: i for i, token in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = {"bos_token": "<s>", **({"eos_token": "</s>"} if eos else {}), **({"pad_token": "<pad>"} if pad else {})}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=4096, **names).save_pretrained(folder)


def save_decoder(
    folder: Path,
    architecture: str = "llama",
    *,
    layers: int = 3,
    hidden: int = 32,
    seed: int = 0,
    tokenizer: bool = True,
    **tokenizer_options: bool,
) -> Path:
    """Write a random decoder of the architecture, with its tokenizer, and return the folder."""
    import torch
    import transformers

    name, extra = ARCHITECTURES[architecture]
    config = getattr(transformers, name)(
        vocab_size=260,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        initializer_range=0.2,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        **extra,
    )
    torch.manual_seed(seed)
    model = transformers.AutoModel.from_config(config)
    model.save_pretrained(folder)
    if tokenizer:
        save_tokenizer(folder, **tokenizer_options)
    return folder


def save_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Write a random BERT of two layers with a letter vocabulary, mean pooling, as a sentence-transformers folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = folder.parent / f"{folder.name}-base"
    base.mkdir(parents=True)
    letters = string.ascii_lowercase + string.digits + string.punctuation
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    torch.manual_seed(seed)
    BertModel(
        BertConfig(
            vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
            initializer_range=0.5, max_position_embeddings=128,
        )
    ).save_pretrained(base)  # fmt: skip
    BertTokenizerFast(vocab={t: i for i, t in enumerate(vocabulary)}, model_max_length=128).save_pretrained(base)
    words = Transformer(str(base))
    model = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension())], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder
