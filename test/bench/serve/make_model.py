"""Trains what all servers serve: 100 trees of depth 6 on 32 columns. Usage: make_model.py FILE"""

import sys

import numpy as np
import xgboost

random = np.random.default_rng(7)
rows = random.normal(size=(30_000, 32)).astype(np.float32)
# Much of it is noise, so that every tree grows to its depth.
target = rows[:, 0] * rows[:, 1] + np.sin(rows[:, 2] * 3) + random.normal(size=len(rows))
model = xgboost.train(
    {"max_depth": 6, "eta": 0.1, "nthread": 2, "min_child_weight": 1, "seed": 1},
    xgboost.DMatrix(rows, target),
    num_boost_round=100,
)
model.save_model(sys.argv[1])
