"""The evaluation runner: a grid of jobs on mteb, every sample kept, resumable, on one machine or a Ray cluster."""
