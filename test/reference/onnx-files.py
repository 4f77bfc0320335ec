"""Writes onnx-files.json: models made with the onnx package, what it reads in them, and damaged ones with its verdict.

Run in an environment with numpy and onnx: python test/reference/onnx-files.py
"""

import base64
import json
import tempfile
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

IR = 9
OPSETS = {"": 17}
DTYPES = {
    "float32": (T.FLOAT, [0.0, -1.5, 3.25, float("inf")]),
    "float64": (T.DOUBLE, [1e300, -2.5, 5e-324]),
    "float16": (T.FLOAT16, [1.5, -2.0, 65504.0, 6e-8]),
    "bfloat16": (T.BFLOAT16, [1.5, -2.0, 3e38]),
    "int8": (T.INT8, [-128, 127, 0]),
    "int16": (T.INT16, [-32768, 32767, 5]),
    "int32": (T.INT32, [-(2**31), 2**31 - 1, -1]),
    "int64": (T.INT64, [-(2**63), 2**63 - 1, -1]),
    "uint8": (T.UINT8, [0, 255]),
    "uint16": (T.UINT16, [0, 65535]),
    "uint32": (T.UINT32, [0, 2**32 - 1]),
    "uint64": (T.UINT64, [0, 2**64 - 1]),
    "bool": (T.BOOL, [True, False, True]),
    "string": (T.STRING, ["", "plain", "Ω ünï"]),
}
SIXTEEN = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def model(nodes, inputs, outputs, initializers=(), opsets=None, ir=IR, functions=(), **more):
    graph = h.make_graph(nodes, "graph", inputs, outputs, list(initializers), **more)
    imports = [h.make_opsetid(domain, version) for domain, version in (opsets or OPSETS).items()]
    return h.make_model(graph, opset_imports=imports, ir_version=ir, functions=list(functions), producer_name="reference")


def floats(name, shape):
    return h.make_tensor_value_info(name, T.FLOAT, shape)


def described(tensor):
    """The values as texts: numbers exactly, 16-bit floats as their bits."""
    name = next(key for key, (number, _) in DTYPES.items() if number == tensor.data_type)
    if name == "string":
        values = [text.decode() for text in tensor.string_data]
    else:
        array = numpy_helper.to_array(tensor).flatten()
        if name in SIXTEEN:
            array = array.astype(SIXTEEN[name]).view(np.uint16)
        values = [str(int(value)) if name == "bool" else repr(value.item()) for value in array]
    return {"name": tensor.name, "dtype": name, "shape": list(tensor.dims), "values": values}


def typed(name, number, values, shape):
    """The element types' own fields, as onnx.helper fills them."""
    return h.make_tensor(name, number, shape, [v.encode() if isinstance(v, str) else v for v in values])


def raw(name, dtype, values, shape):
    array = np.array(values, dtype=SIXTEEN.get(dtype, dtype))
    return h.make_tensor(name, DTYPES[dtype][0], shape, array.tobytes(), raw=True)


def element_types():
    tensors = []
    for dtype, (number, values) in DTYPES.items():
        tensors.append(typed(f"typed_{dtype}", number, values, [len(values)]))
        if dtype != "string":
            tensors.append(raw(f"raw_{dtype}", dtype, values, [1, len(values)]))
    tensors += [typed("scalar", T.FLOAT, [2.5], []), typed("empty", T.INT64, [], [2, 0])]
    shift = h.make_node("Identity", ["typed_float32"], ["y"])
    return model([shift], [], [floats("y", [4])], tensors)


def attributes():
    nodes = [
        h.make_node("Elu", ["x"], ["a"], name="elu", alpha=0.25),
        h.make_node("Softmax", ["a"], ["b"], axis=-1),
        h.make_node("Transpose", ["b"], ["c"], perm=[1, 0]),
        h.make_node("Constant", [], ["k"], value=typed("", T.FLOAT, [1, 2, 3, 4, 5, 6], [3, 2])),
        h.make_node("Constant", [], ["some"], value_floats=[0.5, -1.5]),
        h.make_node("Constant", [], ["text"], value_string="Ω"),
        h.make_node("Constant", [], ["texts"], value_strings=["a", ""]),
        h.make_node("Add", ["c", "k"], ["d"]),
        h.make_node("Clip", ["d", "", "top"], ["y"]),
    ]
    made = model(nodes, [floats("x", [2, 3])], [floats("y", ["rows", None])], [typed("top", T.FLOAT, [5.5], [])])
    h.set_model_props(made, {"author": "somebody", "empty": ""})
    made.doc_string = "what it is"
    return made


