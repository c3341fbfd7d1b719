"""
Power curve
===========

How large must a difference be to be found?

**Meant for** planning. **Terminal:** ``embsig plot power-curve demsar.csv -o power.svg``
"""

import embsig

comparison = embsig.compare("../examples/demsar.csv", rng=0)
embsig.power_curve(comparison)

# %%
# How to read it
# --------------
# Along the bottom true differences, up the chance to find them significant; one curve each for half, all and twice the tasks, and one for all
# tasks and a single comparison that was named beforehand. Seven tasks have no curve to speak of: 2 / 2^7 = .016 is no p-value that six comparisons
# leave significant.
#
# When not to use it
# ------------------
# To explain a result with the difference that was observed: that power is the p-value in other clothes (Hoenig and Heisey 2001).
