"""
Ranks by task family
====================

Is the best the best everywhere?

**Meant for** scores with task families and up to 30 models. **Terminal:** ``embsig plot family-profile suite.csv -o families.svg``
"""

import embsig

comparison = embsig.compare("../examples/suite.csv", rng=0)
embsig.family_profile(comparison)

# %%
# How to read it
# --------------
# The number is the rank within the family; the head says over how many tasks. A dot marks models that may be the best there. With three to
# six tasks a family every model has a dot, and that is the message: so few tasks tell nothing apart.
#
# When not to use it
# ------------------
# To pick the family in which a model shines after the fact (:doc:`selection </explanations/selection>`).
