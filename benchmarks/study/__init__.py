"""The study of pooling and attention: make it, answer from its archive."""
