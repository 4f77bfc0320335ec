"""Writes safetensors-files.json: files of the reference implementation, and which damaged ones it refuses.

Run in an environment with numpy, torch and safetensors: python test/reference/safetensors-files.py
"""

import base64
import json
import struct
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load, save

FLOATS = [0.0, -0.0, 1.5, -2.25, float("inf"), float("-inf")]
TENSORS = {
    "f64": torch.tensor([*FLOATS, 1e300, 5e-324], dtype=torch.float64),
    "f32": torch.tensor([*FLOATS, 1.0000001], dtype=torch.float32),
    "f16": torch.tensor([*FLOATS, 65504.0, 6e-8], dtype=torch.float16),
    "bf16": torch.tensor([*FLOATS, 3e38, 1.0078125], dtype=torch.bfloat16),
    "i64": torch.tensor([-(2**63), 2**63 - 1, 0, -1], dtype=torch.int64),
    "i32": torch.tensor([[-(2**31), 2**31 - 1]], dtype=torch.int32),
    "i16": torch.tensor([-(2**15), 2**15 - 1, 3], dtype=torch.int16),
    "i8": torch.tensor([[[-128], [127], [5]]], dtype=torch.int8),
    "u8": torch.tensor([0, 255, 7], dtype=torch.uint8),
    "u16": torch.tensor([0, 65535, 9], dtype=torch.uint16),
    "u32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
    "u64": torch.tensor([0, 2**64 - 1], dtype=torch.uint64),
    "bool": torch.tensor([True, False, True, True, False]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros((3, 0, 2)),
    "Ωmega \"quoted\"\\\n": torch.tensor([1], dtype=torch.int8),
    "z.later": torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    "a.sooner": torch.tensor([4.0]),
}


def described(tensor):
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.dtype in (torch.float16, torch.bfloat16):
        values = [str(bits) for bits in tensor.view(torch.uint16).flatten().tolist()]
    elif tensor.dtype == torch.bool:
        values = [str(int(value)) for value in tensor.flatten().tolist()]
    else:
        values = [repr(value) for value in tensor.flatten().tolist()]
    return {"dtype": dtype, "shape": list(tensor.shape), "values": values}


def file_case(name, tensors, metadata):
    contents = save(tensors, metadata)
    return {
        "name": name,
        "bytes": base64.b64encode(contents).decode(),
        "metadata": metadata or {},
        "tensors": {key: described(tensor) for key, tensor in tensors.items()},
    }


def raw(header, data=b"", length=None):
    text = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def one(dtype="F32", shape="[2]", offsets="[0,8]", extra=""):
    return '{"a":{"dtype":"%s","shape":%s,"data_offsets":%s%s}}' % (dtype, shape, offsets, extra)


EIGHT = bytes(8)
TWO = '{"a":{"dtype":"U8","shape":[4],"data_offsets":%s},"b":{"dtype":"U8","shape":[4],"data_offsets":%s}}'
DAMAGED = {
    "nothing": b"",
    "seven bytes": bytes(7),
    "no header": raw(""),
    "an empty header": raw("{}"),
    "spaces behind the header": raw("{}      "),
    "a space before the header": raw(" {}"),
    "a list for a header": raw("[]"),
    "bytes without a tensor": raw("{}", EIGHT),
    "a header past the end": raw("{}", length=3),
    "a header of 2^63 bytes": raw("{}", length=2**63),
    "a header above 100 MB": raw("{}", length=100_000_001),
    "no UTF-8": raw(b'{"\xff":1}'),
    "cut JSON": raw('{"a":'),
    "something behind the JSON": raw("{} x"),
    "right": raw(one(), EIGHT),
    "a key more": raw(one(extra=',"more":{"x":[1,null,"y"]}'), EIGHT),
    "no dtype": raw('{"a":{"shape":[2],"data_offsets":[0,8]}}', EIGHT),
    "no shape": raw('{"a":{"dtype":"F32","data_offsets":[0,8]}}', EIGHT),
    "no offsets": raw('{"a":{"dtype":"F32","shape":[2]}}', EIGHT),
    "an unknown dtype": raw(one("F33"), EIGHT),
    "a dtype in lower case": raw(one("f32"), EIGHT),
    "a negative size": raw(one(shape="[-2]"), EIGHT),
    "a size with a fraction": raw(one(shape="[2.5]"), EIGHT),
    "a size written as a float": raw(one(shape="[2.0]"), EIGHT),
    "a size with an exponent": raw(one(shape="[2e0]"), EIGHT),
    "a size as a text": raw(one(shape='["2"]'), EIGHT),
    "a size that is nothing": raw(one(shape="[null]"), EIGHT),
    "a leading zero": raw(one(shape="[02]"), EIGHT),
    "a shape too small": raw(one(shape="[1]"), EIGHT),
    "a shape too large": raw(one(shape="[3]"), EIGHT),
    "an overflowing shape": raw(one(shape="[4294967296,4294967296,4]"), EIGHT),
    "an overflowing shape times zero": raw(one(shape="[9223372036854775807,9223372036854775807,0]", offsets="[0,0]")),
    "one offset": raw(one(offsets="[0]"), EIGHT),
    "three offsets": raw(one(offsets="[0,8,8]"), EIGHT),
    "offsets turned round": raw(one(offsets="[8,0]"), EIGHT),
    "a hole before the first": raw(one(offsets="[4,12]"), bytes(12)),
    "bytes behind the last": raw(one(), bytes(9)),
    "too few bytes": raw(one(), bytes(7)),
    "two tensors": raw(TWO % ("[0,4]", "[4,8]"), EIGHT),
    "two tensors, the later first": raw(TWO % ("[4,8]", "[0,4]"), EIGHT),
    "two tensors that overlap": raw(TWO % ("[0,4]", "[2,6]"), EIGHT),
    "two tensors in one place": raw(TWO % ("[0,4]", "[0,4]"), bytes(4)),
    "two tensors with a hole": raw(TWO % ("[0,4]", "[5,9]"), bytes(9)),
    "a tensor that is no object": raw('{"a":5}'),
    "free texts": raw('{"__metadata__":{"format":"pt"}}'),
    "free texts that are numbers": raw('{"__metadata__":{"format":1}}'),
    "free texts that are a list": raw('{"__metadata__":["pt"]}'),
    "a name twice": raw('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', bytes(4)),
    "a dtype twice": raw(one(extra=',"dtype":"F32"'), EIGHT),
    "unaligned data": raw(one() + " ", EIGHT),
    "deep nesting": raw('{"a":' + "[" * 200 + "]" * 200 + "}"),
}


def verdict(contents):
    try:
        load(contents)
        return "accepted"
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:160]


out = {
    "generator": f"safetensors {safetensors.__version__}, torch {torch.__version__.split('+')[0]}",
    "files": [
        file_case("every element type", TENSORS, {"format": "pt"}),
        file_case("no texts", {"w": torch.tensor([1.0])}, None),
        file_case("no tensors", {}, None),
    ],
    "damaged": [
        {"name": name, "bytes": base64.b64encode(contents).decode(), "reference": verdict(contents)}
        for name, contents in DAMAGED.items()
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
for case in out["damaged"]:
    print(case["name"], "->", case["reference"])
