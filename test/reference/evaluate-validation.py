"""Writes evaluate-validation.json: cross-validations, learning and validation curves of scikit-learn.

Run in an environment with numpy and scikit-learn: python test/reference/evaluate-validation.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_validate, learning_curve, validation_curve
from sklearn.naive_bayes import GaussianNB

random = np.random.default_rng(4)
rows = np.round(random.standard_normal((72, 3)), 4)
numbers = np.round(rows @ [1.5, -2, 0.3] + 0.8 * random.standard_normal(72) + 4, 4)
weights = np.round(random.uniform(0.5, 2, 72), 3)
two = (rows[:, 0] + 0.8 * random.standard_normal(72) > 0.3).astype(int)
three = np.digitize(rows[:, 1] + 0.5 * random.standard_normal(72), [-0.6, 0.6])

regression = {
    "r2": "r2",
    "meanAbsoluteError": "neg_mean_absolute_error",
    "rootMeanSquaredError": "neg_root_mean_squared_error",
    "maxError": "neg_max_error",
    "explainedVariance": "explained_variance",
    "medianAbsoluteError": "neg_median_absolute_error",
}
binary = {
    "accuracy": "accuracy",
    "balancedAccuracy": "balanced_accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "f1",
    "rocAuc": "roc_auc",
    "averagePrecision": "average_precision",
    "logLoss": "neg_log_loss",
    "brierScore": "neg_brier_score",
    "matthewsCorrelation": "matthews_corrcoef",
}
several = {
    "accuracy": "accuracy",
    "precisionMacro": "precision_macro",
    "recallMacro": "recall_macro",
    "f1Macro": "f1_macro",
    "f1Weighted": "f1_weighted",
    "rocAuc": "roc_auc_ovr",
    "logLoss": "neg_log_loss",
}


def validated(estimator, target, metrics, **more):
    found = cross_validate(estimator, rows, target, scoring=list(set(metrics.values())), return_train_score=True, **more)
    signs = {name: -1 if theirs.startswith("neg_") else 1 for name, theirs in metrics.items()}
    return {
        name: {
            "test": (signs[name] * found[f"test_{theirs}"]).tolist(),
            "train": (signs[name] * found[f"train_{theirs}"]).tolist(),
        }
        for name, theirs in metrics.items()
    }


sizes, learnt, tested = learning_curve(Ridge(), rows, numbers, cv=KFold(4))
alphas = [0.01, 1, 100]
fitted, judged = validation_curve(Ridge(), rows, numbers, param_name="alpha", param_range=alphas, cv=KFold(4))
out = {
    "generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "rows": rows.ravel().tolist(),
    "numbers": numbers.tolist(),
    "two": two.tolist(),
    "three": three.tolist(),
    "regression": validated(Ridge(alpha=0.5), numbers, regression),
    "binary": validated(GaussianNB(), two, binary),
    "several": validated(GaussianNB(), three, several),
    "learning": {"sizes": sizes.tolist(), "train": learnt.tolist(), "test": tested.tolist()},
    "validation": {"alphas": alphas, "train": fitted.tolist(), "test": judged.tolist()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