def branches():
    def branch(name, operator):
        return h.make_graph([h.make_node(operator, ["x", "w"], [f"{name}_out"])], name, [], [floats(f"{name}_out", [2])])

    nodes = [
        h.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
        h.make_node("Greater", ["total", "zero"], ["positive"]),
        h.make_node("If", ["positive"], ["y"], then_branch=branch("then", "Add"), else_branch=branch("other", "Mul")),
    ]
    constants = [typed("w", T.FLOAT, [10, 20], [2]), typed("zero", T.FLOAT, [0], [])]
    return model(nodes, [floats("x", [2])], [floats("y", [2])], constants)


def loops():
    body = h.make_graph(
        [
            h.make_node("Mul", ["state", "factor"], ["next"]),
            h.make_node("Identity", ["next"], ["step"]),
            h.make_node("Identity", ["go"], ["go_on"]),
        ],
        "body",
        [h.make_tensor_value_info("i", T.INT64, []), h.make_tensor_value_info("go", T.BOOL, []), floats("state", [2])],
        [h.make_tensor_value_info("go_on", T.BOOL, []), floats("next", [2]), floats("step", [2])],
    )
    scan = h.make_graph(
        [h.make_node("Add", ["sum_in", "row"], ["sum_out"]), h.make_node("Add", ["sum_out", "factor"], ["out"])],
        "scan",
        [floats("sum_in", [2]), floats("row", [2])],
        [floats("sum_out", [2]), floats("out", [2])],
    )
    nodes = [
        h.make_node("Loop", ["count", "yes", "x"], ["last", "all"], body=body),
        h.make_node("Scan", ["last", "all"], ["end", "y"], body=scan, num_scan_inputs=1),
    ]
    constants = [typed("count", T.INT64, [3], []), typed("yes", T.BOOL, [True], []), typed("factor", T.FLOAT, [2], [])]
    return model(nodes, [floats("x", [2])], [floats("y", [3, 2])], constants)


def functions():
    reference = onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    leaky = h.make_node("LeakyRelu", ["x"], ["x_"])
    leaky.attribute.append(reference)
    inner = h.make_function(
        "local", "Leaky", ["x"], ["y"],
        [leaky, h.make_node("Identity", ["x_"], ["y"])],
        [h.make_opsetid("", 17)], attribute_protos=[h.make_attribute("slope", 0.5)],
    )
    # An optional input, values named like the model's, a graph in the body, a call in it, an unused output.
    branch = lambda operator: h.make_graph([h.make_node(operator, ["t"], ["r"])], "branch", [], [floats("r", None)])
    outer = h.make_function(
        "local", "Block", ["x", "w", "bias"], ["y", "twice"],
        [
            h.make_node("Leaky", ["x"], ["t0"], domain="local"),
            h.make_node("Leaky", ["t0"], ["t1"], domain="local", slope=0.125),
            h.make_node("Mul", ["t1", "w"], ["t"]),
            h.make_node("Clip", ["t", "bias"], ["clipped"]),
            h.make_node("ReduceSum", ["t"], ["s"], keepdims=0),
            h.make_node("Cast", ["s"], ["c"], to=T.BOOL),
            h.make_node("If", ["c"], ["b"], then_branch=branch("Neg"), else_branch=branch("Abs")),
            h.make_node("Add", ["clipped", "b"], ["y"]),
            h.make_node("Add", ["y", "y"], ["twice"]),
        ],
        [h.make_opsetid("", 17), h.make_opsetid("local", 1)],
    )
    nodes = [
        h.make_node("Block", ["x", "t", ""], ["h", "spare"], domain="local", name="first"),
        h.make_node("Block", ["h", "t", "low"], ["", "y"], domain="local"),
    ]
    constants = [typed("t", T.FLOAT, [1.5], []), typed("low", T.FLOAT, [-0.25], [])]
    return model(
        nodes, [floats("x", [3])], [floats("y", [3])], constants, {"": 17, "local": 1},
        functions=[inner, outer],
    )


