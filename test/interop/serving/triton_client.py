"""Triton's Python client, over HTTP and gRPC: health, metadata, tensors in JSON and binary, texts, errors, async, streams.

Usage: triton_client.py PORT FACTS. Prints the counts as JSON.
"""

import asyncio
import json
import queue
import sys

import numpy as np
import tritonclient.grpc as grpc
import tritonclient.grpc.aio as grpc_aio
import tritonclient.http as http
import tritonclient.http.aio as http_aio
from checks import Checks, equal
from tritonclient.utils import InferenceServerException

url = f"127.0.0.1:{sys.argv[1]}"
facts = json.load(open(sys.argv[2]))
rows = np.array(facts["matrix"]["rows"], np.float32)
expected = np.array(facts["matrix"]["y"], np.float32)
check = Checks()


def close(found, to=expected):
    equal(found.shape, to.shape)
    np.testing.assert_allclose(found, to, atol=1e-5)


def matrix_input(module, binary=True, values=rows):
    tensor = module.InferInput("x", list(values.shape), "FP32")
    if module is http:
        tensor.set_data_from_numpy(values, binary_data=binary)
    else:
        tensor.set_data_from_numpy(values)
    return tensor


def status_inputs(module, binary=True):
    tensors = []
    for name, values in facts["status"]["columns"].items():
        if isinstance(values[0], str):
            array, datatype = np.array(values, np.object_), "BYTES"
        elif isinstance(values[0], bool):
            array, datatype = np.array(values, np.bool_), "BOOL"
        else:
            array, datatype = np.array(values, np.float64), "FP64"
        tensor = module.InferInput(name, list(array.shape), datatype)
        if module is http:
            tensor.set_data_from_numpy(array, binary_data=binary)
        else:
            tensor.set_data_from_numpy(array)
        tensors.append(tensor)
    return tensors


def check_status(result):
    equal([text.decode() for text in result.as_numpy("label")], facts["status"]["label"])
    found = result.as_numpy("probabilities")
    close(found, np.array(facts["status"]["probabilities"], np.float32).reshape(found.shape))


def refused(run, *words):
    try:
        run()
    except InferenceServerException as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return
    raise AssertionError("it was not refused")


def plain(value):
    return value if isinstance(value, dict) else json.loads(json.dumps(value))


def health(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("matrix") and client.is_model_ready("matrix", "1")
    assert not client.is_model_ready("nothing")


def metadata(client, more):
    server = client.get_server_metadata(**more)
    equal(server["name"], "tenon")
    model = client.get_model_metadata("matrix", **more)
    equal(model["name"], "matrix")
    equal([model["inputs"][0]["name"], model["inputs"][0]["datatype"]], ["x", "FP32"])
    equal([int(size) for size in model["inputs"][0]["shape"]], [-1, 32])
    equal(model["outputs"][0]["name"], "y")


for name, module, more in [("HTTP", http, {}), ("gRPC", grpc, {"as_json": True})]:
    client = module.InferenceServerClient(url)
    check(f"{name}: health", lambda: health(client))
    check(f"{name}: metadata", lambda: metadata(client, more))
    check(f"{name}: tensors", lambda: close(client.infer("matrix", [matrix_input(module)]).as_numpy("y")))
    check(
        f"{name}: a version, an id and outputs",
        lambda: equal(
            client.infer(
                "matrix",
                [matrix_input(module)],
                model_version="1",
                request_id="7",
                outputs=[module.InferRequestedOutput("y")],
            ).get_response(**({} if module is http else {"as_json": True}))["id"],
            "7",
        ),
    )
    check(f"{name}: texts", lambda: check_status(client.infer("status", status_inputs(module))))
    for algorithm in ["gzip", "deflate"]:
        keyword = {"request_compression_algorithm": algorithm} if module is http else {"compression_algorithm": algorithm}
        check(
            f"{name}: {algorithm}",
            lambda: close(client.infer("matrix", [matrix_input(module)], **keyword).as_numpy("y")),
        )
    check(
        f"{name}: no model",
        lambda: refused(lambda: client.infer("nothing", [matrix_input(module)]), "nothing"),
    )
    check(
        f"{name}: a wrong shape",
        lambda: refused(lambda: client.infer("matrix", [matrix_input(module, values=rows[:, :5])]), '"x"'),
    )
    client.close()

client = http.InferenceServerClient(url, concurrency=4)
for binary_in in [False, True]:
    for binary_out in [False, True]:
        outputs = [http.InferRequestedOutput("y", binary_data=binary_out)]
        check(
            f"HTTP: binary tensors {binary_in}, {binary_out}",
            lambda: close(client.infer("matrix", [matrix_input(http, binary_in)], outputs=outputs).as_numpy("y")),
        )
check("HTTP: texts in JSON", lambda: check_status(client.infer("status", status_inputs(http, False))))
check(
    "HTTP: async",
    lambda: [close(each.get_result().as_numpy("y")) for each in [client.async_infer("matrix", [matrix_input(http)]) for _ in range(20)]],
)
client.close()

client = grpc.InferenceServerClient(url)


def callbacks():
    answers = queue.Queue()
    for _ in range(20):
        client.async_infer("matrix", [matrix_input(grpc)], lambda result, error: answers.put((result, error)))
    for _ in range(20):
        result, error = answers.get(timeout=20)
        assert error is None, error
        close(result.as_numpy("y"))


def stream():
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for at in range(20):
        client.async_stream_infer("nothing" if at == 7 else "matrix", [matrix_input(grpc)], request_id=str(at))
    for at in range(20):
        result, error = answers.get(timeout=20)
        if at == 7:
            assert "nothing" in str(error), error
        else:
            assert error is None, error
            equal(result.get_response().id, str(at))
            close(result.as_numpy("y"))
    client.stop_stream()


check("gRPC: async", callbacks)
check("gRPC: a stream", stream)
check("gRPC: a time limit", lambda: close(client.infer("matrix", [matrix_input(grpc)], client_timeout=10).as_numpy("y")))
check("gRPC: priority and timeout", lambda: close(client.infer("matrix", [matrix_input(grpc)], priority=2, timeout=10_000_000).as_numpy("y")))
check("gRPC: headers", lambda: close(client.infer("matrix", [matrix_input(grpc)], headers={"sticky-key": "a"}).as_numpy("y")))


def contents():
    """What grpcurl and others send: typed contents."""
    from tritonclient.grpc import service_pb2

    request = service_pb2.ModelInferRequest(model_name="matrix")
    tensor = request.inputs.add(name="x", datatype="FP32", shape=rows.shape)
    tensor.contents.fp32_contents.extend(rows.ravel())
    response = client._client_stub.ModelInfer(request)
    close(np.array(response.outputs[0].contents.fp32_contents, np.float32).reshape(expected.shape))


check("gRPC: typed contents", contents)
client.close()


async def asynchronous(module, plain_module):
    async with module.InferenceServerClient(url) as client:
        assert await client.is_server_ready()
        results = await asyncio.gather(*(client.infer("matrix", [matrix_input(plain_module)]) for _ in range(20)))
        for result in results:
            close(result.as_numpy("y"))


check("HTTP: asyncio", lambda: asynchronous(http_aio, http))
check("gRPC: asyncio", lambda: asynchronous(grpc_aio, grpc))
check.print()
