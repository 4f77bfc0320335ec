"""Writes features-selection.json: matrices with what scikit-learn's feature selection makes of them.

Run in an environment with numpy, scipy and scikit-learn: python test/reference/features-selection.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.special
import scipy.stats
import sklearn
from sklearn.feature_selection import (
    RFE,
    SelectFromModel,
    SelectKBest,
    VarianceThreshold,
    chi2,
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
    r_regression,
)
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

warnings.simplefilter("ignore")
random = np.random.default_rng(23)


def plain(values):
    """Numbers as JSON has them: what isn't finite as a text."""
    return [v if np.isfinite(v) else str(v) for v in np.asarray(values, dtype=float).ravel().tolist()]


def matrix(data):
    return {"rows": data.shape[0], "columns": data.shape[1], "data": data.ravel().tolist()}


rows = 160
hidden = random.standard_normal((rows, 3))
informative = hidden @ random.standard_normal((3, 4)) + 0.3 * random.standard_normal((rows, 4))
continuous = np.round(
    np.column_stack(
        [
            informative,
            random.standard_normal((rows, 3)),
            np.full(rows, 0.1),
            100 + informative[:, 0] + random.standard_normal(rows),
            random.exponential(2, rows),
        ]
    ),
    6,
)
amounts = np.round(hidden[:, 0] * 2 - hidden[:, 1] + 0.5 * random.standard_normal(rows), 6)
classes = np.digitize(amounts, [-1, 1])
labels = np.array(["low", "medium", "high"])[classes]
binary = (amounts > 0).astype(int)
# The last class has one row: it is no one's neighbour.
lonely = classes.copy()
lonely[5] = 9
discrete = np.column_stack(
    [np.digitize(informative[:, 0], [-1, 0, 1]), random.integers(0, 4, rows), np.digitize(amounts, [0])]
).astype(float)
tied = np.column_stack([np.round(informative[:, 0], 1), np.round(informative[:, 1])])
counts = random.poisson(1.0, (rows, 6)).astype(float)
counts[:, 0] += 2 * (classes == 0)
counts[:, 1] += 3 * (classes == 2)
counts[:, 5] = 0
separated = np.column_stack([binary, np.round(random.standard_normal(rows), 3), np.zeros(rows)]).astype(float)

# scikit-learn's sums of squares lose such a column's digits; SciPy's are of deviations.
far = 1e7 + np.round(informative[:, :1], 3)
far_anova = scipy.stats.f_oneway(*[far[classes == each, 0] for each in range(3)])
far_regression = scipy.stats.linregress(far[:, 0], amounts)

kept_classes = SelectKBest(f_classif, k=4).fit(continuous, labels)
kept_counts = SelectKBest(chi2, k=3).fit(counts, labels)
with_ties = np.array([3.0, 1.0, 3.0, np.nan, 3.0, np.inf, 1.0])


def best_of(scores, k):
    model = SelectKBest(lambda *_: scores, k=k).fit(np.zeros((2, len(scores))), [0, 1])
    return np.flatnonzero(model.get_support()).tolist()


varied = continuous.copy()
varied[3, 2] = np.nan
scaled = np.delete((continuous - continuous.mean(0)) / np.where(continuous.std(0) > 1e-9, continuous.std(0), 1), 7, 1)
scaled = np.round(scaled, 6)


def lasso(alpha):
    model = Lasso(alpha=alpha, tol=1e-14, max_iter=10**6).fit(scaled, amounts)
    return {
        "alpha": alpha,
        "coefficients": model.coef_.tolist(),
        "intercept": float(model.intercept_),
        "kept": np.flatnonzero(SelectFromModel(model, prefit=True).get_support()).tolist(),
    }


def logistic(c, target):
    model = LogisticRegression(C=c, l1_ratio=1, solver="saga", tol=1e-13, max_iter=10**6)
    if len(np.unique(target)) > 2:
        fitted = OneVsRestClassifier(model).fit(scaled, target).estimators_
    else:
        fitted = [model.fit(scaled, target)]
    return {
        "c": c,
        "coefficients": [each.coef_.ravel().tolist() for each in fitted],
        "intercepts": [float(each.intercept_[0]) for each in fitted],
    }


def rfe(keep, step, alpha):
    model = RFE(Lasso(alpha=alpha, tol=1e-13, max_iter=10**6), n_features_to_select=keep, step=step)
    model.fit(scaled, amounts)
    return {
        "keep": keep,
        "step": step,
        "alpha": alpha,
        "kept": np.flatnonzero(model.support_).tolist(),
        "ranking": model.ranking_.tolist(),
    }


linear = LinearRegression().fit(scaled[:, :5], amounts)
importance = permutation_importance(linear, scaled[:, :5], amounts, n_repeats=2000, random_state=1, scoring="r2")

