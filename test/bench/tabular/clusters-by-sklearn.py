"""Groups, neighbours and kernel machines of a file of rows by scikit-learn: FILE ROWS WIDTH CENTERS; CPU times in ms."""

import json
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, KMeans
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
rows, width, centers = (int(each) for each in sys.argv[2:5])
everything = np.fromfile(sys.argv[1]).reshape(centers + rows, width)
init, data = everything[:centers], everything[centers:]
parts = {}


def measured(part, run):
    before = time.process_time()
    check = run()
    parts[part] = {"cpu": (time.process_time() - before) * 1000, "check": float(check)}


def k_means():
    return KMeans(centers, init=init, n_init=1, tol=0, max_iter=50).fit(data).inertia_


def neighbours(known):
    return KNeighborsRegressor().fit(known, known[:, 0]).predict(known[: rows // 20]).sum()


def dbscan():
    model = DBSCAN(eps=0.3, min_samples=8).fit(np.ascontiguousarray(data[: rows // 10, :3]))
    return model.labels_.sum() + len(model.core_sample_indices_)


def mixture():
    some = data[: rows // 10]
    labels = KMeans(5, init=init[:5], n_init=1).fit(some).labels_

    class Begun(GaussianMixture):
        def _initialize_parameters(self, X, random_state, **options):
            self._initialize(X, np.eye(5)[labels])

    return Begun(5, max_iter=10, tol=0).fit(some).lower_bound_


def svc():
    known = data[: rows // 20]
    model = SVC().fit(known, known[:, 0] > 0)
    return np.linalg.norm(model.decision_function(known))


KMeans(5, n_init=1).fit(data[:2000])
measured(f"k-means, {rows} x {width}, {centers} centers", k_means)
for columns in [3, width]:
    some = np.ascontiguousarray(data[:, :columns])
    measured(f"5 neighbours, {rows // 20} rows among {rows} x {columns}", lambda: neighbours(some))
measured(f"DBSCAN, {rows // 10} x 3", dbscan)
measured(f"mixture of 5, {rows // 10} x {width}", mixture)
measured(f"SVC, {rows // 20} x {width}", svc)
print(json.dumps({"name": f"scikit-learn {sklearn.__version__}", "parts": parts}))
