"""Python's mlflow as the client of a server: everything that people do with it, with checks of what comes back.

Usage: client.py URL. Prints the counts as JSON.
"""

import json
import math
import os
import sys
import tempfile
import warnings

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

url = sys.argv[1]
mlflow.set_tracking_uri(url)
client = MlflowClient()
failures, passed = [], 0


def check(name, run):
    global passed
    try:
        run()
        passed += 1
    except Exception as error:  # A failure is counted, whatever it is.
        failures.append(f"{name}: {type(error).__name__}: {error}")


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def runs():
    mlflow.set_experiment("client")
    with mlflow.start_run(run_name="parent", tags={"team": "a"}, description="a run") as parent:
        mlflow.log_params({"lr": 0.1, "depth": 3})
        mlflow.log_metric("loss", 0.30000000000000004, step=1)
        mlflow.log_metrics({"acc": 0.9, "nan": math.nan, "inf": math.inf}, step=2)
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_metric("loss", 1.0)
    found = mlflow.get_run(parent.info.run_id)
    equal(found.data.params, {"lr": "0.1", "depth": "3"})
    equal(found.data.metrics["loss"], 0.30000000000000004)
    assert math.isnan(found.data.metrics["nan"])
    equal(found.info.status, "FINISHED")
    equal(found.data.tags["mlflow.note.content"], "a run")
    nested = mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    equal(list(nested.run_id), [child.info.run_id])


def many_metrics():
    run = client.create_run("0", run_name="many")
    values = [math.sin(step) for step in range(10_000)]
    for at in range(0, len(values), 1000):
        points = [Metric("m", values[step], step, step) for step in range(at, at + 1000)]
        client.log_batch(run.info.run_id, points)
    history = client.get_metric_history(run.info.run_id, "m")
    equal([point.value for point in history], values)


def failed_run():
    try:
        with mlflow.start_run(experiment_id="0") as run:
            raise RuntimeError("on purpose")
    except RuntimeError:
        equal(mlflow.get_run(run.info.run_id).info.status, "FAILED")


def artifacts():
    with mlflow.start_run(experiment_id="0") as run:
        mlflow.log_text("hello ä", "notes/a b.txt")
        mlflow.log_dict({"a": 1}, "data.json")
        mlflow.log_table({"x": [1, 2]}, "table.json")
        with tempfile.TemporaryDirectory() as folder:
            for name in ["one.bin", "two.bin"]:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(os.urandom(300_000))
            mlflow.log_artifacts(folder, "deep/folder")
            listed = client.list_artifacts(run.info.run_id, "deep/folder")
            equal([(f.path, f.file_size) for f in listed], [(f"deep/folder/{n}.bin", 300_000) for n in ["one", "two"]])
            here = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="deep/folder")
            for name in ["one.bin", "two.bin"]:
                equal(open(os.path.join(here, name), "rb").read(), open(os.path.join(folder, name), "rb").read())
        uri = run.info.artifact_uri
        equal(mlflow.artifacts.load_text(f"{uri}/notes/a b.txt"), "hello ä")
        equal(mlflow.artifacts.load_dict(f"{uri}/data.json"), {"a": 1})
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        get_artifact_repository(uri).delete_artifacts("deep")
        equal([f.path for f in client.list_artifacts(run.info.run_id)], ["data.json", "notes", "table.json"])


class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return np.asarray(model_input) * 2


def models():
    mlflow.set_experiment("models")
    with mlflow.start_run() as run:
        mlflow.log_param("depth", 3)
        info = mlflow.pyfunc.log_model(
            name="doubles",
            python_model=Doubles(),
            input_example=np.array([[1.0, 2.0]]),
            registered_model_name="doubler",
            pip_requirements=[],
        )
        mlflow.log_metric("acc", 0.75, model_id=info.model_id)
    loaded = mlflow.pyfunc.load_model(info.model_uri)
    equal(loaded.predict(np.array([[1.0, 4.0]])).tolist(), [[2.0, 8.0]])
    logged = mlflow.get_logged_model(info.model_id)
    equal(logged.status.name, "READY")
    equal(logged.params["depth"], "3")
    equal([(m.key, m.value) for m in logged.metrics], [("acc", 0.75)])
    found = mlflow.search_logged_models(
        experiment_ids=[logged.experiment_id], filter_string="metrics.acc > 0.5", output_format="list"
    )
    equal([m.model_id for m in found], [info.model_id])
    outputs = mlflow.get_run(run.info.run_id).outputs.model_outputs
    equal([o.model_id for o in outputs], [info.model_id])
    client.set_registered_model_alias("doubler", "champion", "1")
    champion = mlflow.pyfunc.load_model("models:/doubler@champion")
    equal(champion.predict(np.array([[3.0, 1.0]])).tolist(), [[6.0, 2.0]])
    equal(mlflow.pyfunc.load_model("models:/doubler/1").predict(np.array([[5.0, 1.0]])).tolist(), [[10.0, 2.0]])
    copy = client.copy_model_version("models:/doubler@champion", "prod-doubler")
    equal((copy.name, copy.version), ("prod-doubler", 1) if isinstance(copy.version, int) else ("prod-doubler", "1"))
    equal(mlflow.pyfunc.load_model("models:/prod-doubler/1").predict(np.array([[1.0, 1.0]])).tolist(), [[2.0, 2.0]])


