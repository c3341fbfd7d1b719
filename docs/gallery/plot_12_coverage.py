"""
Models and tasks compared
=========================

What was left out, and what else could have been.

**Meant for** tables with holes. **Terminal:** ``embsig plot coverage suite.csv -o coverage.svg``
"""

import embsig

comparison = embsig.compare("../examples/suite.csv", rng=0)
embsig.plot_kind("coverage")(comparison)

# %%
# How to read it
# --------------
# Each point is a number of tasks left out, and how many models then have every task that stays; the filled one was compared. BM25 is for
# search alone: with all 21 tasks six models remain, with twelve tasks less all seven.
#
# When not to use it
# ------------------
# Where no score is missing: it is one point.
