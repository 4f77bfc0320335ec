"""Writes evaluate-classes.json: classes, scores and probabilities with scikit-learn's measures of them.

Run in an environment with numpy and scikit-learn: python test/reference/evaluate-classes.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.default_rng(11)


def said(truth, classes, right):
    """Classes that are right with a given probability, else any."""
    return np.where(random.random(len(truth)) < right, truth, random.choice(classes, len(truth)))


def data(truth, predicted, **others):
    weights = np.round(random.exponential(1, len(truth)), 3)
    weights[::9] = 0
    return {"truth": truth, "predicted": predicted, "weights": weights, **others}


sets = {}
truth = random.choice([0, 1], 80, p=[0.7, 0.3])
sets["two"] = data(truth, said(truth, [0, 1], 0.6))
truth = random.choice(["cat", "dog", "fox", "owl"], 90, p=[0.4, 0.3, 0.2, 0.1])
sets["texts"] = data(truth, said(truth, ["cat", "dog", "fox", "owl"], 0.5))
truth = random.choice([1, 2, 10], 60)
sets["never said"] = data(truth, np.where(truth == 10, 1, said(truth, [1, 2], 0.7)))
sets["one class said"] = data(np.array([0, 1] * 10), np.ones(20, dtype=int))
sets["all right"] = data(np.array([3, 1, 2] * 5), np.array([3, 1, 2] * 5))

values = []


def add(measure, name, result, options=None, weighted=False):
    if isinstance(result, tuple):
        result = [np.asarray(part).tolist() for part in result]
    result = np.asarray(result).tolist() if not isinstance(result, list) else result
    values.append({"measure": measure, "data": name, "options": options or {}, "weighted": weighted, "value": result})


for name, rows in sets.items():
    y, p = rows["truth"], rows["predicted"]
    for weighted in [False, True]:
        w = {"sample_weight": rows["weights"]} if weighted else {}

        def each(measure, function, options=None, **theirs):
            add(measure, name, function(y, p, **theirs, **w), options, weighted)

        each("accuracy", metrics.accuracy_score)
        each("hammingLoss", metrics.hamming_loss)
        each("balancedAccuracy", metrics.balanced_accuracy_score)
        each("balancedAccuracy", metrics.balanced_accuracy_score, {"adjusted": True}, adjusted=True)
        each("matthewsCorrelation", metrics.matthews_corrcoef)
        for ours, theirs in [(None, None), ("linear", "linear"), ("quadratic", "quadratic")]:
            each("cohenKappa", metrics.cohen_kappa_score, {"penalty": ours} if ours else {}, weights=theirs)
        for ours, theirs in [(None, None), ("true", "true"), ("predicted", "pred"), ("all", "all")]:
            options = {"normalize": ours} if ours else {}
            each("confusionMatrix", metrics.confusion_matrix, options, normalize=theirs)
        averages = ["micro", "macro", "weighted"] + (["binary"] if set(y) == {0, 1} else [])
        for average in averages:
            for nothing in [0, 1, float("nan")]:
                options = {"average": average, "zeroDivision": "NaN" if np.isnan(nothing) else nothing}
                more = {"average": average, "zero_division": nothing}
                each("precision", metrics.precision_score, options, **more)
                each("recall", metrics.recall_score, options, **more)
                each("f1Score", metrics.f1_score, options, **more)
                if nothing == 0:
                    each("fBetaScore", metrics.fbeta_score, {"beta": 2, **options}, beta=2, **more)
                    each("jaccard", metrics.jaccard_score, options, **more)
        each("classReport", metrics.precision_recall_fscore_support)

scores = {}
labels = random.choice([0, 1], 120, p=[0.75, 0.25])
scores["distinct"] = (labels, labels + 1.2 * random.standard_normal(120))
scores["ties"] = (labels, np.round(scores["distinct"][1]))
scores["one score"] = (labels[:30], np.full(30, 0.5))
scores["perfect"] = (np.array([0, 0, 1, 1, 1]), np.array([-2.0, -1.0, 0.0, 0.5, 3.0]))
for name, (labels, score) in scores.items():
    sets[name] = data(labels, score)
    for weighted in [False, True]:
        w = {"sample_weight": sets[name]["weights"]} if weighted else {}
        add("rocAuc", name, metrics.roc_auc_score(labels, score, **w), None, weighted)
        add("averagePrecision", name, metrics.average_precision_score(labels, score, **w), None, weighted)
        falses, trues, steps = metrics.roc_curve(labels, score, **w)
        add("rocCurve", name, (falses, trues, steps[1:]), None, weighted)
        add("precisionRecallCurve", name, metrics.precision_recall_curve(labels, score, **w), None, weighted)
        curve = metrics.det_curve(labels, score, drop_intermediate=False, **w)
        # An infinite threshold is no JSON.
        curve = (*curve[:2], np.where(np.isinf(curve[2]), 1e300, curve[2]))
        add("detCurve", name, curve, None, weighted)

probabilities = {}
for name, width, rows in [("of three", 3, 70), ("of five", 5, 80)]:
    truth = np.concatenate([np.arange(width), random.integers(0, width, rows - width)])
    logits = 1.5 * np.eye(width)[truth] + random.standard_normal((rows, width))
    rounded = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 2)
    rounded[:, 0] += 1 - rounded.sum(1)
    rounded = np.clip(rounded, 0, 1)
    rounded /= rounded.sum(1, keepdims=True)
    sets[name] = data(truth, rounded.ravel())
    for weighted in [False, True]:
        w = {"sample_weight": sets[name]["weights"]} if weighted else {}
        add("multiclassLogLoss", name, metrics.log_loss(truth, rounded, **w), None, weighted)
        add("multiclassBrierScore", name, metrics.brier_score_loss(truth, rounded, scale_by_half=False, **w), None, weighted)
        for k in [1, 2, 3]:
            add("topKAccuracy", name, metrics.top_k_accuracy_score(truth, rounded, k=k, **w), {"k": k}, weighted)
        for way in ["ovr", "ovo"]:
            for average in ["macro", "weighted"]:
                if weighted and way == "ovo":
                    continue
                area = metrics.roc_auc_score(truth, rounded, multi_class=way, average=average, **w)
                add("multiclassRocAuc", name, area, {"multiClass": way, "average": average}, weighted)

for name, (labels, score) in scores.items():
    if name == "distinct":
        probability = 1 / (1 + np.exp(-score))
        sets["two, probabilities"] = data(labels, probability)
        w = {"sample_weight": sets["two, probabilities"]["weights"]}
        add("logLoss", "two, probabilities", metrics.log_loss(labels, probability, **w), None, True)
        add("brierScore", "two, probabilities", metrics.brier_score_loss(labels, probability, **w), None, True)


def plain(value):
    """NaN is no JSON: null."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and np.isnan(value) else value


out = {
    "generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "data": {name: {key: part.tolist() for key, part in rows.items()} for name, rows in sets.items()},
    "values": [{**each, "value": plain(each["value"])} for each in values],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
