"""Writes linear.json: data sets with what scikit-learn's linear models learn from them.

Run in an environment with numpy and scikit-learn: python test/reference/linear.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import (
    ElasticNet,
    GammaRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.svm import LinearSVC, LinearSVR

warnings.simplefilter("ignore")
random = np.random.default_rng(11)


def columns(rows, width):
    return np.round(random.standard_normal((rows, width)) @ random.standard_normal((width, width)) / 2, 4)


rows = 150
x = columns(rows, 5)
amount = np.round(x @ [1.5, -2.0, 0.0, 0.7, 0.1] + 3 + 0.5 * random.standard_normal(rows), 4)
hidden = x @ [0.8, -0.5, 0.3, 0.0, 0.2] + 0.8 * random.standard_normal(rows)
weights = np.round(random.uniform(0, 2, rows), 3)
weights[:5] = 0
far = x * [1, 1000, 0.001, 1, 1] + [0, 1e6, 0, -500, 3]
wide = columns(12, 20)
data = {
    "amount": (x, amount),
    "far": (np.round(far, 6), amount),
    # The last columns depend on the others.
    "dependent": (np.column_stack([x, x[:, 0] - 2 * x[:, 1], np.full(rows, 7.0)]), amount),
    "wide": (wide, np.round(wide[:, 0] - wide[:, 3] + random.standard_normal(12), 4)),
    "binary": (x, (hidden > 0.2).astype(int)),
    "unbalanced": (x, (hidden > 1.2).astype(int)),
    "three": (x, np.digitize(hidden, [-0.6, 0.7])),
    "counts": (x, random.poisson(np.exp(np.clip(hidden, -2, 2)))),
    "positive": (x, np.round(np.exp(hidden / 2) * random.gamma(3, 1 / 3, rows) + 0.01, 4)),
}


def names_of(settings):
    """scikit-learn's names as the library's."""
    special = {"C": "c", "max_iter": "maxIter"}
    return {
        special.get(name, "".join(part.title() if at else part for at, part in enumerate(name.split("_")))): value
        for name, value in settings.items()
    }


cases = []


def case(kind, model, on, settings, weighted=False, more=None):
    """Settings are scikit-learn's, as given to both; `more` are the library's where the names differ."""
    matrix, target = data[on]
    model.fit(matrix, target, sample_weight=weights if weighted else None)
    case_of = {
        "kind": kind,
        "on": on,
        "weighted": weighted,
        "settings": {**names_of(settings), **(more or {})},
        "coefficients": np.ravel(model.coef_).tolist(),
        "intercepts": np.ravel(model.intercept_).tolist(),
        "predictions": model.predict(matrix[:10]).tolist(),
    }
    if hasattr(model, "predict_proba"):
        case_of["probabilities"] = model.predict_proba(matrix[:10]).ravel().tolist()
    if kind.startswith("sgd"):
        case_of["iterations"] = model.n_iter_
    cases.append(case_of)


for on in ["amount", "far", "dependent", "wide"]:
    for fit_intercept in [True, False]:
        settings = {"fit_intercept": fit_intercept}
        weighted = on in ("amount", "dependent")
        # By default it takes singular values below 1e-6 of the largest as zero, which those of `far` are.
        case("linearRegression", LinearRegression(**settings, tol=1e-13), on, settings, weighted)
        settings = {"alpha": 0.7, "fit_intercept": fit_intercept}
        case("ridge", Ridge(**settings, solver="svd"), on, settings, weighted)
for weighted in [False, True]:
    settings = {"alpha": 0.2}
    case("lasso", Lasso(**settings, tol=1e-14, max_iter=100_000), "amount", settings, weighted)
    settings = {"alpha": 0.3, "l1_ratio": 0.4}
    case("elasticNet", ElasticNet(**settings, tol=1e-14, max_iter=100_000), "amount", settings, weighted)
settings = {"alpha": 0.1, "fit_intercept": False}
case("lasso", Lasso(**settings, tol=1e-14, max_iter=100_000), "amount", settings)

tight = {"tol": 1e-10, "max_iter": 10_000}
for on in ["binary", "three"]:
    for weighted in [False, True]:
        settings = {"C": 0.5, **tight}
        case("logisticRegression", LogisticRegression(**settings, solver="newton-cholesky"), on, settings, weighted)
    settings = {"C": 2.0, "fit_intercept": False, **tight}
    case("logisticRegression", LogisticRegression(**settings, solver="newton-cholesky"), on, settings)
    model = LogisticRegression(C=np.inf, solver="newton-cg", tol=1e-14, max_iter=1000)
    case("logisticRegression", model, on, tight, more={"penalty": "none"})
    exact = {"tol": 1e-12, "max_iter": 200_000}
    model = LogisticRegression(C=0.2, l1_ratio=1, solver="saga", random_state=0, **exact)
    case("logisticRegression", model, on, {"C": 0.2, **exact}, more={"penalty": "l1"})
    model = LogisticRegression(C=0.2, l1_ratio=0.5, solver="saga", random_state=0, **exact)
    more = {"penalty": "elasticnet", "l1Ratio": 0.5}
    case("logisticRegression", model, on, {"C": 0.2, **exact}, weighted=True, more=more)
settings = {"class_weight": "balanced", **tight}
case("logisticRegression", LogisticRegression(**settings, solver="newton-cholesky"), "unbalanced", settings, True)
case("logisticRegression", LogisticRegression(**settings, solver="newton-cholesky"), "three", settings)
more = {"classWeight": {"0": 1, "1": 5}}
case("logisticRegression", LogisticRegression(class_weight={0: 1, 1: 5}, **tight, solver="newton-cholesky"), "unbalanced", tight, more=more)

for weighted in [False, True]:
    settings = {"alpha": 0.3, **tight}
    case("poissonRegressor", PoissonRegressor(**settings, solver="newton-cholesky"), "counts", settings, weighted)
    case("gammaRegressor", GammaRegressor(**settings, solver="newton-cholesky"), "positive", settings, weighted)
settings = {"alpha": 0, "fit_intercept": False, **tight}
case("poissonRegressor", PoissonRegressor(**settings, solver="newton-cholesky"), "counts", settings)
case("gammaRegressor", GammaRegressor(**settings, solver="newton-cholesky"), "positive", settings)

exact = {"tol": 1e-12, "max_iter": 1_000_000}
for on in ["binary", "three"]:
    settings = {"C": 0.5, **exact}
    case("linearSvc", LinearSVC(**settings, dual=False), on, settings, True)
    settings = {"C": 0.5, "loss": "hinge", **exact}
    # Its steps are in random order, so that it ends within its tolerance only.
    case("linearSvc", LinearSVC(**settings, random_state=0), on, settings, on == "binary", more={"loss": "hinge"})
    settings = {"C": 0.1, "fit_intercept": False, "class_weight": "balanced", **exact}
    case("linearSvc", LinearSVC(**settings, dual=False), on, settings)
    case("linearSvc", LinearSVC(C=0.2, penalty="l1", dual=False, **exact), on, {"C": 0.2, "penalty": "l1", **exact})
settings = {"C": 0.5, "epsilon": 0.3, **exact}
case("linearSvr", LinearSVR(**settings, random_state=0), "amount", settings, True, more={"loss": "epsilonInsensitive"})
settings = {"C": 0.5, "epsilon": 0.2, "intercept_scaling": 3.0, **exact}
model = LinearSVR(**settings, loss="squared_epsilon_insensitive", dual=False)
case("linearSvr", model, "amount", settings, True, more={"loss": "squaredEpsilonInsensitive"})


def camel(name):
    return "".join(part.title() if at else part for at, part in enumerate(name.split("_")))


in_order = {"shuffle": False}
schedules = [
    {"learning_rate": "optimal"},
    {"learning_rate": "constant", "eta0": 0.01},
    {"learning_rate": "invscaling", "eta0": 0.05, "power_t": 0.3},
    {"learning_rate": "adaptive", "eta0": 0.05},
]
for at, loss in enumerate(["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"]):
    settings = {"alpha": 0.001, **schedules[at % 4], **in_order}
    case("sgdClassifier", SGDClassifier(loss=loss, **settings), "binary", settings, at % 2 == 0, {"loss": camel(loss)})
for loss in ["log_loss", "modified_huber"]:
    settings = {"penalty": "elasticnet", "alpha": 0.01, "class_weight": "balanced", **in_order}
    case("sgdClassifier", SGDClassifier(loss=loss, **settings), "three", settings, more={"loss": camel(loss)})
settings = {"penalty": "l1", "alpha": 0.01, "average": True, **in_order}
case("sgdClassifier", SGDClassifier(**settings), "three", settings)
losses = ["squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"]
for at, loss in enumerate(losses):
    settings = {"epsilon": 0.2, "penalty": ["l2", "l1", "elasticnet", None][at], "alpha": 0.01, **in_order}
    case("sgdRegressor", SGDRegressor(loss=loss, **settings), "amount", settings, at % 2 == 1, {"loss": camel(loss)})
settings = {"learning_rate": "adaptive", "average": 20, **in_order}
case("sgdRegressor", SGDRegressor(**settings), "amount", settings)

written = {
    "version": sklearn.__version__,
    "weights": weights.tolist(),
    "data": {
        name: {"rows": len(target), "columns": matrix.shape[1], "data": matrix.ravel().tolist(), "target": target.tolist()}
        for name, (matrix, target) in data.items()
    },
    "cases": cases,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(written) + "\n")
