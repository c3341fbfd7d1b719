"""
Better, equivalent or worse
===========================

Three probabilities in one picture.

**Meant for** one model and up to 25 others. **Terminal:** ``embsig plot equivalence-triangle demsar.csv -o triangle.svg``
"""

import embsig

comparison = embsig.compare("../examples/demsar.csv", control="C4.5", rng=0)
embsig.equivalence_triangle(comparison, rope=0.01)

# %%
# How to read it
# --------------
# A point's corners are "better", "equivalent" (within ``rope``) and "worse" than the one model: the nearer a corner, the more probable,
# by the Bayesian signed-rank test (Benavoli et al. 2017). Points in the middle: nothing is known.
#
# When not to use it
# ------------------
# Without a ``rope`` that means something to you; the default of .01 is a convention. And beside p-values: it answers another question, with
# a prior.
