"""Reads the runs of an experiment, and loads their models and data, by MLflow's client; prints them as JSON."""

import json
import sys

import mlflow
import pandas as pd

mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
runs = []
for run in client.search_runs(["0"], order_by=["attributes.start_time ASC"]):
    datasets = []
    for item in run.inputs.dataset_inputs:
        source = mlflow.data.get_source(item.dataset)
        datasets.append(
            {
                "name": item.dataset.name,
                "context": {tag.key: tag.value for tag in item.tags}["mlflow.data.context"],
                "columns": [column["name"] for column in json.loads(item.dataset.schema)["mlflow_colspec"]],
                "rows": len(pd.read_csv(source.load())) if type(source).__name__ == "LocalArtifactDatasetSource" else None,
            }
        )
    models = [output.model_id for output in run.outputs.model_outputs] if run.outputs else []
    runs.append(
        {
            "id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "params": run.data.params,
            "metrics": run.data.metrics,
            "tags": run.data.tags,
            "datasets": datasets,
            "artifacts": sorted(file.path for file in client.list_artifacts(run.info.run_id, "environment")),
            "predictions": [
                float(mlflow.pyfunc.load_model(f"models:/{model}").predict(pd.DataFrame({"a": [3], "b": [0.5]}))["prediction"].iloc[0])
                for model in models
            ],
        }
    )
print(json.dumps(runs))
