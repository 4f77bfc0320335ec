"""MLflow's own client of scoring servers, and the requests of its documentation.

Usage: mlflow_scoring.py PORT FACTS. Prints the counts as JSON.
"""

import json
import sys

import numpy as np
import pandas as pd
import requests
from checks import Checks, equal
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

url = f"http://127.0.0.1:{sys.argv[1]}"
facts = json.load(open(sys.argv[2]))["status"]
frame = pd.DataFrame(facts["columns"])
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
check = Checks()


def same(predictions):
    found = pd.DataFrame(predictions)
    equal(list(found["label"]), facts["label"])
    probabilities = found[["probabilities_bad", "probabilities_good"]].to_numpy().ravel()
    np.testing.assert_allclose(probabilities, facts["probabilities"], atol=1e-5)


def post(body, type="application/json"):
    answer = requests.post(f"{url}/invocations", data=body, headers={"Content-Type": type}, timeout=20)
    assert answer.status_code == 200, answer.text
    same(answer.json()["predictions"])


def refused():
    answer = requests.post(f"{url}/invocations", json={"rows": []}, timeout=20)
    equal(answer.status_code, 400)
    assert answer.json()["error_code"] == "BAD_REQUEST", answer.text


check("the client pings", client.ping)
check("the client waits", lambda: client.wait_server_ready(timeout=10))
check("the client invokes", lambda: same(client.invoke(frame).get_predictions()))
check("the server's version", lambda: equal(client.get_version(), "3.17.2"))
check("dataframe_split", lambda: post(json.dumps({"dataframe_split": frame.to_dict(orient="split")})))
check("dataframe_records", lambda: post(json.dumps({"dataframe_records": frame.to_dict(orient="records")})))
check("instances", lambda: post(json.dumps({"instances": frame.to_dict(orient="records")})))
check("inputs", lambda: post(json.dumps({"inputs": frame.to_dict(orient="list")})))
check("CSV", lambda: post(frame.to_csv(index=False), "text/csv"))
check("a wrong body", refused)
check.print()
