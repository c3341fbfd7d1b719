"""
Ranks with their confidence sets
================================

What a rank is worth.

**Meant for** 3 to 60 models. **Terminal:** ``embsig plot rank-intervals variants.csv -o ranks.svg``
"""

import embsig

comparison = embsig.compare("../examples/variants.csv", rng=0)
embsig.rank_intervals(comparison)

# %%
# How to read it
# --------------
# The dot is the rank on these tasks, the line holds the ranks that the model may have. All true ranks lie in their sets at once, with 95 %
# confidence. A model whose line does not reach rank 1 is surely not the best; here few of the ten designs may be.
#
# When not to use it
# ------------------
# To compare two models: lines that overlap may belong to a pair that is decided. Pairs are in the
# :doc:`matrix <plot_05_comparison_matrix>`.
