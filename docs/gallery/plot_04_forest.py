"""
Forest plot
===========

How much each model differs from one.

**Meant for** a control and up to 30 others. **Terminal:** ``embsig plot forest demsar.csv --control C4.5 -o forest.svg``
"""

import embsig

comparison = embsig.compare("../examples/demsar.csv", control="C4.5", rng=0)
embsig.forest(comparison)

# %%
# How to read it
# --------------
# A mark is the difference from C4.5 that the test is about (by default the pseudo-median), the line its simultaneous interval: all of them
# hold together. Filled: the interval leaves out 0, the difference is significant. Hollow: it cannot be told apart. C4.5+cf is hollow, and
# its line says why that is not "equal": from -.015 to +.020 everything is possible.
#
# When not to use it
# ------------------
# To compare two models that are both not the control; draw it again with ``model=``, or take the matrix.
