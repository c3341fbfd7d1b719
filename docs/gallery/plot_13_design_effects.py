"""
Effects of the design factors
=============================

Which choice matters, at equal levels of the others.

**Meant for** models that are combinations of choices. **Terminal:**
``embsig plot design-effects variants.csv --design variants-design.csv -o effects.svg``
"""

import pandas as pd

import embsig

design = pd.read_csv("../examples/variants-design.csv", index_col="model")
comparison = embsig.compare("../examples/variants.csv", design=design, rng=0)
embsig.design_effects(comparison)

# %%
# How to read it
# --------------
# A block is a contrast of two levels of a factor, a row a family of tasks. Bidirectional attention gains .005 over causal at equal
# pooling over all tasks, and the interval leaves out 0: filled. Behind the contrast stands whether it depends on the family.
#
# When not to use it
# ------------------
# For models that differ in more than the table of the design says: the rest hides in the factors.
