"""
Critical-difference diagram
===========================

Which models can be told apart, on one line.

**Meant for** 3 to 25 models and all pairs. **Terminal:** ``embsig plot critical-difference demsar.csv -o cd.pdf``
"""

import embsig

comparison = embsig.compare("../examples/demsar.csv", rng=0)
embsig.critical_difference(comparison)

# %%
# How to read it
# --------------
# Models stand at their mean rank over tasks; 1 is the best. A bar joins models of which **no two** can be told apart by the test that
# the caption names. Here C4.5+m and C4.5 share no bar: they differ. C4.5+m+cf and C4.5 share none either, though that pair is
# undecided, because C4.5+m lies between them: such pairs are listed as *uncovered*.
#
# When not to use it
# ------------------
# - To show *how much* models differ: distances are mean ranks, not scores. Take the :doc:`forest plot <plot_04_forest>`.
# - To claim equality: a bar says "undecided".
# - With a control: bars are about all pairs. With more than 25 models: see :doc:`the ladder <plot_02_ladder>`.
#
# With Nemenyi's test the bars have one length, the critical difference, as in Demšar's own figure:

embsig.critical_difference(embsig.compare("../examples/demsar.csv", test="nemenyi", rng=0))
