/**
 * @file The Python module that MLflow's `python_function` flavor loads. It travels in the package, because MLflow's own loader of
 * ONNX feeds columns as they are: a missing text would become the text "None", and dates and missing truth values are refused.
 */

/** The name of the module and of its file. It has a version: a process that loads several models loads one module of a name. */
export const loaderModule = "tenon_model_v1";

/** The module: reads `tenon/signature.json` and runs `model.onnx` with ONNX Runtime, as this library does. */
export const loaderSource = `"""Runs this model in MLflow. Needs numpy, pandas and onnxruntime."""
import json
import os

import numpy as np
import onnxruntime
import pandas as pd


def _load_pyfunc(path, model_config=None):
    return TenonModel(path)


class TenonModel:
    def __init__(self, path):
        with open(os.path.join(path, "tenon", "signature.json"), encoding="utf-8") as file:
            signature = json.load(file)
        self.inputs = signature["inputs"]
        self.outputs = signature["outputs"]
        self.session = onnxruntime.InferenceSession(
            os.path.join(path, "model.onnx"), providers=["CPUExecutionProvider"]
        )

    def get_raw_model(self):
        return self.session

    def predict(self, data, params=None):
        """A row of outputs for each row of columns, as data frames; of tensors, arrays by name."""
        if any("shape" in each for each in self.inputs + self.outputs):
            return self._predict_arrays(data)
        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
        feeds = {each["name"]: _feed(frame, each) for each in self.inputs}
        found = self.session.run([each["name"] for each in self.outputs], feeds)
        columns = {}
        for output, values in zip(self.outputs, found):
            values = np.asarray(values)
            if output["type"] == "boolean":
                values = values.astype(bool)
            if "columns" in output:
                for at, name in enumerate(output["columns"]):
                    columns[f"{output['name']}_{name}"] = values[:, at]
            else:
                columns[output["name"]] = values.reshape(-1)
        return pd.DataFrame(columns)

    def _predict_arrays(self, data):
        if not isinstance(data, (dict, pd.DataFrame)):
            data = {self.inputs[0]["name"]: data}
        feeds = {each["name"]: _array(data[each["name"]], each) for each in self.inputs}
        names = [each["name"] for each in self.outputs]
        return dict(zip(names, self.session.run(names, feeds)))


_TEXTS = {"string", "uuid", "json"}
_TIMES = {"date", "timestamp", "timestamptz"}
_DTYPES = {
    "float32": np.float32,
    "float64": np.float64,
    "int64": np.int64,
    "int32": np.int32,
    "int8": np.int8,
    "uint8": np.uint8,
    "bool": np.bool_,
}


def _array(values, tensor):
    if isinstance(values, pd.Series):
        values = np.stack(values.to_list())
    return np.asarray(values, dtype=_DTYPES.get(tensor["dtype"], object))


def _feed(frame, column):
    name, kind = column["name"], column["type"]
    if name not in frame.columns:
        if column["required"]:
            raise ValueError(f"there is no column {name!r}, which the model needs")
        series = pd.Series([None] * len(frame), dtype=object)
    else:
        series = frame[name]
    missing = series.isna().to_numpy(dtype=bool)
    if column["required"] and missing.any():
        raise ValueError(f"column {name!r} has no value in row {int(missing.argmax())}, and the model needs one")
    if kind in _TEXTS:
        texts = series.astype(object).to_numpy()
        return np.array(["" if gone else str(each) for each, gone in zip(texts, missing)], dtype=object)
    if kind in _TIMES:
        values = _times(series, missing, kind)
    elif kind == "boolean":
        values = [np.nan if gone else _truth(each, name) for each, gone in zip(series, missing)]
    else:
        values = series
    if column["dtype"] == "int64":
        return _whole(values, name)
    values = pd.to_numeric(pd.Series(values), errors="raise").to_numpy(dtype=np.float64, na_value=np.nan)
    return values.astype(_DTYPES[column["dtype"]])


def _times(series, missing, kind):
    times = pd.to_datetime(series)
    if getattr(times.dt, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    units = times.to_numpy().astype("datetime64[us]").astype(np.int64)
    if kind == "date":
        units = units // 86_400_000_000
    return np.where(missing, np.nan, units) if missing.any() else units


def _truth(value, name):
    if value in (0, 1):
        return float(value)
    raise ValueError(f"column {name!r} holds {value!r}, where true or false is needed")


def _whole(values, name):
    numbers = pd.Series(values)
    whole = numbers.astype(np.int64)
    if not (whole == numbers).all():
        raise ValueError(f"column {name!r} holds a number with a fraction, where whole ones are needed")
    return whole.to_numpy()
`;
