"""Writes neighbours.json: rows with what scikit-learn's nearest neighbours make of others.

Run in an environment with numpy and scikit-learn: python test/reference/neighbours.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

random = np.random.default_rng(8)
classes = np.array(["maple", "oak", "pine"])


def matrix(rows, columns, digits=3):
    """Numbers that float32 holds."""
    return np.round(random.normal(0, 1, (rows, columns)) * np.linspace(1, 3, columns), digits).astype(np.float32).astype(float)


sets = {}
for name, rows, columns in [("few columns", 400, 3), ("many columns", 120, 12), ("few rows", 20, 2)]:
    data = matrix(rows, columns)
    # New rows, among them some that were fitted: at distance 0.
    new = np.vstack([matrix(30, columns), data[:5]])
    scores = data[:, 0] - data[:, 1] + random.normal(0, 0.5, rows)
    sets[name] = {
        "data": data,
        "new": new,
        "codes": np.digitize(scores, [-1, 1]),
        "target": np.round(scores, 4),
    }

cases = []
for name, each in sets.items():
    for metric in ["euclidean", "manhattan", "cosine"]:
        for weights in ["uniform", "distance"]:
            for k in [1, 5]:
                # Cosine distances of rows that were fitted are noise there, and zero here.
                new = each["new"][:30] if metric == "cosine" and weights == "distance" else each["new"]
                settings = {"n_neighbors": k, "weights": weights, "metric": metric}
                classifier = KNeighborsClassifier(**settings).fit(each["data"], classes[each["codes"]])
                regressor = KNeighborsRegressor(**settings).fit(each["data"], each["target"])
                cases.append(
                    {
                        "set": name,
                        "nNeighbors": k,
                        "weights": weights,
                        "metric": metric,
                        "rows": len(new),
                        "probabilities": np.round(classifier.predict_proba(new), 10).ravel().tolist(),
                        "labels": np.searchsorted(classes, classifier.predict(new)).tolist(),
                        "predictions": np.round(regressor.predict(new), 10).tolist(),
                    }
                )
file = Path(__file__).with_suffix(".json")
file.write_text(
    json.dumps(
        {
            "sklearn": sklearn.__version__,
            "classes": classes.tolist(),
            "sets": {
                name: {"columns": each["data"].shape[1]} | {key: value.ravel().tolist() for key, value in each.items()}
                for name, each in sets.items()
            },
            "cases": cases,
        }
    )
)
