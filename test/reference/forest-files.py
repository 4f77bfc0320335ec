"""Writes forest-files.json: models that XGBoost, LightGBM and CatBoost saved, with what they predict for 10,000 rows.

The rows are made by the linear congruential generator of test/support/linear-congruential.ts; of the predictions the
first 50 rows' stand here, and of all rows the sums over 100 rows each.
Run in an environment with numpy, xgboost, lightgbm and catboost: python test/reference/forest-files.py
"""

import base64
import gzip
import json
import tempfile
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import xgboost

ROWS, NUMERIC, WIDTH = 10_000, 6, 8
CATEGORIES = {6: 12, 7: 40}


def rows(count, seed):
    """Numbers (the last column of them often 0), categories, and missing values among both."""
    state = seed

    def uniform():
        nonlocal state
        state = (1664525 * state + 1013904223) % 2**32
        return state / 2**32

    data = np.empty((count, WIDTH))
    for row in range(count):
        for column in range(WIDTH):
            kind, value = uniform(), uniform()
            if column in CATEGORIES:
                value = np.floor(value * CATEGORIES[column])
            elif column == NUMERIC - 1 and value < 0.5:
                value = 0.0
            else:
                value = value * 4 - 2
            data[row, column] = np.nan if kind < 0.1 else value
    return data


random = np.random.default_rng(5)
train, test = rows(3000, 11), rows(ROWS, 12)
filled = np.nan_to_num(train, nan=0.5)
score = filled[:, 0] * filled[:, 1] + np.sin(2 * filled[:, 2]) + (filled[:, 6] % 3) - 1 + (filled[:, 7] % 5 - 2) / 2
score += np.isnan(train[:, 3]) + random.normal(size=len(train)) / 2
binary = (score > 0.3).astype(int)
classes = np.digitize(score, [-0.5, 1])
counts = random.poisson(np.exp(np.clip(score / 3, -2, 2)))
numeric = ["n0", "n1", "n2", "n3", "n4", "n5"]
names = [*numeric, "c6", "c7"]
models = []


