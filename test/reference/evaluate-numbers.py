"""Writes evaluate-numbers.json: measures of numbers, distributions, rankings and clusters by scikit-learn and properscoring.

Run in an environment with numpy, scikit-learn and properscoring: python test/reference/evaluate-numbers.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import properscoring
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.default_rng(5)
sets = {}
values = []


def add(measure, name, result, options=None, weighted=False):
    values.append({"measure": measure, "data": name, "options": options or {}, "weighted": weighted, "value": result})


def numbers(name, truth, predicted):
    weights = np.round(random.exponential(1, len(truth)), 3)
    weights[::7] = 0
    if np.ptp(truth) == 0:  # whole: by others scikit-learn's mean of equal numbers is off by its rounding
        weights = np.ceil(weights)
    sets[name] = {"truth": truth.tolist(), "predicted": predicted.tolist(), "weights": weights.tolist()}
    for weighted in [False, True]:
        w = {"sample_weight": weights} if weighted else {}

        def each(measure, function, options=None, **theirs):
            add(measure, name, float(function(truth, predicted, **theirs, **w)), options, weighted)

        each("meanAbsoluteError", metrics.mean_absolute_error)
        each("meanSquaredError", metrics.mean_squared_error)
        each("rootMeanSquaredError", metrics.root_mean_squared_error)
        each("meanAbsolutePercentageError", metrics.mean_absolute_percentage_error)
        each("medianAbsoluteError", metrics.median_absolute_error)
        each("explainedVariance", metrics.explained_variance_score)
        for alpha in [0.1, 0.5, 0.9]:
            each("meanPinballLoss", metrics.mean_pinball_loss, {"alpha": alpha}, alpha=alpha)
        if not weighted:
            add("maxError", name, float(metrics.max_error(truth, predicted)))
        if len(truth) > 1:
            each("r2Score", metrics.r2_score)
            each("d2AbsoluteErrorScore", metrics.d2_absolute_error_score)
            for alpha in [0.1, 0.8]:
                each("d2PinballScore", metrics.d2_pinball_score, {"alpha": alpha}, alpha=alpha)
        powers = [0]
        if (predicted > 0).all() and (truth >= 0).all():
            each("meanSquaredLogError", metrics.mean_squared_log_error)
            each("rootMeanSquaredLogError", metrics.root_mean_squared_log_error)
            each("meanPoissonDeviance", metrics.mean_poisson_deviance)
            powers += [-1.5, 1, 1.5]
            if (truth > 0).all():
                each("meanGammaDeviance", metrics.mean_gamma_deviance)
                powers += [2, 3, 2.5]
        for power in powers:
            each("meanTweedieDeviance", metrics.mean_tweedie_deviance, {"power": power}, power=power)
            if np.ptp(truth) > 0:  # scikit-learn divides by zero for equal targets
                each("d2TweedieScore", metrics.d2_tweedie_score, {"power": power}, power=power)


truth = 10 * random.standard_normal(61)
numbers("any", truth, truth + 4 * random.standard_normal(61))
truth = random.poisson(2, 50).astype(float)
numbers("counts", truth, 0.5 + random.gamma(2, 1, 50))
truth = random.gamma(2, 3, 40)
numbers("positive", truth, truth * random.uniform(0.5, 1.5, 40))
numbers("equal targets", np.full(9, 3.0), np.linspace(2, 4, 9))
numbers("perfect", np.full(9, 3.0), np.full(9, 3.0))
truth = random.integers(0, 5, 30).astype(float)
numbers("few numbers", truth, random.integers(0, 5, 30).astype(float))

# Distributions
truth = random.standard_normal(25)
means, deviations = random.standard_normal(25), random.uniform(0.2, 2, 25)
samples = np.round(means[:, None] + deviations[:, None] * random.standard_normal((25, 8)), 2)
weights = random.exponential(1, 25)
sets["distributions"] = {
    "truth": truth.tolist(),
    "predicted": means.tolist(),
    "deviations": deviations.tolist(),
    "samples": samples.ravel().tolist(),
    "weights": weights.tolist(),
}
for weighted in [False, True]:
    w = weights if weighted else None
    gauss = properscoring.crps_gaussian(truth, means, deviations)
    add("crpsNormal", "distributions", float(np.average(gauss, weights=w)), None, weighted)
    ensemble = properscoring.crps_ensemble(truth, samples)
    add("crpsEnsemble", "distributions", float(np.average(ensemble, weights=w)), None, weighted)

# Rankings
for name, documents, queries, rounded in [("one query", 12, 1, False), ("queries", 8, 6, False), ("tied", 9, 5, True)]:
    relevance = random.choice(4, (queries, documents), p=[0.6, 0.2, 0.1, 0.1]).astype(float)
    relevance[-1] *= queries == 1
    scores = relevance + 2 * random.standard_normal((queries, documents))
    scores = np.round(scores) if rounded else scores
    ids = np.repeat(np.arange(queries), documents)
    order = random.permutation(queries * documents) if not rounded else np.arange(queries * documents)
    sets[name] = {
        "truth": relevance.ravel()[order].tolist(),
        "predicted": scores.ravel()[order].tolist(),
        "queries": ids[order].tolist(),
        "weights": [],
    }
    relevant = (relevance > 0).astype(int)
    ranks = np.take_along_axis(relevant, np.argsort(-scores, axis=1, kind="stable"), axis=1)
    found = [metrics.average_precision_score(r, s) if r.any() else 0.0 for r, s in zip(relevant, scores)]
    add("meanAveragePrecision", name, float(np.mean(found)))
    for k in [None, 1, 3, 5]:
        options = {"k": k} if k else {}
        add("dcg", name, float(metrics.dcg_score(relevance, scores, k=k)), options)
        add("dcg", name, float(metrics.dcg_score(relevance, scores, k=k, log_base=10)), {"logBase": 10, **options})
        add("ndcg", name, float(metrics.ndcg_score(relevance, scores, k=k)), options)
        top = ranks[:, :k]
        first = [1 / (1 + np.flatnonzero(row)[0]) if row.any() else 0.0 for row in top]
        add("meanReciprocalRank", name, float(np.mean(first)), options)
        if k:
            add("precisionAtK", name, float(np.mean(top.sum(1) / k)), options)
            add("recallAtK", name, float(np.mean(top.sum(1) / np.maximum(1, ranks.sum(1)))), options)
            add("hitRate", name, float(np.mean(top.any(1))), options)

# Clusters
for name, truth, clusters in [
    ("near", (t := random.integers(0, 4, 60)), np.where(random.random(60) < 0.7, t, random.integers(0, 5, 60))),
    ("random", random.integers(0, 3, 50), random.integers(0, 6, 50)),
    ("renamed", (t := random.integers(0, 3, 30)), (t + 1) % 3),
    ("all in one", random.integers(0, 3, 20), np.zeros(20, dtype=int)),
    ("each alone", np.arange(12), np.arange(12)),
    ("all in one, twice", np.zeros(9, dtype=int), np.ones(9, dtype=int)),
    ("each alone, none known", np.zeros(9, dtype=int), np.arange(9)),
]:
    sets[name] = {"truth": truth.tolist(), "predicted": clusters.tolist(), "weights": []}
    add("adjustedRand", name, float(metrics.adjusted_rand_score(truth, clusters)))
    add("fowlkesMallows", name, float(metrics.fowlkes_mallows_score(truth, clusters)))
    parts = metrics.homogeneity_completeness_v_measure(truth, clusters)
    add("homogeneityCompleteness", name, [float(part) for part in parts])
    parts = metrics.homogeneity_completeness_v_measure(truth, clusters, beta=0.5)
    add("homogeneityCompleteness", name, [float(part) for part in parts], {"beta": 0.5})
    for average in ["min", "geometric", "arithmetic", "max"]:
        how = {"average_method": average}
        shared = metrics.normalized_mutual_info_score(truth, clusters, **how)
        add("normalizedMutualInformation", name, float(shared), {"average": average})
        shared = metrics.adjusted_mutual_info_score(truth, clusters, **how)
        add("adjustedMutualInformation", name, float(shared), {"average": average})

for name, rows, width, count in [("three blobs", 60, 2, 3), ("five of four columns", 50, 4, 5)]:
    clusters = np.concatenate([np.arange(count), random.integers(0, count - 1, rows - count)])
    points = 1.5 * random.standard_normal((count, width))[clusters] + random.standard_normal((rows, width))
    sets[name] = {"truth": points.ravel().tolist(), "predicted": clusters.tolist(), "weights": []}
    add("silhouette", name, metrics.silhouette_samples(points, clusters).tolist())
    add("daviesBouldin", name, float(metrics.davies_bouldin_score(points, clusters)))
    add("calinskiHarabasz", name, float(metrics.calinski_harabasz_score(points, clusters)))

out = {
    "generator": f"scikit-learn {sklearn.__version__}, properscoring 0.1, numpy {np.__version__}",
    "data": sets,
    "values": values,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