def passing():
    """A function with an output that is its input."""
    function = h.make_function(
        "local", "Pass", ["x", "w"], ["w", "y"], [h.make_node("Add", ["x", "w"], ["y"])], [h.make_opsetid("", 17)]
    )
    nodes = [h.make_node("Pass", ["x", "x"], ["same", "twice"], domain="local"), h.make_node("Mul", ["same", "twice"], ["y"])]
    return model(nodes, [floats("x", [2])], [floats("y", [2])], opsets={"": 17, "local": 1}, functions=[function])


def sparse():
    linear = h.make_sparse_tensor(typed("linear", T.FLOAT, [1.5, -2], [2]), typed("", T.INT64, [1, 5], [2]), [2, 3])
    coordinates = h.make_sparse_tensor(
        typed("coordinates", T.FLOAT, [4, 8], [2]), typed("", T.INT64, [0, 2, 1, 0], [2, 2]), [2, 3]
    )
    constant = h.make_node(
        "Constant", [], ["k"],
        sparse_value=h.make_sparse_tensor(typed("k", T.FLOAT, [7], [1]), typed("", T.INT64, [4], [1]), [2, 3]),
    )
    nodes = [constant, h.make_node("Sum", ["x", "linear", "coordinates", "k"], ["y"])]
    return model(nodes, [floats("x", [2, 3])], [floats("y", [2, 3])], sparse_initializer=[linear, coordinates])


def old():
    nodes = [h.make_node("Slice", ["w"], ["part"], axes=[0], starts=[1], ends=[2**63 - 1]), h.make_node("Add", ["x", "part"], ["y"])]
    return model(
        nodes, [floats("x", [2]), floats("w", [3])], [floats("y", [2])], [typed("w", T.FLOAT, [1, 2, 3], [3])], {"": 9}, 3
    )


def trees():
    ensemble = h.make_node(
        "LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml",
        classlabels_strings=["no", "yes"], coefficients=[1.0, -1.0, 0.5, 2.0], intercepts=[0.0, 0.25], post_transform="NONE",
    )
    outputs = [h.make_tensor_value_info("label", T.STRING, ["batch"]), floats("scores", ["batch", 2])]
    imports = {"": 17, "ai.onnx.ml": 3, "unused.domain": 9}
    return model([ensemble], [floats("x", ["batch", 2])], outputs, opsets=imports)


def external(folder):
    weights = [raw("u", "float32", np.arange(6), [2, 3]), raw("v", "float64", [1.25, -7], [2]), raw("w", "float32", np.arange(6) / 4, [6])]
    made = model([h.make_node("Identity", ["u"], ["y"])], [], [floats("y", [2, 3])], weights)
    onnx.save_model(made, folder / "external.onnx", save_as_external_data=True, location="external.weights", size_threshold=0)
    outside, inside = (onnx.load(folder / "external.onnx", load_external_data=loaded) for loaded in (False, True))
    return outside, (folder / "external.weights").read_bytes(), inside


def evaluated(made, feeds, expected=None):
    inputs = {key: np.array(value).flatten().tolist() for key, value in feeds.items()}
    # onnx's evaluator knows no default values of functions' attributes; the test compares with ONNX Runtime there.
    if any(function.attribute_proto for function in made.functions):
        return {"inputs": inputs, "outputs": {}}
    names = [output.name for output in made.graph.output]
    results = expected or ReferenceEvaluator(made).run(None, {key: np.array(value, dtype=np.float32) for key, value in feeds.items()})
    return {
        "inputs": inputs,
        "outputs": {
            name: {"shape": list(result.shape), "values": [str(value) for value in result.flatten().tolist()]}
            for name, result in zip(names, results)
        },
    }


def sizes(value):
    return [
        d.dim_value if d.HasField("dim_value") else d.dim_param if d.HasField("dim_param") else None
        for d in value.type.tensor_type.shape.dim
    ]


