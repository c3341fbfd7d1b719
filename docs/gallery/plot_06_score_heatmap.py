"""
Scores by model and task
========================

Where a difference comes from.

**Meant for** up to 60 models and 60 tasks. **Terminal:** ``embsig plot score-heatmap suite.csv -o heatmap.svg``
"""

import embsig

comparison = embsig.compare("../examples/suite.csv", rng=0)
embsig.score_heatmap(comparison)

# %%
# How to read it
# --------------
# A cell is the score less the mean of all models on that task, so that easy tasks do not look like good models. Look for a row that
# changes its colour with the family: TF-IDF is ahead of the small models in retrieval and behind them in STS.
#
# When not to use it
# ------------------
# As evidence: it has no uncertainty. It says where to look.
