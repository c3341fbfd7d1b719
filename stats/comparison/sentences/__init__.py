"""A comparison in words: conclusions, warnings, a paragraph for a paper, what Python and notebooks print."""
