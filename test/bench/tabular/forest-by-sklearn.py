"""Fits scikit-learn's RandomForestClassifier to a file of rows: FILE ROWS WIDTH TREES; times in ms, memory in MiB.

The second half of the rows is only predicted."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier

rows, width, trees = (int(each) for each in sys.argv[2:5])
x = np.fromfile(sys.argv[1], count=2 * rows * width, dtype=np.float32).reshape(2 * rows, width)
y = np.fromfile(sys.argv[1], offset=2 * rows * width * 4, dtype=np.float32).astype(np.int32)
RandomForestClassifier(2).fit(x[:2000], y[:2000])
cpu, started = time.process_time(), time.perf_counter()
model = RandomForestClassifier(trees, n_jobs=1, random_state=0).fit(x[:rows], y[:rows])
wall, cpu = time.perf_counter() - started, time.process_time() - cpu
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
predictCpu = time.process_time()
accuracy = model.score(x[rows:], y[rows:])
predictCpu = time.process_time() - predictCpu
print(
    json.dumps(
        {
            "name": f"scikit-learn {sklearn.__version__}",
            "wall": wall * 1000,
            "cpu": cpu * 1000,
            "predictCpu": predictCpu * 1000,
            "peak": peak,
            "accuracy": accuracy,
        }
    )
)
