"""Writes evaluate-calibrators.json: isotonic and sigmoid calibrations of scikit-learn, and calibration errors.

Run in an environment with numpy, SciPy and scikit-learn: python test/reference/evaluate-calibrators.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration, calibration_curve
from sklearn.isotonic import IsotonicRegression

random = np.random.default_rng(8)


def best_sigmoid(scores, labels, weights):
    """Platt's targets, and the sigmoid of least loss to the last digits."""
    w = np.ones(len(labels)) if weights is None else weights
    positives, negatives = w[labels == 1].sum(), w[labels == 0].sum()
    target = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(at):
        z = at[0] * scores + at[1]
        return np.sum(w * (np.logaddexp(0, z) - target * z))

    def slope(at):
        g = w * (expit(at[0] * scores + at[1]) - target)
        return np.array([g @ scores, g.sum()])

    def curvature(at):
        p = expit(at[0] * scores + at[1])
        c = w * p * (1 - p)
        return np.array([[c @ scores**2, c @ scores], [c @ scores, c.sum()]])

    return minimize(loss, [0, 0], jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-12}).x


cases = []
for name, rows, kind in [("scores", 80, 1), ("ties", 60, 2), ("large scores", 60, 3), ("few", 6, 1), ("separable", 20, 4)]:
    labels = np.concatenate([[0, 1], (random.random(rows - 2) < 0.4).astype(int)])
    scores = 1.5 * labels + random.standard_normal(rows)
    if kind == 2:
        scores = np.round(scores)
    if kind == 3:
        scores = 200 * scores
    if kind == 4:
        scores = labels + 0.1 * random.random(rows)
    asked = np.concatenate([np.linspace(scores.min() - 1, scores.max() + 1, 25), scores[:10]])
    for weighted in [False, True]:
        weights = np.round(random.exponential(1, rows), 3) if weighted else None
        if weighted:
            weights[5:-1:7] = 0
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(scores, labels, sample_weight=weights)
        sigmoid = _SigmoidCalibration().fit(scores, labels, sample_weight=weights)
        slope, intercept = best_sigmoid(scores, labels, weights)
        cases.append(
            {
                "name": name,
                "labels": labels.tolist(),
                "scores": scores.tolist(),
                "weights": None if weights is None else weights.tolist(),
                "asked": asked.tolist(),
                "isotonic": isotonic.predict(asked).tolist(),
                "sigmoid": sigmoid.predict(asked).tolist(),
                "bestSigmoid": expit(slope * asked + intercept).tolist(),
            }
        )

errors = []
for rows, bins in [(200, 10), (200, 4), (50, 15), (90, 1)]:
    probabilities = np.round(random.random(rows), 2)
    labels = (random.random(rows) < probabilities**1.5).astype(int)
    observed, predicted = calibration_curve(labels, probabilities, n_bins=bins)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], probabilities), minlength=bins)
    error = np.sum(counts[counts > 0] * np.abs(observed - predicted)) / rows
    errors.append([labels.tolist(), probabilities.tolist(), bins, float(error)])

out = {
    "generator": f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, numpy {np.__version__}",
    "cases": cases,
    "errors": errors,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
