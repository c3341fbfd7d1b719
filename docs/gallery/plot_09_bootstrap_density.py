"""
How differences vary with the tasks
===================================

The same benchmark, had other tasks been chosen.

**Meant for** one model and up to 20 others. **Terminal:** ``embsig plot bootstrap-density demsar.csv -o density.svg``
"""

import embsig

comparison = embsig.compare("../examples/demsar.csv", control="C4.5", rng=0)
embsig.bootstrap_density(comparison)

# %%
# How to read it
# --------------
# A curve is the distribution of the mean difference when the tasks are drawn again with replacement; the line and the
# dot under it are the comparison's own interval and estimate, which by the default test is the pseudo-median.
#
# When not to use it
# ------------------
# With fewer than ten tasks: resampling five tasks shows five tasks. Nor is the share of a curve beyond 0 a p-value.
