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
# Models stand at their mean rank over tasks; 1 is the best. Where few pairs differ, as here, a bracket with a ≠ joins the two that do: C4.5+m
# and C4.5; no other two can be told apart. Where many differ, a bar joins models of which **no two** can be told apart, by the test
# that the caption names. A pair may be undecided and share no bar, because a model between the two differs from one of them: the caption
# counts such pairs.
#
# When not to use it
# ------------------
# - To show *how much* models differ: distances are mean ranks, not scores. Take the :doc:`forest plot <plot_04_forest>`.
# - To claim equality: a bar, or no bracket, says "undecided".
# - With a control: bars are about all pairs. With more than 25 models: see :doc:`the ladder <plot_02_ladder>`.
#
# With Nemenyi's test a bar joins mean ranks that are closer than the critical difference, as in Demšar's own figure. Here it joins all four:
# that test finds nothing.

embsig.critical_difference(embsig.compare("../examples/demsar.csv", test="nemenyi", rng=0))
