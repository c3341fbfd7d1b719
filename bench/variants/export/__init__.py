"""Models that leave embsig: folders that sentence-transformers and mteb load without it."""
