"""Loads a packaged model as MLflow does and prints, as JSON, what it says of the recorded rows.

usage: predict.py DIRECTORY
"""
import json
import sys

import mlflow
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from mlflow.models import Model

directory = sys.argv[1]
with open(f"{directory}/tenon/replay.json", encoding="utf-8") as file:
    rows = json.load(file)["rows"]


def frame_of(schema):
    """The rows as a data frame of the types that MLflow's schema names."""
    frame = pd.DataFrame(rows)
    for column in schema.inputs:
        kind = getattr(column.type, "name", "any")
        if kind == "datetime":
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif kind in ("double", "float", "long"):
            frame[column.name] = frame[column.name].astype("float64" if kind != "long" else "int64")
    return frame


def records(frame):
    return frame.astype(object).to_dict(orient="records")


model = mlflow.pyfunc.load_model(directory)
schema = model.metadata.get_input_schema()
frame = frame_of(schema)
description = Model.load(directory)
example = description.load_input_example(directory)
optional = [column.name for column in schema.inputs if not column.required]


def refusal(changed):
    try:
        model.predict(changed)
    except Exception as error:
        return str(error)
    return None


required = [column.name for column in schema.inputs if column.required]
first_text = next((c.name for c in schema.inputs if getattr(c.type, "name", "") == "string"), None)

# MLflow's flavor of ONNX: the graph itself, fed with vectors.
graph = mlflow.onnx.load_model(directory)
onnx.checker.check_model(graph, full_check=True)
session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
ranks = {each.name: len(each.shape) for each in session.get_inputs()}

aware = frame.copy()
for column in aware.columns:
    if str(aware[column].dtype).startswith("datetime"):
        aware[column] = aware[column].dt.tz_localize("UTC").dt.tz_convert("Asia/Seoul")

wrapped = model.unwrap_python_model() if hasattr(model._model_impl, "python_model") else model._model_impl
print(
    json.dumps(
        {
            "predictions": records(model.predict(frame)),
            "ofExample": records(model.predict(example)),
            "withoutOptional": records(model.predict(frame.drop(columns=optional))),
            "ofAwareTimes": records(wrapped.predict(aware)),
            "missingRequired": refusal(frame.drop(columns=required[:1])),
            "noValue": refusal(frame.assign(**{required[-1]: np.nan})),
            "ranks": ranks,
            "outputNames": [each.name for each in description.signature.outputs.inputs],
            "flavors": sorted(description.flavors),
        }
    )
)
