"""Resampling: draws of tasks, what they say of rows of differences, and the threads and memory that they take."""
