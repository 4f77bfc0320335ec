"""What a metric costs that MLflow's client logs to a server, in milliseconds: the call, and until the server has it.

Usage: logging_by_mlflow.py URL COUNT. Prints JSON.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import mlflow

url, count = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(url)


def measure(synchronous):
    with mlflow.start_run():
        mlflow.log_metric("warm", 0.0, synchronous=synchronous)
        start = time.perf_counter()
        for step in range(count):
            mlflow.log_metric("loss", 1 / (step + 1), step=step, synchronous=synchronous)
        called = time.perf_counter()
        if not synchronous:
            mlflow.flush_async_logging()
        ended = time.perf_counter()
    return {"call": 1000 * (called - start) / count, "arrived": 1000 * (ended - start) / count}


print(json.dumps({"synchronous": measure(True), "asynchronous": measure(False)}))
