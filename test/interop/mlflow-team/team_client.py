"""Python's mlflow as a team uses it: users of several roles, and a file store that was taken over.

Usage: team_client.py URL MLRUNS, with TOKEN (a writer's) and PASSWORD (of the reader `rita` and the admin `ada`) in the
environment. Prints the counts as JSON.
"""

import json
import math
import os
import sys
import tempfile
import urllib.request
import warnings
from pathlib import Path

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException, RestException
from mlflow.tracking import MlflowClient
from prometheus_client.parser import text_string_to_metric_families

url, mlruns = sys.argv[1:]
token, password = os.environ["TOKEN"], os.environ["PASSWORD"]
mlflow.set_tracking_uri(url)
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


def log_in(user=None, secret=None, bearer=None):
    for name, value in [
        ("MLFLOW_TRACKING_USERNAME", user),
        ("MLFLOW_TRACKING_PASSWORD", secret),
        ("MLFLOW_TRACKING_TOKEN", bearer),
    ]:
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def refused(code, run):
    try:
        run()
    except RestException as error:
        equal(error.error_code, code)
        return
    raise AssertionError("it was not refused")


def nobody():
    log_in()
    refused("UNAUTHENTICATED", lambda: MlflowClient().search_experiments())
    log_in("rita", "wrong password")
    refused("UNAUTHENTICATED", lambda: MlflowClient().search_experiments())
    log_in(bearer=token[:-1] + ("A" if token[-1] != "A" else "B"))
    refused("UNAUTHENTICATED", lambda: MlflowClient().search_experiments())


def writer():
    log_in(bearer=token)
    mlflow.set_experiment("team")
    with tempfile.TemporaryDirectory() as place, mlflow.start_run(run_name="by token") as run:
        mlflow.log_params({"lr": 0.1})
        mlflow.log_metrics({"loss": 0.30000000000000004, "nan": math.nan, "inf": math.inf})
        big = os.urandom(40_000_000)
        Path(place, "big.bin").write_bytes(big)
        Path(place, "sub").mkdir()
        Path(place, "sub", "ä b.txt").write_text("text")
        mlflow.log_artifacts(place, "files")
    found = mlflow.get_run(run.info.run_id)
    equal(found.data.metrics["loss"], 0.30000000000000004)
    assert math.isnan(found.data.metrics["nan"])
    client = MlflowClient()
    equal([(file.path, file.file_size) for file in client.list_artifacts(run.info.run_id, "files")],
          [("files/big.bin", len(big)), ("files/sub", None)])
    with tempfile.TemporaryDirectory() as place:
        path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="files", dst_path=place)
        assert Path(path, "big.bin").read_bytes() == big
        equal(Path(path, "sub", "ä b.txt").read_text(), "text")


def parts():
    """A file whose parts the client sends to S3 itself, by links that the server gives it."""
    log_in(bearer=token)
    settings = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "10000000",
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 * 1024 * 1024),
    }
    os.environ.update(settings)
    try:
        with tempfile.TemporaryDirectory() as place, mlflow.start_run() as run:
            big = os.urandom(12_345_678)
            Path(place, "big & ä.bin").write_bytes(big)
            mlflow.log_artifact(str(Path(place, "big & ä.bin")), "in parts")
            path = mlflow.artifacts.download_artifacts(
                run_id=run.info.run_id, artifact_path="in parts/big & ä.bin", dst_path=str(Path(place, "down"))
            )
            assert Path(path).read_bytes() == big
    finally:
        for name in settings:
            del os.environ[name]
    request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as response:
        families = {family.name: family for family in text_string_to_metric_families(response.read().decode())}
    completed = {"method": "POST", "route": "mlflow-artifacts/mpu/complete/:path", "status": "200"}
    equal([sample.value for sample in families["tenon_http_requests"].samples if sample.labels == completed], [1])


def model():
    log_in(bearer=token)

    class Sum(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return np.asarray(model_input).sum(axis=1)

    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="summed", python_model=Sum(), registered_model_name="team sum", pip_requirements=[]
        )
    client = MlflowClient()
    client.set_registered_model_alias("team sum", "champion", "1")
    loaded = mlflow.pyfunc.load_model("models:/team sum@champion")
    equal(loaded.predict(np.ones((1, 3))).tolist(), [3.0])
    refused("PERMISSION_DENIED", lambda: client.delete_model_version("team sum", "1"))


def reader():
    log_in("rita", password)
    client = MlflowClient()
    equal(len(mlflow.search_runs(experiment_names=["team"], filter_string="metrics.loss < 0.5")), 1)
    loaded = mlflow.pyfunc.load_model("models:/team sum/1")
    equal(loaded.predict(np.ones((2, 2))).tolist(), [2.0, 2.0])
    refused("PERMISSION_DENIED", lambda: client.create_experiment("by a reader"))
    run = mlflow.search_runs(experiment_names=["team"], filter_string="run_name = 'by token'").run_id[0]
    refused("PERMISSION_DENIED", lambda: client.log_metric(run, "m", 1))
    try:
        client.log_text(run, "text", "x.txt")
    except Exception as error:
        assert "403" in str(error) or "PERMISSION_DENIED" in str(error), str(error)
    else:
        raise AssertionError("a reader uploaded a file")


