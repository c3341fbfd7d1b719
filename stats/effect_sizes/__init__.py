"""Effect sizes for every pair of models, with their intervals."""
