"""The embedded base: a small decoder pretrained on the corpus, its tokenizer, and the way to load it."""
