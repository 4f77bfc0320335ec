"""Writes kernel-machines.json: rows with what scikit-learn's support vector machines make of them.

Run in an environment with numpy and scikit-learn: python test/reference/kernel-machines.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC, SVR

random = np.random.default_rng(13)
classes = np.array(["maple", "oak", "pine", "rowan"])


def single(data):
    """Numbers that float32 holds."""
    return np.round(data, 3).astype(np.float32).astype(float)


sets = {}
data = single(random.normal(0, 1, (120, 3)))
sets["two classes"] = {
    "data": data,
    "codes": (data[:, 0] ** 2 + data[:, 1] + random.normal(0, 0.4, 120) > 0.8).astype(int),
    "target": np.round(np.sin(2 * data[:, 0]) + data[:, 1] + random.normal(0, 0.1, 120), 4),
}
data = single(random.normal(0, 1, (140, 5)) * [1, 2, 0.5, 1, 1])
sets["four classes"] = {
    "data": data,
    "codes": (data[:, 0] + random.normal(0, 0.3, 140) > 0).astype(int)
    + 2 * (data[:, 1] * data[:, 2] + random.normal(0, 0.3, 140) > 0.1).astype(int),
    "target": np.round(data[:, 0] * data[:, 3] - data[:, 4], 4),
}
new = {name: single(random.normal(0, 1.2, (25, each["data"].shape[1]))) for name, each in sets.items()}
weights = {name: np.round(random.uniform(0.2, 2, len(each["data"])), 2) for name, each in sets.items()}
for each in weights.values():
    each[::9] = 0
kernels = [
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": 0.7, "C": 10.0},
    {"kernel": "linear", "C": 0.5},
    {"kernel": "poly", "degree": 2, "coef0": 1.0},
    {"kernel": "poly", "gamma": "auto"},
    {"kernel": "sigmoid", "gamma": 0.3, "coef0": -0.5, "C": 2.0},
]
tol = 1e-9


def classification(name, settings, weighted):
    each = sets[name]
    options = {"sample_weight": weights[name]} if weighted else {}
    model = SVC(tol=tol, **settings).fit(each["data"], classes[each["codes"]], **options)
    calibrated = CalibratedClassifierCV(SVC(tol=tol, **settings), ensemble=False)
    calibrated.fit(each["data"], classes[each["codes"]], **options)
    return {
        "set": name,
        "settings": settings,
        "weighted": weighted,
        "supportVectors": int(model.n_support_.sum()),
        "decisions": model.decision_function(new[name]).ravel().tolist(),
        "labels": model.predict(new[name]).tolist(),
        "probabilities": calibrated.predict_proba(new[name]).ravel().tolist(),
        "likeliest": calibrated.predict(new[name]).tolist(),
    }


def regression(name, settings, weighted):
    each = sets[name]
    model = SVR(tol=tol, **settings)
    model.fit(each["data"], each["target"], sample_weight=weights[name] if weighted else None)
    return {
        "set": name,
        "settings": settings,
        "weighted": weighted,
        "supportVectors": len(model.support_),
        "predictions": model.predict(new[name]).tolist(),
    }


file = Path(__file__).with_suffix(".json")
file.write_text(
    json.dumps(
        {
            "sklearn": sklearn.__version__,
            "classes": classes.tolist(),
            "sets": {
                name: {
                    "columns": each["data"].shape[1],
                    "new": new[name].ravel().tolist(),
                    "weights": weights[name].tolist(),
                    **{key: value.ravel().tolist() for key, value in each.items()},
                }
                for name, each in sets.items()
            },
            "classifications": [
                classification(name, settings, weighted)
                for name in sets
                for settings in kernels
                for weighted in ([False, True] if settings == kernels[1] else [False])
            ],
            "regressions": [
                regression(name, {**settings, "epsilon": 0.2 if "C" in settings else 0.1}, weighted)
                for name in sets
                for settings in kernels
                for weighted in ([False, True] if settings == kernels[1] else [False])
            ],
        }
    )
)
