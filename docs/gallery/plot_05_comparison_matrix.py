"""
All pairs
=========

Every difference and its adjusted p-value.

**Meant for** up to 12 models with numbers and wins, up to 30 with numbers, beyond in colour. **Terminal:**
``embsig plot comparison-matrix demsar.csv -o matrix.svg``
"""

import embsig

comparison = embsig.compare("../examples/suite.csv", rng=0)
embsig.comparison_matrix(comparison)

# %%
# How to read it
# --------------
# Above the diagonal: row minus column, with wins, ties and losses. Below it: the adjusted p-value of the pair. Colour is the difference, of pairs that differ significantly alone.
#
# When not to use it
# ------------------
# On a slide: nobody reads thirty cells. And never to look for the smallest p among many pairs by eye; the cells are already corrected.
