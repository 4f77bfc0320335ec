"""Writes evaluate-comparisons.json: intervals and tests by SciPy, statsmodels and mlxtend.

Run in an environment with numpy, SciPy, scikit-learn, statsmodels and mlxtend:
python test/reference/evaluate-comparisons.py
"""

import json
import warnings
from pathlib import Path

import mlxtend
import numpy as np
import scipy
import statsmodels
from mlxtend.evaluate import combined_ftest_5x2cv, paired_ttest_5x2cv
from scipy import stats
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.tree import DecisionTreeClassifier
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
random = np.random.default_rng(2)

wilson = []
for successes, trials in [(0, 10), (1, 10), (10, 10), (37, 50), (998, 1000), (1, 1), (250_000, 1_000_000)]:
    for confidence in [0.9, 0.95, 0.999]:
        low, high = proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
        wilson.append([successes, trials, confidence, low, high])


def components(labels, scores):
    """DeLong's structural components by their definition: all pairs."""
    positive, negative = scores[labels == 1][:, None], scores[labels == 0][None, :]
    pairs = (positive > negative) + 0.5 * (positive == negative)
    return pairs.mean(1), pairs.mean(0), pairs.mean()


delong = []
for rows, rounded in [(40, False), (90, True), (60, True)]:
    labels = np.concatenate([[0, 1, 0, 1], (random.random(rows - 4) < 0.4).astype(int)])
    first = labels + 1.1 * random.standard_normal(rows)
    second = 0.6 * first + 0.5 * labels + random.standard_normal(rows)
    if rounded:
        first, second = np.round(first), np.round(second, 1)
    (p1, n1, auc1), (p2, n2, auc2) = components(labels, first), components(labels, second)
    covariances = np.cov(p1, p2) / len(p1) + np.cov(n1, n2) / len(n1)
    z = (auc1 - auc2) / np.sqrt(covariances[0, 0] + covariances[1, 1] - 2 * covariances[0, 1])
    delong.append(
        {
            "labels": labels.tolist(),
            "first": first.tolist(),
            "second": second.tolist(),
            "areas": [auc1, auc2],
            "standardError": float(np.sqrt(covariances[0, 0])),
            "interval": np.clip(stats.norm.interval(0.95, auc1, np.sqrt(covariances[0, 0])), 0, 1).tolist(),
            "statistic": float(z),
            "pValue": float(2 * stats.norm.sf(abs(z))),
        }
    )

bootstrap = []
for name, data in [("skewed", random.lognormal(0, 1, 30)), ("normal", random.standard_normal(45))]:
    data = np.round(data, 4)
    result = stats.bootstrap((data,), np.mean, n_resamples=400, method="percentile", rng=random)
    distribution = np.round(result.bootstrap_distribution, 5)

    class Drawn:
        bootstrap_distribution = distribution

    case = {"name": name, "data": data.tolist(), "distribution": distribution.tolist(), "intervals": []}
    for method in ["percentile", "bca"]:
        for confidence in [0.8, 0.95]:
            more = {"n_resamples": 0, "bootstrap_result": Drawn, "confidence_level": confidence}
            interval = stats.bootstrap((data,), np.mean, method=method, **more).confidence_interval
            case["intervals"].append([method, confidence, float(interval.low), float(interval.high)])
    bootstrap.append(case)

mcnemars = []
for both, first, second, neither in [(30, 8, 2, 5), (100, 25, 40, 3), (5, 0, 6, 0), (5, 4, 4, 1), (0, 1, 0, 0)]:
    table = [[both, first], [second, neither]]
    for exact, correction in [(True, True), (False, True), (False, False)]:
        result = mcnemar(table, exact=exact, correction=correction)
        mcnemars.append([[both, first, second, neither], exact, correction, float(result.statistic), float(result.pvalue)])

wilcoxons = []
for count, kind in [(6, 1), (20, 1), (50, 1), (51, 1), (120, 1), (13, 2), (10, 2), (30, 2), (60, 2), (1, 1), (9, 3)]:
    differences = random.standard_normal(count) + 0.2
    if kind == 2:
        differences = np.round(2 * differences) / 2
    if kind == 3:
        differences = np.abs(differences)
    result = stats.wilcoxon(differences)
    wilcoxons.append({"differences": differences.tolist(), "statistic": float(result.statistic), "pValue": float(result.pvalue)})

five_by_two = []
for seed in range(3):
    X, y = make_classification(120, 6, n_informative=4, flip_y=0.2, random_state=seed)
    scores = []

    def scorer(model, rows, truth):
        scores.append(accuracy_score(truth, model.predict(rows)))
        return scores[-1]

    models = LogisticRegression(), DecisionTreeClassifier(max_depth=2, random_state=0)
    t, p_of_t = paired_ttest_5x2cv(*models, X, y, scoring=scorer, random_seed=seed)
    differences = (np.array(scores[0::2]) - np.array(scores[1::2])).reshape(5, 2)
    f, p_of_f = combined_ftest_5x2cv(*models, X, y, scoring=scorer, random_seed=seed)
    five_by_two.append({"differences": differences.tolist(), "t": [t, p_of_t], "f": [f, p_of_f]})

corrected = []
for splits, train, test in [(10, 90, 10), (50, 80, 20), (2, 10, 10)]:
    differences = 0.02 + 0.03 * random.standard_normal(splits)
    t = differences.mean() / np.sqrt(differences.var(ddof=1) * (1 / splits + test / train))
    corrected.append([differences.tolist(), train, test, float(t), float(2 * stats.t.sf(abs(t), splits - 1))])

versions = f"SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}, mlxtend {mlxtend.__version__}"
out = {
    "generator": f"{versions}, numpy {np.__version__}",
    "wilson": wilson,
    "delong": delong,
    "bootstrap": bootstrap,
    "mcnemar": mcnemars,
    "wilcoxon": wilcoxons,
    "fiveByTwo": five_by_two,
    "corrected": corrected,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