def case(name, made, feeds=None, expected=None):
    onnx.checker.check_model(made, full_check=not made.functions and not made.graph.sparse_initializer)
    return {
        "name": name,
        "bytes": base64.b64encode(made.SerializeToString()).decode(),
        "tensors": [described(tensor) for tensor in made.graph.initializer],
        "inputs": [{"name": value.name, "shape": sizes(value)} for value in made.graph.input],
        "outputs": [{"name": value.name, "shape": sizes(value)} for value in made.graph.output],
        "run": evaluated(made, feeds, expected) if feeds is not None else None,
    }


def relu(x="x", y="y"):
    return h.make_node("Relu", [x], [y])


def damaged():
    x, y = floats("x", [2]), floats("y", [2])
    w = typed("w", T.FLOAT, [1, 2], [2])
    sum_of = lambda a, b: h.make_node("Add", [a, b], ["y"])

    def broken(change):
        tensor = typed("w", T.FLOAT, [1, 2], [2])
        change(tensor)
        return model([sum_of("x", "w")], [x], [y], [tensor])

    body = lambda nodes, out: h.make_graph(nodes, "body", [], [floats(out, [2])])
    when = lambda one, two: h.make_node("If", ["c"], ["y"], then_branch=one, else_branch=two)
    condition = typed("c", T.BOOL, [True], [])
    plain = body([relu("x", "other")], "other")
    block = lambda nodes, version=17: h.make_function("local", "F", ["x"], ["y"], nodes, [h.make_opsetid("", version), h.make_opsetid("local", 1)])
    call = h.make_node("F", ["x"], ["y"], domain="local")
    local = {"": 17, "local": 1}
    loose = relu()
    loose.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    twice = relu()
    twice.attribute.extend([h.make_attribute("alpha", 1.0)] * 2)
    no_ir = model([relu()], [x], [y])
    no_ir.ClearField("ir_version")
    no_graph = onnx.ModelProto(ir_version=9, opset_import=[h.make_opsetid("", 17)])
    indices = lambda values, shape=(2,): model(
        [sum_of("x", "w")], [x], [y],
        sparse_initializer=[h.make_sparse_tensor(typed("w", T.FLOAT, [1, 2], [2]), typed("", T.INT64, values, [len(values)]), list(shape))],
    )
    return {
        "nodes out of order": model([relu("a", "y"), relu("x", "a")], [x], [y]),
        "a cycle": model([h.make_node("Add", ["x", "b"], ["a"]), relu("a", "b"), relu("b", "y")], [x], [y]),
        "a value from nowhere": model([sum_of("x", "nothing")], [x], [y]),
        "a value made twice": model([relu(), relu()], [x], [y]),
        "an input made again": model([relu("x", "x"), relu()], [x], [y]),
        "an output from nowhere": model([relu("x", "a")], [x], [y]),
        "two inputs of one name": model([relu()], [x, x], [y]),
        "two initialisers of one name": model([sum_of("x", "w")], [x], [y], [w, w]),
        "an initialiser without a name": broken(lambda t: t.ClearField("name")),
        "an inner value made again": model([relu("x", "a"), when(body([relu("x", "a")], "a"), plain)], [x], [y], [condition]),
        "an inner value used outside": model([when(plain, body([relu("x", "z")], "z")), relu("other", "y2")], [x], [y], [condition]),
        "an inner value used before it exists": model([when(body([relu("late", "z")], "z"), plain), relu("x", "late")], [x], [y], [condition]),
        "an inner graph without its output": model([when(body([relu("x", "z")], "x"), plain)], [x], [y], [condition]),
        "no operator": model([h.make_node("", ["x"], ["y"])], [x], [y]),
        "an attribute twice": model([twice], [x], [y]),
        "an attribute that stands for another outside a function": model([loose], [x], [y]),
        "a function that calls itself": model([call], [x], [y], opsets=local, functions=[block([call])]),
        "a function twice": model([call], [x], [y], opsets=local, functions=[block([relu()]), block([relu()])]),
        "a function of another version": model([call], [x], [y], opsets=local, functions=[block([relu()], 13)]),
        "a function without its output": model([call], [x], [y], opsets=local, functions=[block([relu("x", "z")])]),
        "a function with a value from nowhere": model([call], [x], [y], opsets=local, functions=[block([relu("z", "y")])]),
        "a function that is not there": model([call], [x], [y], opsets=local),
        "the standard operators too old": model([relu()], [x], [y], opsets={"": 6}),
        "the standard operators too new": model([relu()], [x], [y], opsets={"": 99}, ir=10),
        "an operator set that is not known": model([h.make_node("Op", ["x"], ["y"], domain="com.example")], [x], [y], opsets={"": 17, "com.example": 3}),
        "an operator set that is not imported": model([h.make_node("Scaler", ["x"], ["y"], domain="ai.onnx.ml")], [x], [y]),
        "a format too new": model([relu()], [x], [y], ir=99),
        "no format": no_ir,
        "no graph": no_graph,
        "no element type": broken(lambda t: t.ClearField("data_type")),
        "complex numbers": model([relu()], [x], [y], [h.make_tensor("w", T.COMPLEX64, [1], [1 + 1j])]),
        "a tensor too short": broken(lambda t: t.ClearField("float_data") or t.float_data.extend([1])),
        "a tensor too long": broken(lambda t: t.float_data.append(3)),
        "a tensor without elements": broken(lambda t: t.ClearField("float_data")),
        "elements in two places": broken(lambda t: setattr(t, "raw_data", bytes(8))),
        "raw bytes too few": broken(lambda t: t.ClearField("float_data") or setattr(t, "raw_data", bytes(7))),
        "elements in another type's field": broken(lambda t: t.ClearField("float_data") or t.int64_data.extend([1, 2])),
        "a negative size": broken(lambda t: t.ClearField("dims") or t.dims.extend([-2])),
        "a huge size": broken(lambda t: t.ClearField("dims") or t.dims.extend([2**40, 2**40])),
        "segments": broken(lambda t: t.segment.CopyFrom(T.Segment(begin=0, end=2))),
        "external data in mere bytes": broken(lambda t: t.ClearField("float_data") or setattr(t, "data_location", T.EXTERNAL) or t.external_data.add(key="location", value="w.bin")),
        "an int8 of 200": model([relu()], [x], [y], [onnx.TensorProto(name="w", dims=[1], data_type=T.INT8, int32_data=[200])]),
        "a bool of 2": model([relu()], [x], [y], [onnx.TensorProto(name="w", dims=[1], data_type=T.BOOL, raw_data=b"\x02")]),
        "sparse indices out of order": indices([1, 0]),
        "sparse indices out of range": indices([0, 2]),
        "sparse indices too few": indices([0]),
        "a sparse tensor too large": indices([0, 1], (2**20, 2**20)),
        "an attribute beyond 2^53": model([h.make_node("Softmax", ["x"], ["y"], axis=2**60)], [x], [y]),
    }


