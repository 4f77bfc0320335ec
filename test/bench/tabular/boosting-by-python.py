"""Boosts trees on a file of rows with a Python peer: PEER FILE ROWS WIDTH CLASSES ROUNDS THREADS; ms, MiB."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np

peer, file = sys.argv[1], sys.argv[2]
rows, width, classes, rounds, threads = map(int, sys.argv[3:])
x = np.fromfile(file, dtype=np.float32, count=rows * width).reshape(rows, width)
y = np.fromfile(file, dtype=np.float32, offset=rows * width * 4)
middle = rows * 4 // 5
train, test = (x[:middle], y[:middle]), (x[middle:], y[middle:])


def by_xgboost(train, rounds):
    import xgboost

    task = {"objective": "binary:logistic"} if classes == 2 else {"objective": "multi:softprob", "num_class": classes}
    settings = {"tree_method": "hist", "max_depth": 6, "max_bin": 256, "learning_rate": 0.3, "nthread": threads}
    matrix = xgboost.QuantileDMatrix(*train, max_bin=256, nthread=threads)
    model = xgboost.train({**settings, **task}, matrix, rounds)
    return f"XGBoost {xgboost.__version__}", lambda test: model.predict(xgboost.DMatrix(test))


def by_lightgbm(train, rounds):
    import lightgbm

    task = {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
    settings = {
        "max_depth": 6,
        "num_leaves": 64,
        "max_bin": 255,
        "learning_rate": 0.3,
        "lambda_l2": 1.0,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 1.0,
        "num_threads": threads,
        "verbosity": -1,
    }
    model = lightgbm.train({**settings, **task}, lightgbm.Dataset(*train), rounds)
    return f"LightGBM {lightgbm.__version__}", model.predict


def by_sklearn(train, rounds):
    import sklearn
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=rounds,
        max_depth=6,
        max_leaf_nodes=64,
        max_bins=255,
        learning_rate=0.3,
        l2_regularization=1.0,
        min_samples_leaf=1,
        early_stopping=False,
    ).fit(*train)
    return f"scikit-learn {sklearn.__version__}", lambda test: (
        model.predict_proba(test)[:, 1] if classes == 2 else model.predict_proba(test)
    )


fit = {"xgboost": by_xgboost, "lightgbm": by_lightgbm, "sklearn": by_sklearn}[peer]
fit((train[0][:1000], train[1][:1000]), 2)
cpu = time.process_time()
started = time.perf_counter()
name, predict = fit(train, rounds)
wall = time.perf_counter() - started
cpu = time.process_time() - cpu
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
predicted = np.asarray(predict(test[0]), dtype=np.float64)
if classes == 2:
    predicted = np.stack([1 - predicted, predicted], axis=1)
chosen = predicted[np.arange(len(test[1])), test[1].astype(int)]
loss = float(-np.mean(np.log(np.maximum(chosen, 1e-15))))
print(json.dumps({"name": name, "wall": wall * 1000, "cpu": cpu * 1000, "peak": peak, "loss": loss}))
