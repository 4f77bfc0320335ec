"""Writes an MLflow file store with everything that MLflow keeps in one. Usage: write_file_store.py FOLDER"""

import math
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Metric, ViewType
from mlflow.tracking import MlflowClient

folder = Path(sys.argv[1]).resolve()
mlflow.set_tracking_uri(folder.as_uri())
client = MlflowClient()

experiment = client.create_experiment("café / shop", tags={"team": "core"})
with mlflow.start_run(experiment_id=experiment, run_name="first", description="a note") as run:
    mlflow.log_params({"lr": 0.1, "a/b": "x\ny", "empty": ""})
    client.log_batch(
        run.info.run_id,
        metrics=[Metric("loss", 1 / (step + 1), 1000 + step, step) for step in range(500)]
        + [
            Metric("odd", math.nan, 1, 0),
            Metric("odd", math.inf, 2, 1),
            Metric("odd", -math.inf, 3, 2),
            Metric("deep/er", 0.30000000000000004, 5, 0),
        ],
    )
    mlflow.set_tag("colour", "grün")
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="frame"), context="training")
    with tempfile.TemporaryDirectory() as place:
        Path(place, "big.bin").write_bytes(os.urandom(3_000_000))
        Path(place, "sub").mkdir()
        Path(place, "sub", "ä b.txt").write_text("text")
        mlflow.log_artifacts(place, "files")

    class Model(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return np.asarray(model_input).sum(axis=1)

    logged = mlflow.pyfunc.log_model(
        name="summed",
        python_model=Model(),
        registered_model_name="sum",
        input_example=np.ones((1, 2)),
        pip_requirements=[],
    )
    mlflow.log_metric("acc", 0.75, model_id=logged.model_id)
client.create_model_version("sum", f"runs:/{run.info.run_id}/files", run.info.run_id, tags={"k": "v"}, description="second")
client.update_registered_model("sum", "adds")
client.set_registered_model_tag("sum", "team", "core")
client.set_registered_model_alias("sum", "champion", "1")
client.set_model_version_tag("sum", "1", "seen", "yes")
client.transition_model_version_stage("sum", "2", "Staging")
client.create_model_version("sum", f"runs:/{run.info.run_id}/files", run.info.run_id)
client.delete_model_version("sum", "3")
client.create_registered_model("none yet")
with mlflow.start_run(experiment_id=experiment, run_name="failed") as failed:
    pass
client.set_terminated(failed.info.run_id, "FAILED", 123456)
gone = client.create_run(experiment)
client.delete_run(gone.info.run_id)
with mlflow.start_run() as default:
    mlflow.log_metric("m", 1)
trash = client.create_experiment("trash")
client.create_run(trash)
client.delete_experiment(trash)
