"""The embedded base: a small decoder pretrained on the corpus, its tokenizer, and the way to load it."""

from .loader import base_folder, base_manifest, corpus_note, variants_folder

__all__ = ["base_folder", "base_manifest", "corpus_note", "variants_folder"]
