"""KServe's Python inference clients, REST and gRPC.

Usage: kserve_client.py PORT FACTS. Prints the counts as JSON.
"""

import json
import sys

import numpy as np
from checks import Checks, equal
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

port = sys.argv[1]
facts = json.load(open(sys.argv[2]))
rows = np.array(facts["matrix"]["rows"], np.float32)
expected = np.array(facts["matrix"]["y"], np.float32)
base = f"http://127.0.0.1:{port}"
check = Checks()


def request(binary=False, model="matrix", values=rows):
    tensor = InferInput(name="x", shape=list(values.shape), datatype="FP32")
    tensor.set_data_from_numpy(values, binary_data=binary)
    return InferRequest(model_name=model, infer_inputs=[tensor], request_id="7")


def close(response):
    equal([response.model_name, response.id], ["matrix", "7"])
    np.testing.assert_allclose(response.outputs[0].as_numpy(), expected, atol=1e-5)


def texts():
    tensors = []
    for name, values in facts["status"]["columns"].items():
        text = isinstance(values[0], str)
        array = np.array(values, np.object_ if text else np.float64)
        tensor = InferInput(name=name, shape=list(array.shape), datatype="BYTES" if text else "FP64")
        tensor.set_data_from_numpy(array, binary_data=False)
        tensors.append(tensor)
    return InferRequest(model_name="status", infer_inputs=tensors)


def labels(response):
    found = [each.decode() if isinstance(each, bytes) else each for each in response.outputs[0].as_numpy()]
    equal(found, facts["status"]["label"])


async def refused(client, run):
    try:
        await run()
    except Exception as error:
        assert "nothing" in str(error), error
        return
    raise AssertionError("it was not refused")


def rest(run):
    async def go():
        client = InferenceRESTClient(RESTConfig(protocol="v2"))
        try:
            await run(client)
        finally:
            await client.close()

    return go


async def rest_health(client):
    assert await client.is_server_ready(base)
    assert await client.is_server_live(base)
    assert await client.is_model_ready(base, "matrix")


async def rest_infer(client):
    close(await client.infer(base, request(), model_name="matrix"))


async def rest_binary(client):
    close(await client.infer(base, request(binary=True), model_name="matrix"))


async def rest_texts(client):
    labels(await client.infer(base, texts(), model_name="status"))


async def rest_refused(client):
    await refused(client, lambda: client.infer(base, request(model="nothing"), model_name="nothing"))


for run in [rest_health, rest_infer, rest_binary, rest_texts, rest_refused]:
    check(run.__name__, rest(run))


def grpc(run):
    async def go():
        async with InferenceGRPCClient(f"127.0.0.1:{port}") as client:
            await run(client)

    return go


async def grpc_health(client):
    assert await client.is_server_ready()
    assert await client.is_server_live()
    assert await client.is_model_ready("matrix")


async def grpc_infer(client):
    close(await client.infer(request()))


async def grpc_raw(client):
    close(await client.infer(request(binary=True)))


async def grpc_texts(client):
    labels(await client.infer(texts()))


async def grpc_refused(client):
    await refused(client, lambda: client.infer(request(model="nothing")))


for run in [grpc_health, grpc_infer, grpc_raw, grpc_texts, grpc_refused]:
    check(run.__name__, grpc(run))
check.print()
