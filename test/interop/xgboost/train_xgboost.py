"""Trains by XGBoost's Python package what it reads: JSON of cases in, JSON of predictions and losses out."""

import json
import sys

import numpy
import xgboost

NAMES = {
    "learningRate": "learning_rate",
    "maxDepth": "max_depth",
    "maxBins": "max_bin",
    "minChildWeight": "min_child_weight",
    "lambda": "reg_lambda",
    "alpha": "reg_alpha",
    "gamma": "gamma",
    "maxDeltaStep": "max_delta_step",
    "subsample": "subsample",
    "colsampleByTree": "colsample_bytree",
    "seed": "seed",
    "threads": "nthread",
    "quantileAlpha": "quantile_alpha",
}


def matrix(rows, case):
    """Rows as XGBoost's matrix; null is a missing value."""
    columns = case["columns"]
    categorical = case["settings"].get("categoricalFeatures", [])
    return xgboost.DMatrix(
        numpy.array(rows["values"], dtype=case["dtype"]).reshape(-1, len(columns)),
        label=rows["target"],
        weight=rows.get("weights"),
        feature_names=columns,
        feature_types=["c" if name in categorical else "q" for name in columns],
        enable_categorical=True,
    )


def train(case):
    """The predictions of the case's rows, and its validation's losses."""
    settings = case["settings"]
    parameters = {"tree_method": "hist", "objective": case["objective"], "eval_metric": case["metric"]}
    parameters |= {theirs: settings[ours] for ours, theirs in NAMES.items() if ours in settings}
    if case["classes"] > 2:
        parameters["num_class"] = case["classes"]
    for name in ("monotoneConstraints", "interactionConstraints"):
        if settings.get(name):
            parameters["monotone_constraints" if name[0] == "m" else "interaction_constraints"] = settings[name]
    rows = matrix(case["rows"], case)
    validation = matrix(case["validation"], case) if "validation" in case else None
    history = {}
    booster = xgboost.train(
        parameters,
        rows,
        num_boost_round=settings["nEstimators"],
        evals=[(validation, "validation")] if validation else [],
        early_stopping_rounds=settings.get("earlyStoppingRounds"),
        evals_result=history,
        verbose_eval=False,
    )
    best = booster.best_iteration + 1 if settings.get("earlyStoppingRounds") else 0
    return {
        "predictions": booster.predict(rows, iteration_range=(0, best)).astype(float).ravel().tolist(),
        "losses": history.get("validation", {}).get(case["metric"], []),
        "rounds": best or booster.num_boosted_rounds(),
    }


print(json.dumps({"results": [train(case) for case in json.load(sys.stdin)]}))
