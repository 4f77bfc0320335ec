"""Parses bodies of OTLP's JSON by the published proto files, strictly, and prints what they hold.

Reads {"traces": [...], "logs": [...]} from its standard input. In OTLP's JSON ids are hexadecimal, in protobuf's they are base64.
"""

import base64
import json
import sys

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def with_bytes(value):
    if isinstance(value, list):
        return [with_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {
        key: base64.b64encode(bytes.fromhex(each)).decode() if key in ids else with_bytes(each)
        for key, each in value.items()
    }


given = json.load(sys.stdin)
traces = [ParseDict(with_bytes(body), ExportTraceServiceRequest()) for body in given["traces"]]
logs = [ParseDict(with_bytes(body), ExportLogsServiceRequest()) for body in given["logs"]]
spans = [span for body in traces for part in body.resource_spans for scope in part.scope_spans for span in scope.spans]
records = [each for body in logs for part in body.resource_logs for scope in part.scope_logs for each in scope.log_records]
print(
    json.dumps(
        {
            "services": [
                attribute.value.string_value
                for body in traces
                for part in body.resource_spans
                for attribute in part.resource.attributes
                if attribute.key == "service.name"
            ],
            "spans": [
                {
                    "name": span.name,
                    "traceId": span.trace_id.hex(),
                    "parentSpanId": span.parent_span_id.hex(),
                    "milliseconds": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
                    "kind": span.kind,
                    "status": span.status.code,
                }
                for span in spans
            ],
            "records": [record.body.string_value for record in records],
        }
    )
)
