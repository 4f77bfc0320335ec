"""Writes clusters.json: rows with the groups that scikit-learn finds in them.

Run in an environment with numpy and scikit-learn: python test/reference/clusters.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, KMeans
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
random = np.random.default_rng(21)


def blobs(rows, centers, spread, mix=None):
    """Rows around centers, of numbers that float32 holds."""
    centers = np.asarray(centers, dtype=float)
    codes = np.arange(rows) % len(centers)
    noise = random.normal(0, 1, (rows, centers.shape[1])) * spread
    if mix is not None:
        noise = noise @ mix
    return np.round(centers[codes] + noise, 3).astype(np.float32).astype(float)


mix = np.array([[1, 0.6, 0], [0, 1, -0.3], [0.2, 0, 1]])
sets = {
    "apart": blobs(150, [[0, 0, 0], [6, 0, 2], [0, 7, -4]], 1.0, mix),
    "overlapping": blobs(240, [[0, 0], [2, 1], [1, 3], [4, 4]], 0.9),
    "far from zero": blobs(90, [[1000, -500], [1003, -500], [1000, -496]], 0.7),
    "one column": blobs(60, [[0], [4], [9]], 0.8),
    "many columns": blobs(200, random.normal(0, 2, (5, 20)), 1.5),
}
angle = random.uniform(0, 2 * np.pi, 200)
radius = np.where(np.arange(200) % 2 == 0, 1, 3)
rings = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + random.normal(0, 0.12, (200, 2))
sets["rings"] = np.round(np.vstack([rings, random.uniform(-4, 4, (30, 2))]), 3)
weights = {name: np.round(random.uniform(0, 2, len(data)), 2) for name, data in sets.items()}
weights["apart"][:30] = 0


def k_means(name, init, weighted=False, **settings):
    data = sets[name]
    init = np.asarray(init, dtype=float)
    model = KMeans(len(init), init=init, n_init=1, **settings)
    model.fit(data, sample_weight=weights[name] if weighted else None)
    return {
        "set": name,
        "init": init.tolist(),
        "weighted": weighted,
        "settings": {{"max_iter": "maxIter", "tol": "tol"}[key]: value for key, value in settings.items()},
        "centers": model.cluster_centers_.ravel().tolist(),
        "labels": model.predict(data).tolist(),
        "inertia": model.inertia_,
        "iterations": int(model.n_iter_),
    }


def first(name, count):
    return sets[name][:count]


k_means_cases = [
    k_means("apart", first("apart", 3)),
    k_means("apart", first("apart", 6), True),
    k_means("overlapping", first("overlapping", 4)),
    k_means("overlapping", first("overlapping", 9), tol=0.0),
    k_means("overlapping", first("overlapping", 5), max_iter=2),
    # A center that gets no rows.
    k_means("overlapping", [[0, 0], [2, 2], [100, 100], [200, 0]]),
    k_means("overlapping", [[0, 0], [2, 2], [100, 100], [200, 0]], True),
    k_means("far from zero", first("far from zero", 3)),
    k_means("one column", first("one column", 3), True),
    k_means("many columns", first("many columns", 7)),
    k_means("rings", first("rings", 1)),
]
random_cases = [
    {"set": name, "nClusters": count, "inertia": KMeans(count, n_init=20, random_state=0).fit(sets[name]).inertia_}
    for name, count in [("apart", 3), ("overlapping", 4), ("many columns", 5), ("one column", 3)]
]


def mixture(name, count, kind, **settings):
    data = sets[name]
    init = first(name, count)
    labels = KMeans(count, init=init, n_init=1).fit(data).labels_
    responsibilities = np.eye(count)[labels]

    class Begun(GaussianMixture):
        def _initialize_parameters(self, X, random_state, **options):
            self._initialize(X, responsibilities)

    model = Begun(count, covariance_type=kind, **settings).fit(data)
    return {
        "set": name,
        "init": init.tolist(),
        "covarianceType": kind,
        "settings": {{"reg_covar": "regCovar", "tol": "tol", "max_iter": "maxIter"}[key]: value for key, value in settings.items()},
        "weights": model.weights_.tolist(),
        "means": model.means_.ravel().tolist(),
        "covariances": np.asarray(model.covariances_).ravel().tolist(),
        "lowerBound": model.lower_bound_,
        "iterations": int(model.n_iter_),
        "converged": bool(model.converged_),
        "probabilities": np.round(model.predict_proba(data)[:40], 10).ravel().tolist(),
        "densities": model.score_samples(data)[:40].tolist(),
        "labels": model.predict(data).tolist(),
        "bic": model.bic(data),
        "aic": model.aic(data),
    }


mixture_cases = [
    mixture(name, count, kind, **settings)
    for kind in ["full", "tied", "diag", "spherical"]
    for name, count, settings in [
        ("apart", 3, {}),
        ("overlapping", 4, {"tol": 1e-6, "max_iter": 300}),
        ("far from zero", 2, {"reg_covar": 1e-3}),
        ("one column", 3, {"max_iter": 3}),
    ]
]


def dbscan(name, eps, min_samples, metric="euclidean", weighted=False):
    data = sets[name]
    model = DBSCAN(eps=eps, min_samples=min_samples, metric=metric)
    model.fit(data, sample_weight=weights[name] if weighted else None)
    return {
        "set": name,
        "eps": eps,
        "minSamples": min_samples,
        "metric": metric,
        "weighted": weighted,
        "labels": model.labels_.tolist(),
        "coreRows": model.core_sample_indices_.tolist(),
    }


dbscan_cases = [
    dbscan("rings", 0.5, 5),
    dbscan("rings", 0.35, 4),
    dbscan("rings", 0.5, 5, "manhattan"),
    dbscan("rings", 0.5, 5, weighted=True),
    dbscan("rings", 0.01, 5),
    dbscan("rings", 0.02, 4, "cosine"),
    dbscan("apart", 1.0, 5),
    dbscan("many columns", 7.0, 5),
    dbscan("many columns", 26.0, 4, "manhattan"),
]
file = Path(__file__).with_suffix(".json")
file.write_text(
    json.dumps(
        {
            "sklearn": sklearn.__version__,
            "sets": {
                name: {"columns": data.shape[1], "data": data.ravel().tolist(), "weights": weights[name].tolist()}
                for name, data in sets.items()
            },
            "kMeans": k_means_cases,
            "random": random_cases,
            "mixtures": mixture_cases,
            "dbscan": dbscan_cases,
        }
    )
)
print([max(each["labels"]) for each in dbscan_cases], [min(each["labels"]) for each in dbscan_cases])
print([each["iterations"] for each in k_means_cases])
print([(each["iterations"], each["converged"]) for each in mixture_cases])
