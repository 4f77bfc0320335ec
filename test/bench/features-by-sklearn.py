"""Scales and one-hot encodes the columns of a CSV file with scikit-learn, in milliseconds: FILE NUMERIC CATEGORICAL."""

import json
import sys
import time

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

file, numeric, categorical = sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(",")
frame = pd.read_csv(file)
results = {}
for name, settings in {
    "scikit-learn, sparse": {"sparse_threshold": 1.0},
    "scikit-learn, dense": {"sparse_threshold": 0.0},
}.items():
    encoder = OneHotEncoder(sparse_output=settings["sparse_threshold"] > 0, dtype=np.float32)
    features = ColumnTransformer([("n", StandardScaler(), numeric), ("c", encoder, categorical)], **settings)
    features.fit(frame[:1000]).transform(frame[:1000])
    started = time.perf_counter()
    features.fit(frame)
    fitted = time.perf_counter()
    matrix = features.transform(frame)
    done = time.perf_counter()
    weights = 1 + np.arange(matrix.shape[1])
    results[name] = {
        "fit": (fitted - started) * 1000,
        "transform": (done - fitted) * 1000,
        "checksum": float(np.sum(np.abs(matrix @ weights))),
    }
print(json.dumps({"version": sklearn.__version__, "results": results}))
