"""Fits scikit-learn's LogisticRegression (lbfgs) to a file of rows: FILE ROWS WIDTH; times in ms, memory in MiB."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

rows, width = int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(sys.argv[1], count=rows * width).reshape(rows, width)
y = np.fromfile(sys.argv[1], offset=rows * width * 8)
LogisticRegression().fit(x[:10_000], y[:10_000])
cpu = time.process_time()
started = time.perf_counter()
model = LogisticRegression().fit(x, y)
wall = time.perf_counter() - started
cpu = time.process_time() - cpu
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
margins = model.decision_function(x)
loss = np.sum(np.log1p(np.exp(-np.abs(margins))) + np.maximum(0, np.where(y == 1, -margins, margins)))
print(
    json.dumps(
        {
            "name": f"scikit-learn {sklearn.__version__}",
            "wall": wall * 1000,
            "cpu": cpu * 1000,
            "peak": peak,
            "iterations": int(model.n_iter_[0]),
            "objective": (loss + np.sum(model.coef_**2) / 2) / rows,
        }
    )
)
