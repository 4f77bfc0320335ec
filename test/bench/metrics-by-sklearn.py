"""Measures with scikit-learn's metrics the rows in a folder, in milliseconds of CPU time: FOLDER REPETITIONS."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

folder, repetitions = Path(sys.argv[1]), int(sys.argv[2])


def read(name, dtype):
    return np.fromfile(folder / name, dtype=dtype)


labels, scores = read("labels", np.uint8), read("scores", np.float64)
single = scores.astype(np.float32)
weights = read("weights", np.float64)
classes, said = read("classes", np.int32), read("said", np.int32)
numbers, predicted = read("numbers", np.float64), read("predicted", np.float64)
several = read("several", np.float64).reshape(-1, 5)
truth = classes[: len(several)] % 5
relevance, ranked = read("relevance", np.float64).reshape(-1, 100), read("ranked", np.float64).reshape(-1, 100)

cases = {
    "AUC": lambda: metrics.roc_auc_score(labels, scores),
    "AUC, float32": lambda: metrics.roc_auc_score(labels, single),
    "AUC by weight": lambda: metrics.roc_auc_score(labels, scores, sample_weight=weights),
    "average precision": lambda: metrics.average_precision_score(labels, scores),
    "ROC curve": lambda: metrics.roc_curve(labels, scores)[2].size,
    "log-loss": lambda: metrics.log_loss(labels, scores),
    "Brier score": lambda: metrics.brier_score_loss(labels, scores),
    "accuracy, 10 classes": lambda: metrics.accuracy_score(classes, said),
    "F1 macro, 10 classes": lambda: metrics.f1_score(classes, said, average="macro"),
    "Matthews, 10 classes": lambda: metrics.matthews_corrcoef(classes, said),
    "AUC of 5 classes, 200k rows": lambda: metrics.roc_auc_score(truth, several, multi_class="ovr"),
    "R²": lambda: metrics.r2_score(numbers, predicted),
    "mean absolute error": lambda: metrics.mean_absolute_error(numbers, predicted),
    "median absolute error": lambda: metrics.median_absolute_error(numbers, predicted),
    "Poisson deviance": lambda: metrics.mean_poisson_deviance(numbers, predicted),
    "NDCG, 10k queries": lambda: metrics.ndcg_score(relevance, ranked),
    "adjusted Rand": lambda: metrics.adjusted_rand_score(classes, said),
}
results = {}
for name, measure in cases.items():
    value = float(measure())
    times = []
    for _ in range(repetitions):
        started = time.process_time()
        measure()
        times.append((time.process_time() - started) * 1000)
    results[name] = {"milliseconds": float(np.median(times)), "value": value}
print(json.dumps({"version": sklearn.__version__, "results": results}))