def registry():
    client.create_registered_model("reg", tags={"a": "b"}, description="words")
    run = client.create_run("0")
    one = client.create_model_version("reg", f"runs:/{run.info.run_id}/m", run.info.run_id, tags={"k": "v"})
    client.update_model_version("reg", one.version, "first")
    client.set_model_version_tag("reg", one.version, "k", "w")
    client.set_registered_model_alias("reg", "best", one.version)
    found = client.get_model_version_by_alias("reg", "best")
    equal((found.description, found.tags, found.aliases), ("first", {"k": "w"}, ["best"]))
    client.transition_model_version_stage("reg", one.version, "Production")
    equal([v.current_stage for v in client.get_latest_versions("reg", ["Production"])], ["Production"])
    equal([m.name for m in client.search_registered_models("name = 'reg'")], ["reg"])
    equal([v.version for v in client.search_model_versions("name = 'reg' AND tags.k = 'w'")], [one.version])
    client.rename_registered_model("reg", "reg2")
    client.delete_registered_model_alias("reg2", "best")
    client.delete_model_version("reg2", one.version)
    client.delete_registered_model("reg2")
    try:
        client.get_registered_model("reg2")
    except MlflowException as error:
        equal(error.error_code, "RESOURCE_DOES_NOT_EXIST")
    else:
        raise AssertionError("a deleted model was found")


def searching():
    experiment = client.create_experiment("search")
    for number in range(25):
        client.create_run(experiment, start_time=number, tags={"n": str(number % 3)}, run_name=f"run-{number}")
    found, token = [], None
    while True:
        page = client.search_runs([experiment], "tags.n = '1'", max_results=3, order_by=["start_time ASC"], page_token=token)
        found += [run.info.start_time for run in page]
        token = page.token
        if not token:
            break
    equal(found, [number for number in range(25) if number % 3 == 1])
    client.delete_run(page[0].info.run_id)
    equal(len(client.search_runs([experiment])), 24)
    equal(len(client.search_runs([experiment], run_view_type=ViewType.ALL)), 25)
    client.restore_run(page[0].info.run_id)
    client.rename_experiment(experiment, "searched")
    client.delete_experiment(experiment)
    equal(client.get_experiment(experiment).lifecycle_stage, "deleted")
    equal([e.name for e in client.search_experiments(ViewType.DELETED_ONLY)], ["searched"])


def datasets():
    data = mlflow.data.from_numpy(np.arange(6.0).reshape(3, 2), name="numbers")
    with mlflow.start_run(experiment_id="0") as run:
        mlflow.log_input(data, context="training", tags={"split": "a"})
    (found,) = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    equal((found.dataset.name, found.dataset.digest), ("numbers", data.digest))
    equal({tag.key: tag.value for tag in found.tags}["split"], "a")
    equal(len(mlflow.search_runs(["0"], filter_string="dataset.name = 'numbers'")), 1)


def refusals():
    run = client.create_run("0").info.run_id
    client.log_param(run, "a", "1")
    for name, call in {
        "param": lambda: client.log_param(run, "a", "2"),
        "batch": lambda: client.log_batch(run, params=[Param("a", "3")], tags=[RunTag("t", "u")]),
        "filter": lambda: client.search_runs(["0"], "metrics.a = 'b'"),
        "run": lambda: client.get_run("0" * 32),
        "experiment": lambda: client.create_experiment("Default"),
    }.items():
        try:
            call()
        except MlflowException as error:
            assert error.error_code in {
                "INVALID_PARAMETER_VALUE",
                "RESOURCE_DOES_NOT_EXIST",
                "RESOURCE_ALREADY_EXISTS",
            }, f"{name}: {error.error_code}"
        else:
            raise AssertionError(f"{name} was not refused")
    equal(client.get_run(run).data.tags.get("t"), None)


def autologging():
    from sklearn.linear_model import LogisticRegression

    mlflow.set_experiment("autolog")
    mlflow.sklearn.autolog(log_models=True)
    rng = np.random.default_rng(0)
    with mlflow.start_run() as run:
        LogisticRegression(C=0.5).fit(rng.normal(size=(40, 2)), np.arange(40) % 2)
    mlflow.sklearn.autolog(disable=True)
    found = mlflow.get_run(run.info.run_id)
    equal(found.data.params["C"], "0.5")
    assert "training_accuracy_score" in found.data.metrics
    assert len(found.outputs.model_outputs) == 1


for scenario in [
    runs,
    many_metrics,
    failed_run,
    artifacts,
    models,
    registry,
    searching,
    datasets,
    refusals,
    autologging,
]:
    check(f"Python: {scenario.__name__}", scenario)
print(json.dumps({"passed": passed, "failed": len(failures), "skipped": 0, "failures": failures}))