arguments = [(0.5, 0.1), (0.5, 30), (1, 1e-8), (3, 2.5), (10, 3), (10, 80), (200, 210), (2000, 1900)]
out = {
    "generator": f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}",
    "continuous": matrix(continuous),
    "counts": matrix(counts),
    "discrete": matrix(discrete),
    "tied": matrix(tied),
    "separated": matrix(separated),
    "scaled": matrix(scaled),
    "amounts": amounts.tolist(),
    "labels": labels.tolist(),
    "binary": binary.tolist(),
    "lonely": lonely.tolist(),
    "fClassif": {"scores": plain(f_classif(continuous, labels)[0]), "pValues": plain(f_classif(continuous, labels)[1])},
    "fClassifSeparated": {
        "scores": plain(f_classif(separated, binary)[0]),
        "pValues": plain(f_classif(separated, binary)[1]),
    },
    "fClassifCounts": {"scores": plain(f_classif(counts[:, :5], labels)[0]), "pValues": plain(f_classif(counts[:, :5], labels)[1])},
    "far": matrix(far),
    "farClassif": {"scores": [float(far_anova.statistic)], "pValues": [float(far_anova.pvalue)]},
    "farRegression": {"scores": [float(far_regression.rvalue)]},
    "rRegression": {"scores": plain(r_regression(continuous, amounts))},
    "fRegression": {
        "scores": plain(f_regression(continuous, amounts)[0]),
        "pValues": plain(f_regression(continuous, amounts)[1]),
    },
    "fRegressionPerfect": {
        "scores": plain(f_regression(separated, separated[:, 0] * 3 - 1)[0]),
        "pValues": plain(f_regression(separated, separated[:, 0] * 3 - 1)[1]),
    },
    "chi2": {
        "scores": plain(chi2(scipy.sparse.csr_matrix(counts), labels)[0]),
        "pValues": plain(chi2(counts, labels)[1]),
    },
    "mutualInfoClassif": plain(mutual_info_classif(continuous, labels, random_state=0)),
    "mutualInfoClassifFive": plain(mutual_info_classif(continuous, labels, n_neighbors=5, random_state=0)),
    "mutualInfoClassifLonely": plain(mutual_info_classif(continuous, lonely, random_state=0)),
    "mutualInfoClassifDiscrete": plain(mutual_info_classif(discrete, labels, discrete_features=True)),
    "mutualInfoRegression": plain(mutual_info_regression(continuous, amounts, random_state=0)),
    "mutualInfoRegressionDiscrete": plain(
        mutual_info_regression(discrete, amounts, discrete_features=True, random_state=0)
    ),
    # The noise that tells equal numbers apart decides here: its mean over seeds.
    "mutualInfoTied": {
        "means": plain(np.mean([mutual_info_regression(tied, amounts, random_state=s) for s in range(200)], 0)),
        "deviations": plain(np.std([mutual_info_regression(tied, amounts, random_state=s) for s in range(200)], 0)),
    },
    "selectKBest": {
        "classes": np.flatnonzero(kept_classes.get_support()).tolist(),
        "counts": np.flatnonzero(kept_counts.get_support()).tolist(),
        "ties": {
            "scores": plain(with_ties),
            "kept": [best_of(with_ties, k) for k in range(1, len(with_ties) + 1)],
        },
    },
    "varianceThreshold": [
        {
            "threshold": threshold,
            "data": plain(varied),
            "variances": plain(VarianceThreshold(threshold).fit(varied).variances_),
            "kept": np.flatnonzero(VarianceThreshold(threshold).fit(varied).get_support()).tolist(),
        }
        for threshold in [0.0, 1.5]
    ],
    "lasso": [lasso(alpha) for alpha in [1.0, 0.1, 0.01, 0.0001]],
    "logistic": [logistic(c, binary) for c in [0.05, 1.0, 20.0]],
    "logisticClasses": logistic(0.3, labels),
    "rfe": [rfe(4, 1, 0.01), rfe(2, 3, 0.01), rfe(3, 0.25, 0.2), rfe(None, 1, 0.01)],
    "permutation": {
        "coefficients": linear.coef_.tolist(),
        "intercept": float(linear.intercept_),
        "means": importance.importances_mean.tolist(),
        "deviations": importance.importances_std.tolist(),
    },
    "upperGamma": [[a, x, float(scipy.special.gammaincc(a, x))] for a, x in arguments],
    "logGamma": [[x, float(scipy.special.gammaln(x))] for x in [0.1, 0.5, 1, 1.5, 3.7, 10, 171, 1e5]],
    "fAbove": [
        [value, d1, d2, float(scipy.stats.f.sf(value, d1, d2))]
        for value in [0.0, 1e-6, 0.3, 1.0, 4.2, 55.0, 1e6, 2.7e13]
        for d1, d2 in [(1, 1), (2, 157), (1, 48), (9, 3), (3, 1e6)]
    ],
    "chiSquaredAbove": [
        [value, degrees, float(scipy.stats.chi2.sf(value, degrees))]
        for value in [0.0, 0.01, 1.0, 9.5, 120.0, 1400.0]
        for degrees in [1, 2, 5, 40]
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
