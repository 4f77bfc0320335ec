"""Writes features-decomposition.json: matrices with what scikit-learn's PCA and TruncatedSVD make of them.

Run in an environment with numpy and scikit-learn: python test/reference/features-decomposition.py
"""

import json
from pathlib import Path

import numpy as np
import scipy.sparse
import sklearn
from sklearn.decomposition import PCA, TruncatedSVD

random = np.random.default_rng(11)


def spectrum(rows, columns, decay, offset=0.0):
    """Columns that are correlated, with variances that fall by `decay` from direction to direction."""
    left, _ = np.linalg.qr(random.standard_normal((rows, min(rows, columns))))
    right, _ = np.linalg.qr(random.standard_normal((columns, min(rows, columns))))
    scales = np.sqrt(rows) * decay ** np.arange(min(rows, columns))
    # Few digits, since all numbers are stored.
    return np.round((left * scales) @ right.T + offset * random.standard_normal(columns), 3)


def pca(name, data, **settings):
    model = PCA(random_state=0, **settings)
    transformed = model.fit_transform(data)
    return {
        "name": name,
        "rows": data.shape[0],
        "columns": data.shape[1],
        "data": data.astype(np.float64).ravel().tolist(),
        "components": settings.get("n_components"),
        "whiten": settings.get("whiten", False),
        "solver": model._fit_svd_solver,
        "means": model.mean_.astype(float).tolist(),
        "directions": model.components_.astype(float).ravel().tolist(),
        "explainedVariance": model.explained_variance_.astype(float).tolist(),
        "explainedVarianceRatio": model.explained_variance_ratio_.astype(float).tolist(),
        "singularValues": model.singular_values_.astype(float).tolist(),
        "noiseVariance": float(model.noise_variance_),
        # The last component of fewer rows than columns has no variance: any direction will do for it.
        "arbitrary": int(np.sum(model.explained_variance_ < 1e-20)),
        "transformed": transformed[:20].astype(float).ravel().tolist(),
    }


def svd(name, data, components, sparse=False, algorithm="randomized"):
    given = scipy.sparse.csr_matrix(data) if sparse else data
    model = TruncatedSVD(n_components=components, random_state=0, algorithm=algorithm)
    transformed = model.fit_transform(given)
    return {
        "name": name,
        "rows": data.shape[0],
        "columns": data.shape[1],
        "data": data.ravel().tolist(),
        "sparse": sparse,
        "components": components,
        "directions": model.components_.ravel().tolist(),
        "explainedVariance": model.explained_variance_.tolist(),
        "explainedVarianceRatio": model.explained_variance_ratio_.tolist(),
        "singularValues": model.singular_values_.tolist(),
        "transformed": transformed[:20].ravel().tolist(),
    }


# A slow decay, where few iterations of a random projection would not be exact.
counts = random.poisson(0.15, (60, 40)).astype(float) * np.linspace(5, 0.2, 40)
counts[7] = 0
low_rank = spectrum(40, 6, 0.5)
low_rank[:, 5] = low_rank[:, 0] - 2 * low_rank[:, 1]
constant = spectrum(30, 5, 0.6)
constant[:, 2] = 4.0
cases = [
    pca("tall, by covariance", spectrum(200, 8, 0.6, 3)),
    pca("tall, three components", spectrum(200, 8, 0.6, 3), n_components=3),
    pca("tall, whitened", spectrum(200, 6, 0.7, 3), n_components=4, whiten=True),
    # By covariance, scikit-learn loses digits to the means.
    pca("far from zero", spectrum(120, 5, 0.6) + 1e4 * np.arange(1, 6), svd_solver="full"),
    pca("a share of the variance", spectrum(200, 8, 0.6, 3), n_components=0.9),
    pca("small, exact", spectrum(20, 7, 0.6, 1)),
    pca("small, exact, whitened", spectrum(20, 7, 0.6, 1), n_components=5, whiten=True),
    pca("more columns than rows", spectrum(8, 20, 0.6, 1)),
    pca("more columns than rows, four components", spectrum(8, 20, 0.6, 1), n_components=4),
    pca("dependent columns", low_rank, n_components=5),
    pca("a constant column", constant, n_components=4),
    pca("one column", spectrum(30, 1, 1, 2)),
    pca("two rows", np.array([[1.0, 2.0, 4.0], [2.0, 1.0, 7.0]]), n_components=1),
    pca("randomized", spectrum(501, 52, 0.5, 1), n_components=3),
    pca("randomized, wide", spectrum(60, 510, 0.5, 1), n_components=3),
]
svds = [
    svd("dense", spectrum(100, 12, 0.5, 1), 4),
    svd("dense, wide", spectrum(12, 100, 0.5, 1), 4),
    svd("sparse counts", counts, 5, sparse=True, algorithm="arpack"),
    svd("all there are", spectrum(50, 6, 0.6), 6),
    svd("randomized", spectrum(140, 135, 0.5, 1), 3),
    svd("randomized, wide", spectrum(135, 140, 0.5, 1), 3),
]
out = {
    "generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "pca": cases,
    "truncatedSvd": svds,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
