"""Writes classifier-graphs.json: classifiers of trees as skl2onnx and onnxmltools write them to ONNX.

What they must answer is what ONNX Runtime answers, so only the graphs stand here. Some columns have missing values where the
library takes these.
Run in an environment with numpy, scikit-learn, lightgbm, xgboost, skl2onnx and onnxmltools:
python test/reference/classifier-graphs.py
"""

import base64
import gzip
import json
from pathlib import Path

import lightgbm
import numpy as np
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

WIDTH = 6
random = np.random.default_rng(11)
rows = random.normal(size=(600, WIDTH)).round(1).astype(np.float32)
score = rows[:, 0] + rows[:, 1] * rows[:, 2] + 0.3 * random.normal(size=len(rows))
two = (score > 0).astype(int)
three = np.digitize(score, [-0.5, 0.5])
words = np.array(["bad", "fair", "good"])[three]
holed = np.where(random.random(rows.shape) < 0.1, np.nan, rows).astype(np.float32)


def sklearn(model, data, target):
    model.fit(data, target)
    return to_onnx(model, data[:1], options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})


def tools(convert, model, data, target):
    model.fit(data, target)
    more = {"zipmap": False} if convert is onnxmltools.convert_lightgbm else {}
    return convert(model, initial_types=[("X", ToolsFloat([None, WIDTH]))], target_opset=15, **more)


few = {"n_estimators": 8, "max_depth": 4}
small = {"random_state": 0, **few}
graphs = {
    "decision tree, two classes": sklearn(DecisionTreeClassifier(max_depth=5, random_state=0), rows, two),
    "random forest, two classes": sklearn(RandomForestClassifier(**small), rows, two),
    "random forest, three classes": sklearn(RandomForestClassifier(**small), rows, three),
    "random forest, three words": sklearn(RandomForestClassifier(**small), rows, words),
    "extra trees, three classes": sklearn(ExtraTreesClassifier(**small), rows, three),
    "gradient boosting, two classes": sklearn(GradientBoostingClassifier(**small), rows, two),
    "gradient boosting, three classes": sklearn(GradientBoostingClassifier(**small), rows, three),
    "LightGBM, two classes": tools(
        onnxmltools.convert_lightgbm, lightgbm.LGBMClassifier(**few, verbose=-1), holed, two
    ),
    "LightGBM, three classes": tools(
        onnxmltools.convert_lightgbm, lightgbm.LGBMClassifier(**few, verbose=-1), holed, three
    ),
    "XGBoost, two classes": tools(onnxmltools.convert_xgboost, xgboost.XGBClassifier(**few), holed, two),
    "XGBoost, three classes": tools(onnxmltools.convert_xgboost, xgboost.XGBClassifier(**few), holed, three),
}
written = {
    name: base64.b64encode(gzip.compress(graph.SerializeToString(), mtime=0)).decode() for name, graph in graphs.items()
}
Path(__file__).with_suffix(".json").write_text(json.dumps(written, indent=1) + "\n")
