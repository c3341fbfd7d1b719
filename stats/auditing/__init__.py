"""The checks behind `embsig.audit`, and how many comparisons each finding touches."""
