"""Checks the models in a folder with onnx's checker, compares them with their originals, and writes onnx-written.json.

See onnx-written.ts, which makes the folder. Run in an environment with numpy and onnx.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

folder = Path(sys.argv[1])
here = Path(__file__).parent
out = {"generator": f"onnx {onnx.__version__}", "models": {}}
for case in json.loads((here / "onnx-files.json").read_text())["models"]:
    path = folder / f"{case['name']}.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    written, original = onnx.load(path), onnx.load_from_string(base64.b64decode(case["bytes"]))
    ours = {tensor.name: tensor for tensor in written.graph.initializer}
    for tensor in original.graph.initializer:
        assert ours[tensor.name].data_type == tensor.data_type, tensor.name
        theirs = numpy_helper.to_array(tensor)
        same = numpy_helper.to_array(ours[tensor.name])
        assert same.shape == theirs.shape and same.tolist() == theirs.tolist(), tensor.name
    for sparse in original.graph.sparse_initializer:
        dense = numpy_helper.to_array(ours[sparse.values.name])
        indices = numpy_helper.to_array(sparse.indices)
        positions = indices if indices.ndim == 1 else np.ravel_multi_index(indices.T, tuple(sparse.dims))
        expected = np.zeros(list(sparse.dims), dtype=dense.dtype)
        expected.flat[positions] = numpy_helper.to_array(sparse.values)
        assert (dense == expected).all()
    for mine, their in ((written.graph.input, original.graph.input), (written.graph.output, original.graph.output)):
        assert [value.SerializeToString() for value in mine] == [value.SerializeToString() for value in their]
    if not original.functions and not original.graph.sparse_initializer:
        plain = lambda nodes: [(n.op_type, n.domain, list(n.input), list(n.output), n.name) for n in nodes]
        assert plain(written.graph.node) == plain(original.graph.node)
    assert {p.key: p.value for p in written.metadata_props} == {p.key: p.value for p in original.metadata_props}
    out["models"][case["name"]] = hashlib.sha256(path.read_bytes()).hexdigest()

path = folder / "external data.onnx"
onnx.checker.check_model(str(path), full_check=True)
model = onnx.load(path)
weights, small = (numpy_helper.to_array(tensor) for tensor in model.graph.initializer)
assert (weights == (np.arange(2048) / 3).astype(np.float32).reshape(64, 32)).all() and (small == 0.5).all()
constant = numpy_helper.to_array(model.graph.node[0].attribute[0].t)
assert (constant == -np.arange(600.0)).all()
out["models"]["external data"] = hashlib.sha256(path.read_bytes()).hexdigest()
(here / "onnx-written.json").write_text(json.dumps(out, indent=2) + "\n")
print(len(out["models"]), "models are as they should be")
