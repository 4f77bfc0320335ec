"""What Tenon's client has logged to an MLflow server, read back by MLflow's own client.

Usage: read_back.py URL EXPECTED, a file of JSON that says what was logged. Prints the counts as JSON.
"""

import json
import math
import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd
from mlflow.tracking import MlflowClient

url, expected_path = sys.argv[1:]
with open(expected_path) as file:
    expected = json.load(file)
mlflow.set_tracking_uri(url)
mlflow.set_experiment("from Tenon")
client = MlflowClient()
failures, passed = [], 0


def check(name, run):
    global passed
    try:
        run()
        passed += 1
    except Exception as error:  # A failure is counted, whatever it is.
        failures.append(f"{name}: {type(error).__name__}: {error}")


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{str(found)[:500]} is not {str(wanted)[:500]}")


run = client.get_run(expected["run"])


def info():
    equal(run.info.run_name, "parent")
    equal(run.info.status, "FINISHED")
    assert run.info.end_time >= run.info.start_time
    equal(client.get_experiment(run.info.experiment_id).name, "from Tenon")
    equal(run.data.tags["mlflow.note.content"], "what it is for")


def nested():
    children = mlflow.search_runs(
        experiment_names=["from Tenon"], filter_string=f"tags.mlflow.parentRunId = '{expected['run']}'"
    )
    equal(sorted(children["tags.mlflow.runName"]), ["child 0", "child 1", "failing"])
    equal(sorted(children.status), ["FAILED", "FINISHED", "FINISHED"])


def metrics():
    history = client.get_metric_history(expected["run"], "loss")
    equal([(point.step, point.value) for point in sorted(history, key=lambda point: point.step)],
          [(step, 1 / (step + 1)) for step in range(10_000)])
    times = [point.timestamp for point in sorted(history, key=lambda point: point.step)]
    equal(times, sorted(times))


def odd_metrics():
    values = {point.step: point.value for point in client.get_metric_history(expected["run"], "odd")}
    assert math.isnan(values[0])
    assert values[1] > 1e308 and values[2] < -1e308
    equal(values[3], 0.1 + 0.2)
    equal(values[4], 5e-324)


def params_and_tags():
    equal(run.data.params, expected["params"])
    for key, value in expected["tags"].items():
        equal(run.data.tags[key], value)


def inputs():
    (data,) = run.inputs.dataset_inputs
    equal((data.dataset.name, data.dataset.digest, data.tags[0].value), ("loans", "abc123", "training"))


def artifacts():
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(expected["run"], "", folder)
        with open(os.path.join(path, "notes/plan ä.txt")) as file:
            equal(file.read(), "text")
        equal(os.path.getsize(os.path.join(path, "large.bin")), 5_000_000)
        with open(os.path.join(path, "dict.json")) as file:
            equal(json.load(file), {"a": [1, 2]})
        with open(os.path.join(path, "plots/figure.json")) as file:
            equal(json.load(file)["data"][0]["y"], [1, 2, 3])
        for name in ["plots/figure.html", "plots/figure.svg", "plots/figure.png", "all/a.txt", "all/deep/b.txt"]:
            assert os.path.exists(os.path.join(path, name)), name


def tables():
    table = mlflow.load_table("table.json", run_ids=[expected["run"]])
    equal(list(table["name"]), ["x", "y", "z"])
    equal(list(table["value"])[:2], [1.5, 2])


def logged_model():
    model = client.get_logged_model(expected["model"])
    equal(str(model.status), "READY")
    equal((model.name, model.source_run_id, model.params), ("risk", expected["run"], {"depth": "3"}))
    equal([(output.model_id, output.step) for output in run.outputs.model_outputs], [(expected["model"], 7)])


def frame_of(schema):
    """The rows as a data frame of the types that MLflow's schema names."""
    frame = pd.DataFrame(expected["rows"])[expected["columns"]]
    for column in schema.inputs:
        kind = getattr(column.type, "name", "any")
        if kind == "datetime":
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif kind in ("double", "float", "long"):
            frame[column.name] = frame[column.name].astype("int64" if kind == "long" else "float64")
    return frame


def predictions(uri):
    def test():
        model = mlflow.pyfunc.load_model(uri)
        equal(model.metadata.run_id, expected["run"])
        found = model.predict(frame_of(model.metadata.get_input_schema()))
        for column in found.columns:
            wanted = [row[column] for row in expected["predictions"]]
            if found[column].dtype.kind in "fiu":
                np.testing.assert_allclose(found[column].astype(float), wanted, rtol=1e-5, atol=1e-6)
            else:
                equal(list(found[column]), wanted)

    return test


def versions():
    found = client.get_model_version_by_alias("risk", "champion")
    equal((found.version, found.run_id, found.tags), ("2", expected["run"], {"from": "tenon"}))
    equal(len(client.search_model_versions("name = 'risk'")), 2)


def doubled():
    history = client.get_metric_history(expected["doubled"], "loss")
    equal(sorted(point.step for point in history), list(range(1000)))
    equal(client.get_run(expected["doubled"]).data.metrics["loss"], 999.0)


def away():
    history = client.get_metric_history(expected["away"], "loss")
    equal(sorted(point.step for point in history), list(range(3000)))
    equal(client.get_run(expected["away"]).info.status, "FINISHED")


def refused():
    found = client.get_run(expected["refused"])
    equal(found.data.params, {"before": "1", "depth": "of Python", "after": "3"})
    equal(len(client.get_metric_history(expected["refused"], "loss")), 100)


for name, test in {
    "info": info,
    "nested runs": nested,
    "10,000 metrics": metrics,
    "odd metrics": odd_metrics,
    "params and tags": params_and_tags,
    "inputs": inputs,
    "artifacts": artifacts,
    "tables": tables,
    "logged model": logged_model,
    "load the logged model": predictions(f"models:/{expected['model']}"),
    "load a version": predictions("models:/risk/1"),
    "load by alias": predictions("models:/risk@champion"),
    "versions": versions,
    "a batch sent twice": doubled,
    "a server that was away": away,
    "a refused param": refused,
}.items():
    check(name, test)

print(json.dumps({"passed": passed, "failed": len(failures), "skipped": 0, "failures": failures}))
