"""Writes boosting.json: what XGBoost and LightGBM reach on seven data sets, each split five times.

Three data sets are scikit-learn's, stored beside the results; three are generated, here and in the test, by the same
seeded numbers; one is the samples' credit applications. Run in an environment with numpy, pandas, scikit-learn, xgboost and lightgbm: python test/reference/boosting.py
"""

import base64
import json
import math
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import pandas
import sklearn
import xgboost
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.metrics import log_loss, roc_auc_score

from xoshiro import xoshiro128starstar

warnings.simplefilter("ignore")
SEEDS = range(5)
SETTINGS = {"rounds": 40, "learning_rate": 0.15, "max_depth": 4, "min_child_weight": 1.0, "lambda": 1.0}
ROWS = 4000


class Random:
    """The numbers of ml/random.ts."""

    def __init__(self, seed):
        self.words = xoshiro128starstar(seed, 10**9)

    def uniform(self):
        return next(self.words) / 2**32

    def shuffle(self, values):
        for last in range(len(values) - 1, 0, -1):
            other = math.floor(self.uniform() * (last + 1))
            values[last], values[other] = values[other], values[last]


def generated(name, seed):
    """The same numbers, in the same order, as in the test."""
    random = Random(seed)
    rows, targets = [], []
    for _ in range(ROWS):
        x = [2 * random.uniform() - 1 for _ in range(8)]
        if name == "missing":
            score = 2 * x[0] + 3 * x[1] * x[2] + (1 if x[3] > 0.3 else -0.5)
            x = [math.nan if random.uniform() < 0.15 else value for value in x]
        elif name == "skewed":
            x[0] = 0.0 if random.uniform() < 0.9 else x[0]
            x[1] = math.floor(4 * x[1]) / 4
            x[2] = x[2] ** 9
            score = 4 * x[0] + 2 * x[1] + (2 if x[2] > 0.001 else -1)
        else:
            score = 2 * x[0] - 3 * x[1] * x[1] + 2 * x[4] * x[5] - 1
        rows.append(x)
        targets.append(1 if random.uniform() < 1 / (1 + math.exp(-2 * score)) else 0)
    return np.array(rows, dtype=np.float32), np.array(targets)


def split(rows, seed):
    """Which rows are trained on, two thirds; the others are predicted."""
    order = list(range(rows))
    Random(1000 + seed).shuffle(order)
    middle = 2 * rows // 3
    return np.array(order[:middle]), np.array(order[middle:])


def by_xgboost(method, x, y, test, classes):
    settings = {
        "tree_method": method,
        "max_bin": 256,
        "learning_rate": SETTINGS["learning_rate"],
        "max_depth": SETTINGS["max_depth"],
        "min_child_weight": SETTINGS["min_child_weight"],
        "lambda": SETTINGS["lambda"],
        "nthread": 1,
        "objective": "binary:logistic" if classes == 2 else "multi:softprob",
    }
    if classes > 2:
        settings["num_class"] = classes
    trained = xgboost.train(settings, xgboost.DMatrix(x, y), SETTINGS["rounds"])
    return trained.predict(xgboost.DMatrix(test))


def by_lightgbm(x, y, test, classes):
    settings = {
        "learning_rate": SETTINGS["learning_rate"],
        "max_depth": SETTINGS["max_depth"],
        "num_leaves": 2 ** SETTINGS["max_depth"],
        "min_sum_hessian_in_leaf": SETTINGS["min_child_weight"],
        "lambda_l2": SETTINGS["lambda"],
        "min_data_in_leaf": 1,
        "min_data_in_bin": 1,
        "num_threads": 1,
        "verbosity": -1,
        "objective": "binary" if classes == 2 else "multiclass",
    }
    if classes > 2:
        settings["num_class"] = classes
    return lightgbm.train(settings, lightgbm.Dataset(x, y), SETTINGS["rounds"]).predict(test)


def scores(predicted, y, classes):
    area = roc_auc_score(y, predicted, **({} if classes == 2 else {"multi_class": "ovr", "average": "macro"}))
    return {"auc": float(area), "logLoss": float(log_loss(y, predicted.astype(np.float64), labels=range(classes)))}


def stored(load):
    data = load()
    return data.data.astype(np.float32), data.target


