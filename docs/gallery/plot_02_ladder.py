"""
Ladder: the diagram for many models
===================================

Beyond 25 models a line has no room for names; the diagram turns.

**Meant for** 26 to some 200 models. **Terminal:** ``embsig plot critical-difference suite.csv -o ladder.svg --style ladder``

The scores of this one picture are made up (40 models on 30 tasks), since no table of that size comes with embsig; with the public
results at hand, take ``embsig plot critical-difference mteb-results-eng.tar.zst --benchmark "MTEB(eng, v2)" -o ladder.svg``.
"""

import numpy as np
import pandas as pd

import embsig

rng = np.random.default_rng(0)
table = pd.DataFrame(
    0.6 + np.linspace(0, -0.15, 40) + rng.uniform(-0.2, 0.2, (30, 1)) + rng.normal(0, 0.03, (30, 40)),
    index=pd.Index([f"task-{i}" for i in range(30)], name="task"),
    columns=[f"model-{i:02}" for i in range(40)],
)
embsig.critical_difference(embsig.compare(table, rng=0))

# %%
# How to read it
# --------------
# Down the page by mean rank. The whisker of a model holds the ranks that it may have, for all models together at 95 %. Vertical bars are
# the groups that cannot be told apart, as in the diagram of few models.
#
# When not to use it
# ------------------
# With few models, where the diagram on one line says the same in a tenth of the room; and to find one pair, for which the
# report's page has a search.
