"""What people write by hand: FastAPI with async def and orjson, one model, the Open Inference Protocol's bodies.

ENGINE is xgboost or onnxruntime, MODEL its file.
"""

import os

import numpy as np
import orjson
from fastapi import FastAPI, Request, Response

engine, path = os.environ["ENGINE"], os.environ["MODEL"]
if engine == "xgboost":
    import xgboost

    model = xgboost.Booster(model_file=path)
    model.set_param({"nthread": 1})

    def predict(rows):
        return model.inplace_predict(rows)

else:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def predict(rows):
        return session.run(["y"], {"x": rows})[0]


app = FastAPI()


@app.get("/health")
async def health():
    return Response(status_code=200)


@app.post("/infer")
async def infer(request: Request):
    body = await request.body()
    header = request.headers.get("inference-header-content-length")
    if header is None:
        document = orjson.loads(body)
        tensor = document["inputs"][0]
        rows = np.array(tensor["data"], np.float32).reshape(tensor["shape"])
    else:
        document = orjson.loads(body[: int(header)])
        rows = np.frombuffer(body, np.float32, offset=int(header)).reshape(document["inputs"][0]["shape"])
    found = predict(rows)
    output = {"name": "y", "shape": found.shape, "datatype": "FP32"}
    if header is None:
        answer = {"model_name": "trees", "outputs": [output | {"data": found}]}
        return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
    answer = orjson.dumps({"model_name": "trees", "outputs": [output | {"parameters": {"binary_data_size": found.nbytes}}]})
    headers = {"inference-header-content-length": str(len(answer))}
    return Response(answer + found.tobytes(), media_type="application/octet-stream", headers=headers)
