"""Packs the onnx package's backend node tests into onnx-node-tests.bin.gz.

Needs: onnx 1.23.2, numpy. One file: a little-endian uint32 that says how long the JSON after it is, the JSON, then the
bytes of all models and tensors, to which the JSON's [start, length] pairs point. The models are the package's own, but
for the version of the file format. Left out are models whose operator set is older than 7, values that are no tensors or
of element types that the library doesn't have, and tests of over 100 KB.
"""

import gzip
import json
import struct
import sys
from pathlib import Path

import numpy
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

DTYPES = {
    "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
}
LARGEST = 100_000

blob = bytearray()


def put(data: bytes) -> list[int]:
    start = len(blob)
    blob.extend(data)
    return [start, len(data)]


def array_of(value):
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if isinstance(value, (list, dict)) or value is None:
        return None
    array = numpy.asarray(value)
    return array if str(array.dtype) in DTYPES else None


def pack(array):
    return {"dtype": str(array.dtype), "shape": list(array.shape), "at": put(numpy.ascontiguousarray(array).tobytes())}


cases = []
for case in sorted(collect_testcases(None), key=lambda each: each.name):
    model = case.model
    standard = [each.version for each in model.opset_import if each.domain == ""]
    domains = {each.domain for each in model.opset_import}
    if min(standard, default=0) < 7 or domains - {""}:
        continue
    if case.name.endswith("_expanded") or "_expanded_" in case.name:
        continue
    sets = []
    for inputs, outputs in case.data_sets:
        arrays = [[array_of(value) for value in values] for values in (inputs, outputs)]
        if any(array is None for values in arrays for array in values):
            sets = None
            break
        sets.append(arrays)
    if not sets:
        continue
    model.ir_version = 10
    model.producer_name = ""
    data = model.SerializeToString()
    size = len(data) + sum(array.nbytes for arrays in sets for values in arrays for array in values)
    if size > LARGEST:
        print("too large:", case.name, size, file=sys.stderr)
        continue
    cases.append({
        "name": case.name,
        "model": put(data),
        "sets": [
            {"inputs": [pack(array) for array in inputs], "outputs": [pack(array) for array in outputs]}
            for inputs, outputs in sets
        ],
    })

header = json.dumps({"onnx": onnx.__version__, "cases": cases}, separators=(",", ":")).encode()
packed = gzip.compress(struct.pack("<I", len(header)) + header + bytes(blob), 9, mtime=0)
target = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_suffix("").with_suffix(".bin.gz"))
target.write_bytes(packed)
print(len(cases), "cases,", len(packed), "bytes")