def verdict(made):
    try:
        onnx.checker.check_model(made)
        return "accepted"
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:160]


with tempfile.TemporaryDirectory() as name:
    outside, weights, inside = external(Path(name))
out = {
    "generator": f"onnx {onnx.__version__}, numpy {np.__version__}",
    "models": [
        case("every element type, raw and typed", element_types()),
        case("attributes", attributes(), {"x": [[1, -2, 0.5], [3, 0, -1]]}),
        case("branches, taken", branches(), {"x": [1, 2]}),
        case("branches, not taken", branches(), {"x": [-1, -2]}),
        case("loops", loops(), {"x": [1, -3]}),
        case("functions", functions(), {"x": [1, -2, 0.5]}),
        case("a function that passes on", passing(), {"x": [3, -2]}),
        case("sparse tensors", sparse(), {"x": [[1, 2, 3], [4, 5, 6]]}, [np.array([[1, 3.5, 7], [12, 12, 4.0]])]),
        case("an old release", old(), {"x": [1, 2]}),
        case("traditional operators", trees(), {"x": [[1, 2], [-3, 0.5]]}),
    ],
    "external": {
        "bytes": base64.b64encode(outside.SerializeToString()).decode(),
        "location": "external.weights",
        "weights": base64.b64encode(weights).decode(),
        "tensors": [described(tensor) for tensor in inside.graph.initializer],
    },
    "damaged": [
        {"name": name, "bytes": base64.b64encode(made.SerializeToString()).decode(), "checker": verdict(made)}
        for name, made in damaged().items()
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
for item in out["damaged"]:
    print(item["name"], "->", item["checker"])