def add(name, library, content, predicted):
    predicted = np.asarray(predicted, dtype=np.float64).reshape(ROWS, -1)
    sums = predicted.reshape(ROWS // 100, 100, -1).sum(axis=1)
    models.append(
        {
            "name": name,
            "library": library,
            "outputs": predicted.shape[1],
            "file": base64.b64encode(gzip.compress(content, mtime=0)).decode(),
            "first": [float(f"{value:.9g}") for value in predicted[:50].ravel()],
            "sums": base64.b64encode(sums.astype("<f8").tobytes()).decode(),
        }
    )


def saved(save, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save(str(path))
        return path.read_bytes()


def add_xgboost(name, settings, target, extension="json", rounds=6, categorical=False, group=None):
    types = ["q"] * NUMERIC + ["c" if categorical else "q"] * 2
    data = xgboost.DMatrix(train, feature_names=names, feature_types=types)
    if settings["objective"] == "survival:aft":
        data.set_float_info("label_lower_bound", target)
        data.set_float_info("label_upper_bound", target)
    else:
        data.set_label(target)
    if group is not None:
        data.set_group(group)
    model = xgboost.train({"max_depth": 4, "nthread": 1, "seed": 3, **settings}, data, rounds)
    predicted = model.predict(xgboost.DMatrix(test, feature_names=names, feature_types=types))
    add(f"XGBoost, {name}", "xgboost", saved(model.save_model, f"model.{extension}"), predicted)


add_xgboost("numbers", {"objective": "reg:squarederror"}, score)
add_xgboost("two classes, several trees a round", {"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.5}, binary, "ubj", 2)
add_xgboost("three classes", {"objective": "multi:softprob", "num_class": 3}, classes, "ubj", 3)
add_xgboost("counts", {"objective": "count:poisson"}, counts)
add_xgboost("positive numbers", {"objective": "reg:gamma"}, np.exp(score / 3))
add_xgboost("Tweedie", {"objective": "reg:tweedie"}, counts, "ubj")
add_xgboost("survival", {"objective": "survival:aft"}, np.exp(score / 3))
add_xgboost("medians", {"objective": "reg:absoluteerror"}, score)
add_xgboost("margins", {"objective": "binary:logitraw"}, binary)
add_xgboost("quantiles", {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, score)
add_xgboost("DART", {"booster": "dart", "rate_drop": 0.3, "objective": "binary:logistic"}, binary)
add_xgboost("categories", {"objective": "binary:logistic", "tree_method": "hist", "max_cat_to_onehot": 4}, binary, "json", 6, True)
add_xgboost("categories one by one", {"objective": "reg:squarederror", "tree_method": "hist", "max_cat_to_onehot": 50}, score, "ubj", 6, True)
add_xgboost("leaves of two numbers", {"objective": "reg:squarederror", "multi_strategy": "multi_output_tree", "tree_method": "hist"}, np.c_[score, -score + train[:, 4].clip(-1, 1).astype(bool)])
add_xgboost("ranks", {"objective": "rank:ndcg", "lambdarank_pair_method": "topk"}, classes, "json", 6, False, [100] * 30)
add_xgboost("by leaves", {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 14, "max_depth": 0}, binary)


def add_lightgbm(name, settings, target, rounds=6, categorical=False, rows_of=train, group=None):
    options = {"num_leaves": 9, "verbose": -1, "num_threads": 1, "deterministic": True, "seed": 3, "min_data_per_group": 20, "cat_smooth": 2, "max_cat_to_onehot": 4, **settings}
    data = lightgbm.Dataset(rows_of, target, group=group, feature_name=names, categorical_feature=[6, 7] if categorical else [], params=options)
    model = lightgbm.train(options, data, rounds)
    add(f"LightGBM, {name}", "lightgbm", model.model_to_string().encode(), model.predict(test, num_threads=1))


add_lightgbm("numbers", {"objective": "regression"}, score)
add_lightgbm("two classes with categories", {"objective": "binary", "sigmoid": 1.5}, binary, 6, True)
add_lightgbm("three classes", {"objective": "multiclass", "num_class": 3}, classes, 3, True)
add_lightgbm("each class by itself", {"objective": "multiclassova", "num_class": 3, "sigmoid": 0.7}, classes, 3)
add_lightgbm("counts", {"objective": "poisson"}, counts)
add_lightgbm("zeros are missing", {"objective": "regression", "zero_as_missing": True}, score, 6, True)
add_lightgbm("nothing is missing in training", {"objective": "regression"}, score, 6, False, filled)
add_lightgbm("missing values are not used", {"objective": "regression", "use_missing": False}, score)
add_lightgbm("random forest", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, binary)
add_lightgbm("DART", {"objective": "regression", "boosting": "dart", "drop_rate": 0.5}, score)
add_lightgbm("quantile", {"objective": "quantile", "alpha": 0.8}, score)
add_lightgbm("probabilities", {"objective": "cross_entropy"}, 1 / (1 + np.exp(-score)))
add_lightgbm("ranks", {"objective": "lambdarank"}, classes, 6, False, train, [100] * 30)


def add_catboost(name, settings, target, predict):
    model = catboost.CatBoost({"iterations": 6, "depth": 4, "thread_count": 1, "random_seed": 3, "verbose": False, "allow_writing_files": False, **settings})
    model.fit(catboost.Pool(train, target, feature_names=names))
    content = saved(lambda path: model.save_model(path, format="json"), "model.json")
    # Settings of the training that a prediction doesn't need.
    parsed = json.loads(content)
    parsed["model_info"] = {
        "class_params": parsed["model_info"].get("class_params", {}),
        "params": {"loss_function": parsed["model_info"]["params"]["loss_function"]},
    }
    content = json.dumps(parsed, separators=(",", ":")).encode()
    predicted = np.reshape(model.predict(test, prediction_type=predict), (ROWS, -1))
    if predict == "Probability":
        predicted = predicted[:, np.argsort(model.classes_)]
    add(f"CatBoost, {name}", "catboost", content, predicted)


texts = np.array(["low", "middle", "high"])[classes]
add_catboost("numbers", {"loss_function": "RMSE"}, score, "RawFormulaVal")
add_catboost("two classes", {"loss_function": "Logloss"}, binary, "Probability")
add_catboost("two classes in the other order", {"loss_function": "Logloss", "class_names": ["yes", "no"]}, np.array(["no", "yes"])[binary], "Probability")
add_catboost("three classes of text", {"loss_function": "MultiClass"}, texts, "Probability")
add_catboost("classes in an order of their own", {"loss_function": "MultiClass", "class_names": ["middle", "low", "high"]}, texts, "Probability")
add_catboost("each class by itself", {"loss_function": "MultiClassOneVsAll"}, classes, "Probability")
add_catboost("by leaves", {"loss_function": "RMSE", "grow_policy": "Lossguide", "max_leaves": 9}, score, "RawFormulaVal")
add_catboost("by levels, three classes", {"loss_function": "MultiClass", "grow_policy": "Depthwise"}, classes, "Probability")
add_catboost("counts", {"loss_function": "Poisson"}, counts, "Exponent")
add_catboost("missing values above all", {"loss_function": "RMSE", "nan_mode": "Max"}, score, "RawFormulaVal")

reference = {
    "versions": {each.__name__: each.__version__ for each in (xgboost, lightgbm, catboost)},
    "models": models,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=1) + "\n")
