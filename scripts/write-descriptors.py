"""Writes ml/serve/grpc/descriptors.ts: what protoc makes of the files in ml/serve/grpc/protos.

Run by hand after a change of them, in an environment with grpcio-tools: python scripts/write-descriptors.py
"""

import base64
import pathlib
import tempfile

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

folder = pathlib.Path(__file__).parent.parent / "ml/serve/grpc"
protos = sorted(path.name for path in (folder / "protos").glob("*.proto"))
with tempfile.NamedTemporaryFile() as out:
    assert protoc.main(["protoc", f"-I{folder / 'protos'}", f"-o{out.name}", *protos]) == 0
    files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file



def names(prefix, message):
    """The full names of a message and of what is in it."""
    full = f"{prefix}.{message.name}"
    yield full
    for inner in message.nested_type:
        # The entries of maps have no names of their own in the text.
        if not inner.options.map_entry:
            yield from names(full, inner)
    for inner in message.enum_type:
        yield f"{full}.{inner.name}"


def symbols(file):
    """The full names of all that reflection's clients may ask a file by."""
    for service in file.service:
        yield f"{file.package}.{service.name}"
        for method in service.method:
            yield f"{file.package}.{service.name}.{method.name}"
    for message in file.message_type:
        yield from names(file.package, message)


lines = [
    "/** @file Made by `scripts/write-descriptors.py` of `protos/`: the files as reflection tells them. */",
    "",
    "/** A file of definitions: its name, the service in it, all full names, and its `FileDescriptorProto` in base64. */",
    "export interface ProtoFile {",
    "  readonly name: string;",
    "  readonly service: string;",
    "  readonly symbols: readonly string[];",
    "  readonly descriptor: string;",
    "}",
    "",
    "export const protoFiles: readonly ProtoFile[] = [",
]
for file in files:
    (service,) = file.service
    lines += [
        "  {",
        f'    name: "{file.name}",',
        f'    service: "{file.package}.{service.name}",',
        "    symbols: [",
        *(f'      "{symbol}",' for symbol in symbols(file)),
        "    ],",
        "    descriptor:",
        f'      "{base64.b64encode(file.SerializeToString()).decode()}",',
        "  },",
    ]
lines += ["];", ""]
(folder / "descriptors.ts").write_text("\n".join(lines))
