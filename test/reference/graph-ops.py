"""Writes graph-ops.json: functions of tensors in float64, with the gradients of their weighed sums.

Each case holds inputs that float32 represents exactly, the result, weights for the result's elements, and the gradient of
the weighed sum with respect to each floating input (null for the others and where none flows).

Run in an environment with numpy and torch: python test/reference/graph-ops.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random = np.random.default_rng(4)


def floats(*shape, low=None, high=None):
    values = random.standard_normal(shape) if low is None else random.uniform(low, high, shape)
    return torch.from_numpy(np.asarray(values, dtype=np.float32).astype(np.float64))


def integers(values):
    return torch.tensor(values, dtype=torch.int64)


CASES = {}


def case(name, function, *inputs):
    # What the test reads as float32 must be the same numbers here.
    inputs = [each.float().double().requires_grad_() if each.is_floating_point() else each for each in inputs]
    result = function(*inputs)
    flat = lambda tensor: {
        "shape": list(tensor.shape),
        "data": tensor.detach().reshape(-1).to(torch.float64).tolist(),
        "dtype": "float32" if tensor.is_floating_point() else "bool" if tensor.dtype == torch.bool else "int64",
    }
    entry = {"inputs": [flat(each) for each in inputs], "result": flat(result)}
    if result.is_floating_point() and result.requires_grad:
        weights = floats(*result.shape)
        wanted = [each for each in inputs if each.is_floating_point()]
        found = torch.autograd.grad((result * weights).sum(), wanted, allow_unused=True)
        found = list(found)
        gradients = [found.pop(0) if each.is_floating_point() else None for each in inputs]
        entry |= {"weights": flat(weights), "gradients": [None if each is None else flat(each) for each in gradients]}
    CASES[name] = entry


x = lambda: floats(4, 5)
positive = lambda: floats(4, 5, low=0.05, high=4)
inside = lambda: floats(4, 5, low=-0.95, high=0.95)
tiny = lambda: torch.cat([floats(10) * 2.0**-14, floats(10)])

for name in ["sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "asinh", "exp", "exp2", "erf", "square", "abs", "negative"]:
    case(name, getattr(torch, name), x())
for name in ["sign", "floor", "ceil", "round", "trunc"]:
    case(name, getattr(torch, name), x() * 3)
for name in ["asin", "acos", "atanh"]:
    case(name, getattr(torch, name), inside())
case("acosh", torch.acosh, floats(4, 5, low=1.1, high=9))
for name in ["log", "log2", "log10", "sqrt", "rsqrt", "reciprocal"]:
    case(name, getattr(torch, name), positive())
case("expm1", torch.expm1, tiny())
case("log1p", torch.log1p, torch.where(tiny() > -0.9, tiny(), 0.5).clamp(min=-0.9))
case("atan2", torch.atan2, x(), floats(5))
case("hypot", torch.hypot, x(), floats(4, 1))
case("maximum", torch.maximum, x(), x())
case("minimum", torch.minimum, x(), x())
case("power", torch.pow, positive(), floats(5))
case("remainder", torch.remainder, x() * 5, floats(4, 5, low=0.6, high=2) * torch.sign(x()))
case("fmod", torch.fmod, x() * 5, floats(4, 5, low=0.6, high=2) * torch.sign(x()))
case("floorDivide", lambda a, b: torch.div(a, b, rounding_mode="floor"), x() * 5, floats(5, low=0.6, high=2))
case("remainder of integers", torch.remainder, integers([7, -7, 7, -7, 6]), integers([3, 3, -3, -3, 3]))
case("fmod of integers", torch.fmod, integers([7, -7, 7, -7, 6]), integers([3, 3, -3, -3, 3]))
case("floorDivide of integers", torch.floor_divide, integers([7, -7, 7, -7, 6]), integers([3, 3, -3, -3, 3]))
case("clip", lambda a: torch.clip(a, -0.5, 0.8), x())
case("clip from below", lambda a: torch.clip(a, min=-0.5), x())
case("clip from above", lambda a: torch.clip(a, max=0.5), x())
case("where", lambda c, a, b: torch.where(c > 0, a, b), x(), x(), floats(5))
case("maskedFill", lambda a, m: torch.masked_fill(a, m > 0, 7.0), x(), integers([1, 0, 0, 1, 0]))

case("relu", F.relu, x())
case("relu6", F.relu6, x() * 5)
case("sigmoid", torch.sigmoid, x() * 3)
case("logSigmoid", F.logsigmoid, x() * 20)
case("softplus", F.softplus, x() * 5)
case("softsign", F.softsign, x())
case("silu", F.silu, x() * 3)
case("mish", F.mish, x() * 3)
case("hardSigmoid", F.hardsigmoid, x() * 3)
case("hardSwish", F.hardswish, x() * 3)
case("selu", F.selu, x())
case("gelu", F.gelu, x() * 2)
case("gelu by tanh", lambda a: F.gelu(a, approximate="tanh"), x() * 2)
case("elu", F.elu, x())
case("elu of another alpha", lambda a: F.elu(a, 0.7), x())
case("celu", lambda a: F.celu(a, 1.3), x())
case("leakyRelu", lambda a: F.leaky_relu(a, 0.2), x())
case("prelu", F.prelu, x(), floats(5))
case("softmax", lambda a: F.softmax(a, -1), x() * 3)
case("softmax along the first axis", lambda a: F.softmax(a, 0), x())
case("logSoftmax", lambda a: F.log_softmax(a, -1), x() * 10)

deep = lambda: floats(3, 4, 5)
case("variance", lambda a: torch.var(a, correction=0), deep() + 3)
case("variance over axes", lambda a: torch.var(a, dim=(0, 2), correction=1), deep() * 2 + 10)
case("std", lambda a: torch.std(a, dim=1, correction=1, keepdim=True), deep())
case("norm of order 1", lambda a: torch.linalg.vector_norm(a, 1, dim=1), deep())
case("norm of order 2", lambda a: torch.linalg.vector_norm(a, 2, dim=(0, 1)), deep())
case("norm, the largest", lambda a: torch.linalg.vector_norm(a, math.inf, dim=-1), deep())
case("logSumExp", lambda a: torch.logsumexp(a, dim=(0, 2)), deep() * 20)
case("prod", lambda a: torch.prod(a, dim=1), deep())
case("any", lambda a: torch.any(a > 1, dim=1).to(torch.bool), deep())
case("all", lambda a: torch.all(a > -1, dim=1), deep())
case("countNonzero", lambda a: torch.count_nonzero(a > 0, dim=1), deep())
case("argmax", lambda a: torch.argmax(a, dim=1), deep())
case("argmax of all", torch.argmax, deep())
case("argmin", lambda a: torch.argmin(a, dim=-1, keepdim=True), deep())
case("cumsum", lambda a: torch.cumsum(a, 1), deep())
case("cumprod", lambda a: torch.cumprod(a, 1), torch.where(deep() > 1.2, 0.0, deep()))
case("sort", lambda a: torch.sort(a, dim=1, descending=True).values, deep())
case("argsort", lambda a: torch.argsort(a, dim=-1), deep())
case("topK", lambda a: torch.topk(a, 2, dim=1).values, deep())
case("topK, the smallest", lambda a: torch.topk(a, 2, dim=-1, largest=False).values, deep())
case("searchSorted", lambda s, v: torch.searchsorted(s, v), torch.arange(6.0), integers([-1, 0, 3, 3, 5, 9]).double() + 0)
case("searchSorted, right", lambda s, v: torch.searchsorted(s, v, right=True), torch.arange(6.0), integers([-1, 0, 3, 5, 9]).double())

case("concat", lambda a, b: torch.cat([a, b], 1), floats(3, 2), floats(3, 4))
case("stack", lambda a, b: torch.stack([a, b], 1), floats(3, 2), floats(3, 2))
case("split", lambda a: torch.split(a, [1, 3], 1)[1] * torch.split(a, [1, 3], 1)[0], deep())
case("chunk", lambda a: torch.chunk(a, 3, 2)[2], deep())
case("unstack", lambda a: torch.unbind(a, 1)[2], deep())
case("flip", lambda a: torch.flip(a, [0, 2]), deep())
case("roll", lambda a: torch.roll(a, -2, 1), deep())
case("tile", lambda a: torch.tile(a, (2, 1, 3)), floats(2, 3))
case("repeat", lambda a: torch.repeat_interleave(a, 3, 1), floats(2, 3))
case("pad", lambda a: F.pad(a, (1, 2, 0, 3), value=1.5), floats(3, 4))
case("pad, reflected", lambda a: F.pad(a[None], (2, 1, 1, 2), mode="reflect")[0], floats(2, 3, 4))
case("pad with the edge", lambda a: F.pad(a[None], (2, 1, 0, 3), mode="replicate")[0], floats(2, 3, 4))
case("pad from the other side", lambda a: F.pad(a[None], (2, 1, 0, 3), mode="circular")[0], floats(2, 3, 4))
case("tril", lambda a: torch.tril(a, 1), floats(2, 4, 5))
case("triu", lambda a: torch.triu(a, -1), floats(2, 4, 5))
case("diag", torch.diag, floats(4))
case("diagonal", lambda a: torch.diagonal(a, 1), floats(4, 5, 2))
case("diagonal of the last axes, below", lambda a: torch.diagonal(a, -2, 1, 2), floats(2, 5, 4))
case("trace", torch.trace, floats(4, 5))
case("meshgrid", lambda a, b: torch.meshgrid(a, b, indexing="ij")[0] * torch.meshgrid(a, b, indexing="ij")[1], floats(3), floats(4))
case("meshgrid, xy", lambda a, b: torch.meshgrid(a, b, indexing="xy")[0] * 2 + torch.meshgrid(a, b, indexing="xy")[1], floats(3), floats(4))
case("linspace", lambda: torch.linspace(-1, 3, 7))
case("slice", lambda a: a[1:, 2, ::2], floats(4, 3, 6))
case("slice from the end", lambda a: a[-1, :, -3:-1], floats(4, 3, 6))

case("take", lambda a, i: torch.index_select(a, 1, i), deep(), integers([3, 0, 3, 1]))
case("takeAlong", lambda a, i: torch.gather(a, 1, i), floats(3, 4), integers([[0, 0], [3, 1], [2, 2]]))
case("gatherND", lambda a, i: a[i[:, 0], i[:, 1]], deep(), integers([[0, 1], [2, 3], [0, 1]]))
case("scatter", lambda a, i, u: torch.scatter(a, 1, i, u), floats(3, 4), integers([[0, 2], [3, 1], [2, 0]]), floats(3, 2))
case("scatter, added", lambda a, i, u: torch.scatter_add(a, 1, i, u), floats(3, 4), integers([[0, 0], [3, 1], [2, 2]]), floats(3, 2))
case("scatterND", lambda a, i, u: torch.index_put(a, (i[:, 0], i[:, 1]), u), floats(3, 4), integers([[0, 1], [2, 3]]), floats(2))
case("scatterND, added", lambda a, i, u: torch.index_put(a, (i[:, 0],), u, accumulate=True), floats(3, 4), integers([[0], [2], [0]]), floats(3, 4))
case("indexAdd", lambda a, i, u: torch.index_add(a, 1, i, u), floats(3, 4), integers([3, 0, 3]), floats(3, 3))
case("oneHot", lambda i: F.one_hot(i, 4), integers([[0, 3], [2, 1]]))

case("outer", torch.outer, floats(3), floats(4))
case("dot", torch.dot, floats(5), floats(5))
case("vecdot", torch.linalg.vecdot, deep(), deep())
for equation, *shapes in [
    ("ij,jk->ik", (3, 4), (4, 5)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
    ("ij->ji", (3, 4)),
    ("ii->i", (4, 4)),
    ("ii", (4, 4)),
    ("ij->", (3, 4)),
    ("i,j->ij", (3,), (4,)),
    ("i,i", (4,), (4,)),
    ("ijk,ilm,njm->nkl", (2, 3, 4), (2, 5, 3), (2, 3, 3)),
    ("...ij,...jk->...ik", (1, 3, 4), (2, 4, 5)),
    ("ba,cb", (2, 3), (4, 2)),
    ("ij,ij,ij->j", (3, 4), (3, 4), (3, 4)),
    ("ijk,jkl->il", (2, 3, 4), (3, 4, 5)),
]:
    case(f"einsum {equation}", lambda *a, e=equation: torch.einsum(e, *a), *[floats(*shape) for shape in shapes])

out = {"generator": f"torch {torch.__version__}, numpy {np.__version__}, float64", "cases": CASES}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
