"""Writes bayes.json: rows of classes with what scikit-learn's naive Bayes makes of them.

Run in an environment with numpy and scikit-learn: python test/reference/bayes.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

random = np.random.default_rng(5)
rows = 90
classes = np.array(["maple", "oak", "pine"])
codes = random.choice(3, rows, p=[0.5, 0.35, 0.15])
target = classes[codes]
weights = np.round(random.uniform(0, 3, rows), 2)

measured = np.round(random.normal(0, 1, (rows, 4)) * [1, 3, 0.1, 20] + codes[:, None] * [1, -2, 0.1, 5], 3)
# Far from zero, and a column that is nearly constant.
far = np.round(measured + [1000, 0, 50, -300], 3)
far[:, 2] = 50 + (codes == 2) * 1e-3
counts = random.poisson(1 + codes[:, None] * np.array([0.2, 1, 0, 2, 0.5]), (rows, 5)).astype(float)
categories = np.minimum(random.poisson(0.7 + codes[:, None] * np.array([0.5, 1.2, 0.1]), (rows, 3)), 4).astype(float)


def case(name, kind, model, matrix, settings, weighted=False):
    data = matrices[matrix]
    model.fit(data, target, sample_weight=weights if weighted else None)
    return {
        "name": name,
        "kind": kind,
        "settings": settings,
        "matrix": matrix,
        "weighted": weighted,
        "probabilities": np.round(model.predict_proba(data), 12).ravel().tolist(),
        # The first rows' only: the probabilities are of the same.
        "joint": model.predict_joint_log_proba(data)[:20].ravel().tolist(),
        "labels": model.predict(data).tolist(),
    }


# Numbers that float32 holds, so that ONNX models see the same.
matrices = {
    name: data.astype(np.float32).astype(float)
    for name, data in {"measured": measured, "far": far, "counts": counts, "categories": categories}.items()
}
cases = [
    case("gaussian", "gaussian", GaussianNB(), "measured", {}),
    case("gaussian, weighted", "gaussian", GaussianNB(), "measured", {}, True),
    case("gaussian, far from zero", "gaussian", GaussianNB(), "far", {}),
    case("gaussian, smoothed", "gaussian", GaussianNB(var_smoothing=0.1), "measured", {"varSmoothing": 0.1}),
    case("multinomial", "multinomial", MultinomialNB(), "counts", {}),
    case("multinomial, little smoothing, equal priors", "multinomial", MultinomialNB(alpha=0.1, fit_prior=False), "counts", {"alpha": 0.1, "fitPrior": False}),
    case("multinomial, weighted", "multinomial", MultinomialNB(), "counts", {}, True),
    case("complement", "complement", ComplementNB(), "counts", {}),
    case("complement, norm, weighted", "complement", ComplementNB(norm=True, alpha=0.5), "counts", {"norm": True, "alpha": 0.5}, True),
    case("bernoulli", "bernoulli", BernoulliNB(), "counts", {}),
    case("bernoulli above 1, weighted", "bernoulli", BernoulliNB(binarize=1.0, alpha=2.0), "counts", {"binarize": 1, "alpha": 2}, True),
    case("categorical", "categorical", CategoricalNB(), "categories", {}),
    case("categorical, weighted, equal priors", "categorical", CategoricalNB(alpha=0.3, fit_prior=False), "categories", {"alpha": 0.3, "fitPrior": False}, True),
]
file = Path(__file__).with_suffix(".json")
file.write_text(
    json.dumps(
        {
            "sklearn": sklearn.__version__,
            "target": target.tolist(),
            "weights": weights.tolist(),
            "matrices": {
                name: {"columns": data.shape[1], "data": data.ravel().tolist()} for name, data in matrices.items()
            },
            "cases": cases,
        }
    )
)
