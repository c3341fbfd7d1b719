"""The checks behind `stats.audit`, and how many comparisons each finding touches."""