def credit():
    """The samples' credit applications: texts as the places of their values in order, what is missing as NaN."""
    table = pandas.read_csv(Path(__file__).parents[2] / "samples/data/credit_data.csv")
    targets = (table.pop("Status") == "bad").astype(int).to_numpy()
    for name in table.columns:
        if not pandas.api.types.is_numeric_dtype(table[name]):
            table[name] = pandas.Categorical(table[name], sorted(table[name].dropna().unique())).codes
            table[name] = table[name].where(table[name] >= 0)
    return table.to_numpy(dtype=np.float32), targets


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def other_objectives():
    """XGBoost's loss on a third of generated rows, for objectives of numbers, orders and categories."""
    x, _ = generated("smooth", 3)
    random = Random(4)
    counts, numbers = [], []
    for row in x.astype(np.float64):
        rate = math.exp(row[0] + row[1] * row[2])
        counts.append(math.floor(rate + random.uniform()))
        numbers.append(2 * row[0] + row[1] * (1 + row[2]) * (2 * random.uniform() - 1))
    qid = np.arange(ROWS) // 20
    relevance = np.clip(np.round(np.array(numbers)), 0, 4)
    kinds = np.floor(15 * (x[:, :2] + 1))
    is_odd = ((kinds[:, 0] * 7 + kinds[:, 1]) % 5 < 2).astype(float)
    middle = 3000
    shared = {"tree_method": "hist", "max_bin": 256, "nthread": 1} | {
        key: SETTINGS[key] for key in ("learning_rate", "max_depth", "min_child_weight", "lambda")
    }

    def trained(settings, rows, y, **more):
        train = xgboost.DMatrix(rows[:middle], y[:middle], **{key: value[:middle] for key, value in more.items()})
        test = {key: value[middle:] for key, value in more.items()}
        model = xgboost.train(shared | settings, train, SETTINGS["rounds"])
        return model.predict(xgboost.DMatrix(rows[middle:], **test))

    counts, numbers = np.array(counts, dtype=float), np.array(numbers)
    mean = trained({"objective": "count:poisson"}, x, counts).astype(np.float64)
    squared = trained({"objective": "reg:squarederror"}, x, numbers)
    losses = {
        "poisson": float(np.mean(mean - counts[middle:] * np.log(mean))),
        "squaredError": float(np.sqrt(np.mean((squared - numbers[middle:]) ** 2))),
    }
    for alpha in (0.1, 0.8):
        predicted = trained({"objective": "reg:quantileerror", "quantile_alpha": alpha}, x, numbers)
        error = numbers[middle:] - predicted
        losses[f"quantile {alpha}"] = float(np.mean(np.maximum(alpha * error, (alpha - 1) * error)))
    ranked = trained({"objective": "rank:ndcg", "lambdarank_num_pair_per_sample": 32}, x, relevance, qid=qid)
    losses["ndcg"] = float(
        np.mean(
            [
                exact_ndcg(ranked[middle_query], relevance[middle:][middle_query])
                for middle_query in np.arange(ROWS - middle).reshape(-1, 20)
                if relevance[middle:][middle_query].any()
            ]
        )
    )
    table = pandas.DataFrame(kinds.astype(int)).astype("category")
    odds = xgboost.train(
        shared | {"objective": "binary:logistic"},
        xgboost.DMatrix(table[:middle], is_odd[:middle], enable_categorical=True),
        SETTINGS["rounds"],
    ).predict(xgboost.DMatrix(table[middle:], enable_categorical=True))
    losses["categories"] = float(log_loss(is_odd[middle:], odds.astype(np.float64)))
    return losses


def exact_ndcg(predicted, relevances):
    gains, discounts = 2.0**relevances - 1, 1 / np.log2(np.arange(len(relevances)) + 2)
    return np.sum(gains[np.argsort(-predicted, kind="stable")] * discounts) / np.sum(np.sort(gains)[::-1] * discounts)


results = []
for name, make, is_stored in [
    ("iris", lambda: stored(load_iris), True),
    ("wine", lambda: stored(load_wine), True),
    ("breast cancer", lambda: stored(load_breast_cancer), True),
    ("missing", lambda: generated("missing", 1), False),
    ("skewed", lambda: generated("skewed", 2), False),
    ("smooth", lambda: generated("smooth", 3), False),
    ("credit", credit, False),
]:
    x, y = make()
    classes = int(y.max()) + 1
    peers = {"xgboost exact": [], "xgboost hist": [], "lightgbm": []}
    for seed in SEEDS:
        train, test = split(len(y), seed)
        for peer, predicted in [
            ("xgboost exact", by_xgboost("exact", x[train], y[train], x[test], classes)),
            ("xgboost hist", by_xgboost("hist", x[train], y[train], x[test], classes)),
            ("lightgbm", by_lightgbm(x[train], y[train], x[test], classes)),
        ]:
            peers[peer].append(scores(predicted, y[test], classes))
    means = {
        peer: {key: sum(each[key] for each in all) / len(all) for key in ("auc", "logLoss")}
        for peer, all in peers.items()
    }
    results.append(
        {
            "name": name,
            "classes": classes,
            "columns": x.shape[1],
            "data": {"x": text(x), "y": text(y.astype(np.uint8))} if is_stored else None,
            "check": float(np.nansum(x.astype(np.float64)) + y.sum()),
            "peers": means,
        }
    )
    print(name, json.dumps(means))

(Path(__file__).parent / "boosting.json").write_text(
    json.dumps(
        {
            "versions": {
                "xgboost": xgboost.__version__,
                "lightgbm": lightgbm.__version__,
                "scikit-learn": sklearn.__version__,
            },
            "settings": SETTINGS,
            "sets": results,
            "losses": other_objectives(),
        }
    )
    + "\n"
)
