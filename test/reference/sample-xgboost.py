"""Makes samples/data/credit-xgboost.json: a model of XGBoost's for a notebook that opens it. Needs xgboost 3.2.0, numpy.

    python test/reference/sample-xgboost.py
"""

import csv
import pathlib

import numpy as np
import xgboost

data = pathlib.Path(__file__).parents[2] / "samples" / "data"
names = ["Seniority", "Age", "Amount", "Income"]
with open(data / "credit_data.csv", newline="") as file:
    # Every second application: the others judge it.
    rows = list(csv.DictReader(file))[::2]
values = [[float("nan") if row[name] == "NA" else float(row[name]) for name in names] for row in rows]
target = [row["Status"] == "bad" for row in rows]
training = xgboost.DMatrix(np.array(values, np.float32), np.array(target, np.float32), feature_names=names)
settings = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.2, "seed": 1, "nthread": 1}
xgboost.train(settings, training, 30).save_model(data / "credit-xgboost.json")
