"""Writes evaluate.json: labels and scores with scikit-learn's measures of them.

Run in an environment with numpy and scikit-learn: python test/reference/evaluate.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

random = np.random.default_rng(7)


def calibration(labels, probabilities, bins):
    order = np.argsort(probabilities, kind="stable")
    edges = [bin * len(order) // bins for bin in range(bins + 1)]
    groups = [order[start:end] for start, end in zip(edges, edges[1:])]
    return [[probabilities[g].mean(), labels[g].mean(), len(g)] for g in groups]


def case(name, labels, scores, bins=None):
    falses, trues, thresholds = roc_curve(labels, scores)
    exact = scores.astype(np.float64)
    return {
        "name": name,
        "labels": labels.tolist(),
        "scores": exact.tolist(),
        "float32": scores.dtype == np.float32,
        "falsePositiveRate": falses.tolist(),
        "truePositiveRate": trues.tolist(),
        # The first threshold is infinite, which JSON cannot hold.
        "thresholds": thresholds[1:].astype(np.float64).tolist(),
        "rocAuc": roc_auc_score(labels, scores),
        "logLoss": float(log_loss(labels, scores)),
        "brierScore": float(brier_score_loss(labels, exact)),
        "calibration": calibration(labels, exact, bins) if bins else None,
    }


def scored(rows, noise, rate):
    labels = (random.random(rows) < rate).astype(int)
    logits = labels * 1.5 + noise * random.standard_normal(rows) + np.log(rate / (1 - rate))
    return labels, 1 / (1 + np.exp(-logits))


labels, probabilities = scored(400, 1.2, 0.3)
rare_labels, rare = scored(300, 1.0, 0.05)
certain = np.concatenate([[0.0, 1.0, 1.0, 0.0], probabilities[:60]])
certain_labels = np.concatenate([[1, 0, 1, 0], labels[:60]])
cases = [
    case("distinct scores", labels, probabilities, bins=10),
    case("ties", labels, np.round(probabilities, 1)),
    case("rare positives in float32", rare_labels, rare.astype(np.float32)),
    case("certain and wrong", certain_labels, certain),
    case("certain and wrong in float32", certain_labels, certain.astype(np.float32)),
    case("one score for all", labels[:20], np.full(20, 0.25)),
    case("perfect", np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])),
    case("reversed", np.array([0, 0, 1, 1]), np.array([0.9, 0.8, 0.2, 0.1])),
]
out = {"generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