def admin():
    log_in("ada", password)
    client = MlflowClient()
    client.create_registered_model("to delete")
    client.delete_registered_model("to delete")


def metrics():
    request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as response:
        families = {family.name: family for family in text_string_to_metric_families(response.read().decode())}
    equal(families["tenon_http_requests"].type, "counter")
    durations = families["tenon_http_request_duration_seconds"]
    equal(durations.type, "histogram")
    created = {"method": "POST", "route": "runs/create"}
    ends = [
        sample.value
        for sample in durations.samples
        if sample.name.endswith("_bucket") and sample.labels == {**created, "le": "+Inf"}
    ]
    counts = [
        sample.value for sample in durations.samples if sample.name.endswith("_count") and sample.labels == created
    ]
    equal(ends, counts)
    assert ends[0] >= 2
    refusals = [
        sample.value
        for sample in families["tenon_http_requests"].samples
        if sample.labels["status"] == "401"
    ]
    assert sum(refusals) >= 3
    assert families["tenon_store_size_bytes"].samples[0].value > 100_000
    assert families["tenon_login_failures"].samples[0].value >= 2


def of_runs(client):
    """All that is known of runs, without what an import changes: places and experiments' ids."""
    found = {}
    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL):
            key, info, data = run.info.run_id, run.info, run.data
            history = {
                name: [(point.timestamp, repr(point.value), point.step) for point in client.get_metric_history(key, name)]
                for name in data.metrics
            }
            found[key] = (
                experiment.name,
                experiment.tags,
                experiment.lifecycle_stage,
                (info.run_name, info.status, info.start_time, info.end_time, info.user_id, info.lifecycle_stage),
                data.params,
                data.tags,
                # A file store may hold a point twice, a database does not.
                {name: sorted(set(points)) for name, points in history.items()},
                [
                    (given.dataset.name, given.dataset.digest, given.dataset.source, [(tag.key, tag.value) for tag in given.tags])
                    for given in run.inputs.dataset_inputs
                ],
                [(made.model_id, made.step) for made in run.outputs.model_outputs] if run.outputs else [],
            )
    return found


def of_models(client):
    found = {}
    for registered in client.search_registered_models():
        versions = client.search_model_versions(f"name = '{registered.name}'")
        found[registered.name] = (
            registered.description or "",
            registered.tags,
            registered.aliases,
            registered.creation_timestamp,
            sorted(
                (int(one.version), one.current_stage, one.description or "", one.run_id, one.source, str(one.tags))
                for one in versions
            ),
        )
    return found


def infinities(found):
    """Infinity is kept as the largest number, as MLflow's own databases do."""
    return json.loads(
        json.dumps(found, default=str).replace("-inf", "-1.7976931348623157e+308").replace('"inf"', '"1.7976931348623157e+308"')
    )


def imported():
    log_in(bearer=token)
    theirs = MlflowClient(Path(mlruns).resolve().as_uri(), Path(mlruns).resolve().as_uri())
    ours = MlflowClient()
    expected = of_runs(theirs)
    got = of_runs(ours)
    equal(len(expected), 5)
    for run, wanted in expected.items():
        for have, want in zip(infinities(got[run]), infinities(wanted)):
            equal(have, want)
    wanted = of_models(theirs)
    found = of_models(ours)
    equal({name: found[name] for name in wanted}, wanted)


def imported_files():
    log_in(bearer=token)
    run = mlflow.search_runs(experiment_names=["café / shop"], filter_string="run_name = 'first'").run_id[0]
    with tempfile.TemporaryDirectory() as place:
        path = mlflow.artifacts.download_artifacts(run_id=run, artifact_path="files", dst_path=place)
        before = next(Path(mlruns).glob(f"*/{run}/artifacts/files"))
        equal(Path(path, "big.bin").read_bytes() == Path(before, "big.bin").read_bytes(), True)
        equal(Path(path, "sub", "ä b.txt").read_text(), "text")
    loaded = mlflow.pyfunc.load_model("models:/sum@champion")
    equal(loaded.predict(np.ones((1, 2))).tolist(), [2.0])
    equal(loaded.metadata.model_id, mlflow.search_logged_models(experiment_ids=[
        MlflowClient().get_experiment_by_name("café / shop").experiment_id
    ]).model_id[0])


for test in [nobody, writer, parts, model, reader, admin, metrics, imported, imported_files]:
    check(test.__name__, test)
print(json.dumps({"passed": passed, "failed": len(failures), "skipped": 0, "failures": failures}))
