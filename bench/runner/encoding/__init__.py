"""Models as mteb encoders: token budgets, instructions, kept embeddings."""
