"""Writes forests.json: what scikit-learn's trees and forests predict, on rows of a generator that the tests repeat.

Run in an environment with numpy and scikit-learn: python test/reference/forests.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

TRAIN, TEST, WIDTH = 1200, 1200, 8


def rows(count, seed):
    """Numbers of 200 values in the even columns, of 7 in the odd ones; a tenth is missing in column 5."""
    state = seed

    def uniform():
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return state / 2**32

    data, noise = np.empty((count, WIDTH)), np.empty(count)
    for row in range(count):
        for column in range(WIDTH):
            kind, value = uniform(), uniform()
            data[row, column] = np.floor(value * (7 if column % 2 else 200)) / (3 if column % 2 else 50)
            if column == 5 and kind < 0.1:
                data[row, column] = np.nan
        noise[row] = uniform() - 0.5
    return data, noise


x, noise = rows(TRAIN + TEST, 21)
numbers = x[:, 0] * x[:, 1] / 2 + np.abs(x[:, 2] - 2) + 2 * np.isnan(x[:, 5]) + 2 * noise
binary = (numbers + 2 * noise > 3).astype(int)
classes = np.digitize(numbers + noise, [2, 3, 4.5])
train, test = slice(0, TRAIN), slice(TRAIN, None)


def digits(values):
    return [float(f"{value:.12g}") for value in np.ravel(values)]


single = {
    "numbers": digits(DecisionTreeRegressor(max_depth=4, random_state=0).fit(x[train], numbers[train]).predict(x[test])),
    "gini": digits(DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=0).fit(x[train], binary[train]).predict_proba(x[test])[:, 1]),
    "entropy": digits(
        DecisionTreeClassifier(max_depth=3, criterion="entropy", min_samples_leaf=20, random_state=0)
        .fit(x[train], classes[train])
        .predict_proba(x[test])[:, 2]
    ),
}

# Values are missing in columns where the training had none.
blank = x[test].copy()
blank[::3, 0] = np.nan
single["blank"] = digits(DecisionTreeRegressor(max_depth=4, random_state=0).fit(x[train], numbers[train]).predict(blank))


def over_seeds(make, target, score):
    return [float(score(make(seed).fit(x[train], target[train]))) for seed in range(8)]


def auc(model):
    return roc_auc_score(binary[test], model.predict_proba(x[test])[:, 1])


settings = {"n_estimators": 40}
scores = {
    "randomForestClassifier": over_seeds(lambda seed: RandomForestClassifier(random_state=seed, **settings), binary, auc),
    "extraTreesClassifier": over_seeds(lambda seed: ExtraTreesClassifier(random_state=seed, **settings), binary, auc),
    "randomForestClassifier, four classes": over_seeds(
        lambda seed: RandomForestClassifier(random_state=seed, **settings), classes, lambda model: model.score(x[test], classes[test])
    ),
    "randomForestRegressor": over_seeds(
        lambda seed: RandomForestRegressor(random_state=seed, **settings), numbers, lambda model: model.score(x[test], numbers[test])
    ),
    "extraTreesRegressor": over_seeds(
        lambda seed: ExtraTreesRegressor(random_state=seed, **settings), numbers, lambda model: model.score(x[test], numbers[test])
    ),
}

# A fortieth of the rows is moved away; their missing values would tell nothing.
known = np.nan_to_num(x, nan=1.0)
odd = np.arange(len(x)) % 40 == 0
known[odd, :4] *= 1.7
scores["isolationForest"] = [
    float(roc_auc_score(odd, -IsolationForest(random_state=seed).fit(known).score_samples(known))) for seed in range(8)
]
few = IsolationForest(n_estimators=4, max_samples=64, contamination=0.1, random_state=0).fit(known)
isolation = {
    "trees": [
        {
            "left": tree.tree_.children_left.tolist(),
            "right": tree.tree_.children_right.tolist(),
            "feature": tree.tree_.feature.tolist(),
            "threshold": tree.tree_.threshold.tolist(),
            "rows": tree.tree_.n_node_samples.tolist(),
        }
        for tree in few.estimators_
    ],
    "scores": digits(-few.score_samples(known[:200])),
    "threshold": float(-few.offset_),
}
reference = {"version": sklearn.__version__, "single": single, "scores": scores, "isolation": isolation}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference) + "\n")
