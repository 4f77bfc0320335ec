"""Writes graph-reductions.json: pairs of tensors that broadcast and tie, softmax, reductions and running ones over every
kind of axes, by PyTorch in float64.

Each case has the inputs, the settings, the result, and where it is of floating numbers the gradients of the sum of its
elements weighed by `upstream`. Inputs are multiples of 2^-10, which float32 holds exactly.

Run in an environment with torch and numpy: python test/reference/graph-reductions.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

random = np.random.default_rng(11)
cases = []


def exact(values):
    return torch.tensor(np.round(np.asarray(values) * 1024) / 1024, dtype=torch.float64)


def normal(*shape, scale=1.0):
    return exact(random.standard_normal(shape) * scale)


def uniform(low, high, *shape):
    return exact(random.uniform(low, high, shape))


def away(*shape, gap=0.125, scale=2.0):
    """No element is near 0, where a function may bend."""
    x = random.standard_normal(shape) * scale
    return exact(np.where(x < 0, x - gap, x + gap))


def distinct(*shape):
    """No two elements are equal, so that there is one largest."""
    count = int(np.prod(shape))
    return exact(((random.permutation(count) - count / 2 + 0.25) / 8).reshape(shape))


def packed(tensor):
    data = tensor.detach().numpy().ravel()
    names = {torch.bool: "bool", torch.int64: "int64", torch.float64: "float32"}
    dtype = names[tensor.dtype]
    values = [float(f"{v:.10g}") for v in data.tolist()] if dtype == "float32" else data.astype(int).tolist()
    return {"dtype": dtype, "shape": list(tensor.shape), "data": values}


def case(function, inputs, compute, **settings):
    tensors = [t.clone().requires_grad_(t.is_floating_point()) for t in inputs]
    result = compute(*tensors)
    found = {"function": function, "settings": settings, "inputs": [packed(t) for t in inputs], "output": packed(result)}
    if result.is_floating_point() and result.requires_grad:
        upstream = normal(*result.shape)
        gradients = torch.autograd.grad((result * upstream).sum(), tensors)
        found |= {"upstream": packed(upstream), "gradients": [packed(g) for g in gradients]}
    cases.append(found)


def binaries():
    pairs = [((4, 5), (5,)), ((3, 1), (2, 1, 4))]
    for a, b in pairs:
        for name in ("maximum", "minimum", "hypot", "atan2", "fmod", "remainder"):
            case(name, [away(*a, scale=4), away(*b, gap=0.5)], getattr(torch, name))
        case("floorDivide", [away(*a, scale=4), away(*b, gap=0.5)], lambda a, b: torch.floor(a / b))
    ties = [exact([1, 2, 3, 4]), exact([1, 3, 3, 0])]
    case("maximum", ties, torch.maximum)
    case("minimum", ties, torch.minimum)
    whole = [torch.tensor([7, -7, 7, -7, 6, -6]), torch.tensor([3, 3, -3, -3, 3, -3])]
    case("fmod", whole, torch.fmod)
    case("remainder", whole, torch.remainder)
    case("floorDivide", whole, torch.floor_divide)
    for low, high in ((-1, 1.5), (-0.5, None), (None, 0.25)):
        given = {k: v for k, v in (("low", low), ("high", high)) if v is not None}
        case("clip", [normal(4, 5, scale=2)], lambda x: torch.clamp(x, low, high), **given)
    for name in ("eq", "ne", "gt", "ge", "lt", "le"):
        case(name, [exact([1, 2, 3, 4]), exact([[1], [3]])], getattr(torch, name))
    truths = [torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])]
    for name in ("logical_and", "logical_or", "logical_xor"):
        case(name, truths, getattr(torch, name))
    case("logical_not", truths[:1], torch.logical_not)


def reductions():
    for axis in (-1, 0, 1):
        case("softmax", [normal(3, 4, 5, scale=3)], lambda x: torch.softmax(x, axis), axis=axis)
        case("logSoftmax", [normal(3, 4, 5, scale=3)], lambda x: torch.log_softmax(x, axis), axis=axis)
    for axes, keep in ((None, False), (-1, True), ([0, 2], False), ([1], True)):
        dims = list(range(3)) if axes is None else axes
        settings = {"keepAxes": keep} | ({} if axes is None else {"axes": axes})
        x = lambda: normal(3, 4, 5, scale=2)
        case("logSumExp", [x()], lambda x: torch.logsumexp(x, dims, keepdim=keep), **settings)
        for correction in (0, 1):
            both = settings | {"correction": correction}
            case("var", [x()], lambda x: torch.var(x, dims, correction=correction, keepdim=keep), **both)
            case("std", [x()], lambda x: torch.std(x, dims, correction=correction, keepdim=keep), **both)
        for order in (1, 2):
            vector_norm = lambda x: torch.linalg.vector_norm(x, order, dims, keepdim=keep)
            case("norm", [away(3, 4, 5)], vector_norm, order=order, **settings)
        largest = lambda x: torch.linalg.vector_norm(x, math.inf, dims, keepdim=keep)
        case("norm", [distinct(3, 4, 5)], largest, order="max", **settings)
        some = lambda: torch.tensor(random.random((3, 4, 5)) < 0.15)
        every = lambda: torch.tensor(random.random((3, 4, 5)) < 0.9)
        count = lambda x: torch.sum(x != 0, dims, keepdim=keep)
        case("any", [some()], lambda x: torch.sum(x, dims, keepdim=keep) > 0, **settings)
        case("all", [every()], lambda x: torch.sum(~x, dims, keepdim=keep) == 0, **settings)
        case("countNonzero", [some()], count, **settings)
    case("countNonzero", [exact([[0, 1.5, -2], [0, 0, 0.25]])], lambda x: torch.count_nonzero(x, 1), axes=1)
    zeros = exact([[2, 0, 3, -1], [0, 0, 1, 2], [1, 2, 3, 4]])
    for x in (uniform(0.5, 2, 3, 4), zeros):
        case("prod", [x], lambda x: torch.prod(x, 1, keepdim=True), axes=1, keepAxes=True)
        case("prod", [x], torch.prod)
        case("cumprod", [x], lambda x: torch.cumprod(x, 1), axis=1)
        case("cumprod", [x], lambda x: torch.cumprod(x, 0), axis=0)
    case("cumprod", [uniform(0.5, 1.5, 2, 7, 2)], lambda x: torch.cumprod(x, 1), axis=1)
    for axis in (0, 1, -1):
        case("cumsum", [normal(3, 4, 5)], lambda x: torch.cumsum(x, axis), axis=axis)
    case("cumsum", [torch.tensor([[1, 2], [3, 4]])], lambda x: torch.cumsum(x, 1), axis=1)
    for name in ("argmax", "argmin"):
        call = getattr(torch, name)
        case(name, [distinct(3, 4, 5)], call)
        case(name, [distinct(3, 4, 5)], lambda x: call(x, 0), axis=0)
        case(name, [distinct(3, 4, 5)], lambda x: call(x, -1, keepdim=True), axis=-1, keepAxes=True)


binaries()
reductions()
out = {"generator": f"torch {torch.__version__.split('+')[0]}, float64", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
