"""Google's health and reflection clients: health asked and watched; a call made of what reflection tells alone.

Usage: grpc_tools.py PORT FACTS. Prints the counts as JSON.
"""

import json
import sys

import grpc
from checks import Checks, equal
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

facts = json.load(open(sys.argv[2]))["matrix"]
channel = grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}")
health = health_pb2_grpc.HealthStub(channel)
serving = health_pb2.HealthCheckResponse.SERVING
check = Checks()
check("the server is healthy", lambda: equal(health.Check(health_pb2.HealthCheckRequest()).status, serving))
check(
    "a service is healthy",
    lambda: equal(health.Check(health_pb2.HealthCheckRequest(service="inference.GRPCInferenceService")).status, serving),
)


def unknown():
    try:
        health.Check(health_pb2.HealthCheckRequest(service="nothing"))
    except grpc.RpcError as error:
        equal(error.code(), grpc.StatusCode.NOT_FOUND)
        return
    raise AssertionError("it is known")


def watch():
    call = health.Watch(health_pb2.HealthCheckRequest(), timeout=10)
    equal(next(iter(call)).status, serving)
    call.cancel()


database = ProtoReflectionDescriptorDatabase(channel)
pool = DescriptorPool(database)
service = "inference.GRPCInferenceService"


def services():
    found = set(database.get_services())
    for name in [service, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"]:
        assert name in found, f"{name} is not in {found}"


def reflected_call():
    method = pool.FindServiceByName(service).FindMethodByName("ModelInfer")
    request_class = message_factory.GetMessageClass(method.input_type)
    response_class = message_factory.GetMessageClass(method.output_type)
    rows = facts["rows"]
    request = json_format.ParseDict(
        {
            "model_name": "matrix",
            "inputs": [
                {
                    "name": "x",
                    "datatype": "FP32",
                    "shape": [len(rows), 32],
                    "contents": {"fp32_contents": [value for row in rows for value in row]},
                }
            ],
        },
        request_class(),
    )
    call = channel.unary_unary(
        f"/{service}/ModelInfer",
        request_serializer=request_class.SerializeToString,
        response_deserializer=response_class.FromString,
    )
    found = list(call(request, timeout=10).outputs[0].contents.fp32_contents)
    expected = [value for row in facts["y"] for value in row]
    equal(len(found), len(expected))
    for one, other in zip(found, expected):
        assert abs(one - other) < 1e-5, (one, other)


def missing_symbol():
    try:
        pool.FindMessageTypeByName("inference.Nothing")
    except KeyError:
        return
    raise AssertionError("there is a symbol that isn't")


check("an unknown service", unknown)
check("health is watched", watch)
check("services are listed", services)
check("a call by reflection alone", reflected_call)
check("a symbol that isn't there", missing_symbol)
check.print()
