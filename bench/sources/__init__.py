"""Readers of MTEB results: trees, archives, their index, and the benchmark definitions."""
