"""Writes graph-sequences.json: recurrent networks, attention and embeddings of PyTorch in float64, with their gradients.

Each case holds its inputs, its outputs, and the gradients of sum(output * weight) over all outputs with respect to the
inputs that have one. All numbers are exact float32 values, so that a test in float32 starts from the same ones.

Run in an environment with torch and numpy: python test/reference/graph-sequences.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

random = np.random.default_rng(4)


def normal(*shape, scale=1.0):
    return torch.tensor((random.standard_normal(shape) * scale).astype(np.float32).astype(np.float64))


def numbers(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().to(torch.float64).reshape(-1).tolist()}


def case(name, inputs, compute, constants=None):
    """inputs: named tensors that have gradients; constants: named tensors that have none."""
    constants = constants or {}
    for tensor in inputs.values():
        tensor.requires_grad_()
    outputs = compute(**inputs, **constants)
    weights = {key: normal(*output.shape) for key, output in outputs.items()}
    loss = sum((outputs[key] * weights[key]).sum() for key in outputs)
    gradients = torch.autograd.grad(loss, list(inputs.values()))
    return {
        "name": name,
        "inputs": {key: numbers(value) for key, value in inputs.items()},
        "constants": {key: numbers(value) for key, value in constants.items()},
        "outputs": {key: numbers(value) for key, value in outputs.items()},
        "weights": {key: numbers(value) for key, value in weights.items()},
        "gradients": {key: numbers(value) for key, value in zip(inputs, gradients)},
    }


STEPS, BATCH, INPUT, HIDDEN = 6, 3, 5, 4


def recurrent(name, kind, layers=1, bidirectional=False, batch_first=False, states=True, bias=True):
    module = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind](
        INPUT, HIDDEN, layers, bias=bias, bidirectional=bidirectional, batch_first=batch_first, dtype=torch.float64
    )
    passes = layers * (2 if bidirectional else 1)
    inputs = {"x": normal(*((BATCH, STEPS) if batch_first else (STEPS, BATCH)), INPUT)}
    if states:
        inputs["hidden"] = normal(passes, BATCH, HIDDEN)
    if states and kind == "lstm":
        inputs["cell"] = normal(passes, BATCH, HIDDEN)
    parameters = [key for key, _ in module.named_parameters()]
    for key, value in module.named_parameters():
        inputs[key] = normal(*value.shape, scale=0.5)

    def compute(x, hidden=None, cell=None, **weights):
        start = None if hidden is None else (hidden, cell) if kind == "lstm" else hidden
        output, end = torch.func.functional_call(module, {key: weights[key] for key in parameters}, (x, start))
        if kind == "lstm":
            return {"output": output, "hidden": end[0], "cell": end[1]}
        return {"output": output, "hidden": end}

    options = {"kind": kind, "layers": layers, "bidirectional": bidirectional, "batchFirst": batch_first}
    return case(name, inputs, compute) | options


def attention(name, shape=(2, 3, 5, 4), keys=None, **options):
    """shape: [..., length, width] of the queries; keys: the number of keys."""
    *batch, length, width = shape
    keys = keys or length
    inputs = {"query": normal(*shape), "key": normal(*batch, keys, width), "value": normal(*batch, keys, width + 1)}
    constants = {}
    mask = options.pop("mask", None)
    if mask == "float":
        inputs["mask"] = normal(length, keys)
    elif mask == "bool":
        allowed = random.random((batch[0], 1, length, keys)) < 0.6
        allowed[0, 0, 1] = False  # one query that may look at nothing
        constants["mask"] = torch.tensor(allowed)

    def compute(query, key, value, mask=None):
        return {"output": F.scaled_dot_product_attention(query, key, value, attn_mask=mask, **options)}

    return case(name, inputs, compute, constants) | {
        "causal": options.get("is_causal", False),
        "scale": options.get("scale"),
    }


def multi_head(name, causal):
    embed, heads, length = 6, 2, 5
    module = torch.nn.MultiheadAttention(embed, heads, batch_first=True, dtype=torch.float64)
    inputs = {"query": normal(2, length, embed), "key": normal(2, length, embed), "value": normal(2, length, embed)}
    for key, parameter in module.named_parameters():
        inputs[key] = normal(*parameter.shape, scale=0.5)

    def compute(query, key, value, **weights):
        mask = torch.nn.Transformer.generate_square_subsequent_mask(length, dtype=torch.float64) if causal else None
        arguments = {"need_weights": False, "attn_mask": mask, "is_causal": causal}
        return {"output": torch.func.functional_call(module, weights, (query, key, value), arguments)[0]}

    return case(name, inputs, compute) | {"causal": causal, "heads": heads}


def embedding():
    positions = torch.tensor(random.integers(0, 7, (3, 4)))
    return case(
        "rows looked up, some twice and some never",
        {"table": normal(7, 3)},
        lambda table, positions: {"output": F.embedding(positions, table)},
        {"positions": positions},
    )


out = {
    "generator": f"torch {torch.__version__}, float64",
    "recurrent": [
        recurrent("lstm from given states", "lstm"),
        recurrent("lstm, two layers, both directions, batch first", "lstm", 2, True, True),
        recurrent("lstm without states and biases", "lstm", states=False, bias=False),
        recurrent("gru from a given state", "gru"),
        recurrent("gru, two layers, both directions, batch first", "gru", 2, True, True),
        recurrent("gru without states and biases", "gru", states=False, bias=False),
        recurrent("rnn, two layers, both directions", "rnn", 2, True),
    ],
    "attention": [
        attention("plain"),
        attention("causal", is_causal=True),
        attention("another number of keys, scaled", keys=7, scale=0.3),
        attention("a mask of numbers", mask="float"),
        attention("a mask of truth values, with a query that sees nothing", mask="bool"),
        attention("without heads", shape=(5, 4)),
    ],
    "multiHead": [multi_head("self-sized, plain", False), multi_head("causal", True)],
    "embedding": embedding(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
