"""
Models and tasks compared
=========================

What was left out, and what else could have been.

**Meant for** tables with holes. **Terminal:** ``embsig plot coverage suite.csv -o coverage.svg``

The scores of this one picture are made up (16 models on 24 tasks, eight of them not on all); of public results, take
``embsig plot coverage mteb-results-eng.tar.zst --benchmark "MTEB(eng, v2)" -o coverage.svg``.
"""

import numpy as np
import pandas as pd

import embsig

rng = np.random.default_rng(0)
table = pd.DataFrame(
    0.6 + rng.normal(0, 0.1, (24, 1)) + rng.normal(0, 0.03, (24, 16)),
    index=pd.Index([f"task-{i:02}" for i in range(24)], name="task"),
    columns=[f"model-{i:02}" for i in range(16)],
)
for model, tried in enumerate((23, 23, 22, 21, 20, 19, 16, 12)):
    table.iloc[tried:, model] = np.nan
comparison = embsig.compare(table, missing="auto", rng=0)
embsig.plot_kind("coverage")(comparison)

# %%
# How to read it
# --------------
# Each point is a number of tasks left out, and how many models then have every task that stays; the filled one was compared. Eight models
# have all 24 tasks; without one task they are ten, without two eleven. ``missing="auto"`` takes the fewest tasks left out that keep 95 % of
# the scores of the largest block.
#
# When not to use it
# ------------------
# Where no score is missing: it is one point.
