"""The design variants: an attention and a pooling on any decoder, as sentence-transformers modules."""
