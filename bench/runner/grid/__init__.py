"""The grid: which models on which tasks, with which instructions."""
