"""
Performance profile
===================

How often is a model close to the best?

**Meant for** up to eight models in colour. **Terminal:** ``embsig plot performance-profile suite.csv -o profile.svg``
"""

import embsig

comparison = embsig.compare("../examples/suite.csv", rng=0)
embsig.performance_profile(comparison)

# %%
# How to read it
# --------------
# At a distance d the curve is the share of tasks on which the model comes within d of the best score. At 0 it is the share of tasks
# that it wins. A curve above another one everywhere belongs to the safer choice. After Dolan and Moré (2002), with differences in place of
# ratios.
#
# When not to use it
# ------------------
# As a test: curves have no intervals. And "the best score" is that of these models; with others, all curves move.
