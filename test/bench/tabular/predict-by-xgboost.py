"""Trains XGBoost's trees once and writes model and rows, or predicts them with one thread: FOLDER ROWS train|predict."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import xgboost

folder, rows, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if step == "train":
    random = np.random.default_rng(1)
    x = random.normal(size=(100_000, 28)).astype(np.float32)
    x[random.random(x.shape) < 0.02] = np.nan
    f = np.nan_to_num(x)
    y = f[:, 0] * f[:, 1] + np.sin(2 * f[:, 2]) + f[:, 3] * f[:, 4] / 2 + random.normal(size=len(x)) / 2 > 0
    settings = {"objective": "binary:logistic", "max_depth": 6, "tree_method": "hist"}
    xgboost.train(settings, xgboost.DMatrix(x, y), 100).save_model(folder / "model.json")
    test = random.normal(size=(rows, 28)).astype(np.float32)
    test[random.random(test.shape) < 0.02] = np.nan
    test.tofile(folder / "rows.bin")
else:
    model = xgboost.Booster({"nthread": 1}, model_file=folder / "model.json")
    x = np.fromfile(folder / "rows.bin", dtype=np.float32).reshape(rows, 28)
    model.inplace_predict(x[:10_000])
    data = xgboost.DMatrix(x, nthread=1)
    times = {}
    for name, predict in {
        "inplace_predict": lambda: model.inplace_predict(x),
        "predict of a DMatrix": lambda: model.predict(data),
    }.items():
        cpu, started = time.process_time(), time.perf_counter()
        predicted = predict()
        times[name] = {"wall": (time.perf_counter() - started) * 1000, "cpu": (time.process_time() - cpu) * 1000}
    predicted.astype(np.float32).tofile(folder / "predicted.bin")
    started = time.perf_counter()
    for row in range(2000):
        model.inplace_predict(x[row : row + 1])
    one = (time.perf_counter() - started) * 1000 / 2000
    print(json.dumps({"version": xgboost.__version__, "times": times, "one": one}))
