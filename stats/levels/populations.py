"""What each level speaks about."""

#: Level -> what p-values and intervals speak about.
POPULATIONS = {
    "tasks": "other tasks like these",
    "samples": "other samples from these same tasks",
    "both": "other tasks like these, with other samples, training seeds and prompts",
}
