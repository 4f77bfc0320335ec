"""Writes graph-layers.json: convolutions, pooling, resizing, normalisations and losses by PyTorch in float64.

Each case has the inputs, the settings as the library's function takes them, the result, and the gradients of the sum of
the result's elements weighed by `upstream`. Inputs are multiples of 2^-10, which float32 holds exactly.

Run in an environment with torch and numpy: python test/reference/graph-layers.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

random = np.random.default_rng(5)
cases = []


def exact(values):
    return torch.tensor(np.round(np.asarray(values) * 1024) / 1024, dtype=torch.float64)


def normal(*shape):
    return exact(random.standard_normal(shape))


def distinct(*shape):
    """No two elements are equal, so that each window has one largest."""
    count = int(np.prod(shape))
    return exact(((random.permutation(count) - count / 2) / 64).reshape(shape))


def packed(tensor):
    data = tensor.detach().numpy().ravel().tolist()
    if not tensor.is_floating_point():
        return {"dtype": "int64", "shape": list(tensor.shape), "data": data}
    return {"dtype": "float32", "shape": list(tensor.shape), "data": [float(f"{v:.10g}") for v in data]}


def case(function, inputs, settings, compute, constants=0):
    """`compute` takes the tensors and gives the result; integers and the last `constants` inputs get no gradient."""
    variable = len(inputs) - constants
    tensors = [t.clone().requires_grad_(t.is_floating_point() and i < variable) for i, t in enumerate(inputs)]
    result = compute(*tensors)
    upstream = normal(*result.shape)
    floats = [t for t in tensors if t.requires_grad]
    gradients = torch.autograd.grad((result * upstream).sum(), floats, allow_unused=True)
    found = [packed(torch.zeros_like(t) if g is None else g) for t, g in zip(floats, gradients)]
    cases.append(
        {
            "function": function,
            "settings": settings,
            "inputs": [packed(t) for t in inputs],
            "constants": constants,
            "upstream": packed(upstream),
            "output": packed(result),
            "gradients": found,
        }
    )


def convolutions():
    def conv(rank, x, w, bias=True, **settings):
        inputs = [normal(*x), normal(*w)] + ([normal(w[0])] if bias else [])
        call = getattr(F, f"conv{rank}d")
        case(f"conv{rank}d", inputs, settings, lambda x, w, b=None: call(x, w, b, **settings))

    conv(1, (2, 3, 9), (4, 3, 3))
    conv(1, (2, 8, 11), (3, 8, 4), stride=3, padding=2, dilation=2)
    conv(1, (2, 4, 8), (6, 2, 3), groups=2, padding="same", dilation=2)
    conv(2, (3, 2, 7, 6), (4, 2, 3, 2))
    conv(2, (2, 2, 8, 9), (3, 2, 3, 3), stride=2, padding=1)
    conv(2, (2, 9, 8, 9), (3, 9, 3, 3), stride=2, padding=1, bias=False)
    conv(2, (2, 8, 7, 9), (4, 8, 3, 2), stride=[2, 3], padding=[1, 0], dilation=[1, 2])
    conv(2, (2, 2, 7, 7), (3, 2, 4, 3), padding="same", bias=False)
    conv(2, (2, 8, 5, 5), (3, 8, 4, 3), padding="same")
    conv(2, (2, 3, 5, 5), (4, 3, 3, 3), padding="valid")
    conv(2, (2, 6, 6, 6), (9, 2, 3, 3), groups=3, stride=2, padding=1)
    conv(2, (2, 4, 6, 5), (4, 1, 3, 3), groups=4, padding=1)
    conv(2, (2, 8, 4, 4), (5, 8, 1, 1))
    conv(3, (2, 2, 4, 5, 4), (3, 2, 2, 3, 2), stride=2, padding=1)

    def transposed(rank, x, w, groups=1, bias=True, **settings):
        inputs = [normal(*x), normal(*w)] + ([normal(w[1] * groups)] if bias else [])
        call = getattr(F, f"conv_transpose{rank}d")
        torch_names = {"outputPadding": "output_padding"}
        named = {torch_names.get(k, k): v for k, v in settings.items()}
        if groups > 1:
            settings["groups"] = groups
        case(
            f"convTranspose{rank}d",
            inputs,
            settings,
            lambda x, w, b=None: call(x, w, b, groups=groups, **named),
        )

    transposed(1, (2, 3, 5), (3, 4, 3))
    transposed(1, (2, 4, 5), (4, 2, 3), groups=2, stride=2, padding=1, outputPadding=1)
    transposed(2, (2, 3, 4, 5), (3, 2, 3, 3), stride=2, padding=1, outputPadding=1)
    transposed(2, (2, 3, 4, 4), (3, 8, 2, 3), stride=[2, 1], padding=[0, 1], dilation=[2, 1])
    transposed(2, (2, 2, 3, 3), (2, 2, 2, 2), bias=False)


def pooling():
    def pool(function, torch_function, x, size, **settings):
        torch_names = {"countIncludePad": "count_include_pad"}
        named = {torch_names.get(k, k): v for k, v in settings.items()}
        call = getattr(F, torch_function)
        case(function, [x], {"size": size, **settings}, lambda x: call(x, size, **named))

    pool("maxPool1d", "max_pool1d", distinct(2, 3, 8), 2)
    pool("maxPool1d", "max_pool1d", distinct(2, 2, 9), 3, stride=2, padding=1)
    pool("maxPool2d", "max_pool2d", distinct(2, 2, 6, 4), 2)
    pool("maxPool2d", "max_pool2d", distinct(2, 2, 7, 5), [3, 2])
    pool("maxPool2d", "max_pool2d", distinct(2, 2, 7, 8), 3, stride=2, padding=1)
    pool("maxPool2d", "max_pool2d", distinct(2, 2, 7, 8), 2, stride=1, dilation=2)
    pool("maxPool2d", "max_pool2d", distinct(2, 1, 8, 8), 2, stride=3)
    pool("avgPool1d", "avg_pool1d", normal(2, 3, 8), 2)
    pool("avgPool1d", "avg_pool1d", normal(2, 3, 9), 3, stride=2, padding=1)
    pool("avgPool2d", "avg_pool2d", normal(2, 2, 7, 5), [3, 2])
    pool("avgPool2d", "avg_pool2d", normal(2, 2, 7, 8), 3, stride=2, padding=1)
    pool("avgPool2d", "avg_pool2d", normal(2, 2, 7, 8), 3, stride=2, padding=1, countIncludePad=False)
    case("adaptiveAvgPool1d", [normal(2, 3, 8)], {"size": 4}, lambda x: F.adaptive_avg_pool1d(x, 4))
    case("adaptiveAvgPool2d", [normal(2, 3, 6, 8)], {"size": [3, 2]}, lambda x: F.adaptive_avg_pool2d(x, (3, 2)))
    case("globalAvgPool", [normal(2, 3, 4, 5)], {}, lambda x: x.mean((2, 3)))
    case("globalMaxPool", [distinct(2, 3, 4, 5)], {}, lambda x: x.amax((2, 3)))

    case("upsampleNearest2d", [normal(2, 2, 3, 4)], {"factor": 2}, lambda x: F.interpolate(x, scale_factor=2.0))
    for x, size in (((2, 2, 3, 4), (6, 7)), ((2, 1, 8, 6), (3, 6)), ((1, 2, 4, 4), (1, 9))):
        for align in (False, True):
            case(
                "resizeBilinear",
                [normal(*x)],
                {"size": list(size), "alignCorners": align},
                lambda x: F.interpolate(x, size, mode="bilinear", align_corners=align),
            )


def inference(x, w, b, m, v, epsilon):
    """PyTorch's own takes no gradient with respect to the statistics."""
    m, v, w, b = (t.reshape(-1, *[1] * (x.dim() - 2)) for t in (m, v, w, b))
    return (x - m) / torch.sqrt(v + epsilon) * w + b


def normalizations():
    for shape in ((6, 3), (4, 3, 5), (3, 4, 3, 2)):
        channels = shape[1]
        x = normal(*shape) * 2 + 1
        affine = [normal(channels), normal(channels)]
        running = [normal(channels), normal(channels).abs() + 0.5]
        case(
            "batchNorm",
            [x, *affine, *running],
            {},
            lambda x, w, b, m, v: inference(x, w, b, m, v, 1e-5),
        )
        case(
            "batchNormTraining",
            [x, *affine],
            {"epsilon": 0.001},
            lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-3),
        )

        def moved(x, kept, part):
            F.batch_norm(x.detach(), *kept, training=True, momentum=0.25)
            return kept[part] + 0 * x.sum()

        for part, name in enumerate(("mean", "variance")):
            case("running", [x, *running], {"part": name, "momentum": 0.25}, lambda x, *kept: moved(x, kept, part), constants=2)

    x = normal(3, 4, 5) * 3 - 1
    case("layerNorm", [x, normal(5), normal(5)], {"sizes": [5]}, lambda x, w, b: F.layer_norm(x, (5,), w, b))
    case("layerNorm", [x, normal(4, 5), normal(4, 5)], {"sizes": [4, 5]}, lambda x, w, b: F.layer_norm(x, (4, 5), w, b))
    case("layerNorm", [x], {"sizes": [5], "epsilon": 0.01}, lambda x: F.layer_norm(x, (5,), eps=0.01))
    x = normal(2, 6, 3, 4) * 2 + 1
    case("groupNorm", [x, normal(6), normal(6)], {"groups": 3}, lambda x, w, b: F.group_norm(x, 3, w, b))
    case("groupNorm", [x], {"groups": 1, "epsilon": 0.01}, lambda x: F.group_norm(x, 1, eps=0.01))
    case("instanceNorm", [x, normal(6), normal(6)], {}, lambda x, w, b: F.instance_norm(x, weight=w, bias=b))
    case("rmsNorm", [normal(3, 4, 5), normal(5)], {}, lambda x, w: F.rms_norm(x, (5,), w, eps=2**-23))
    case("rmsNorm", [normal(4, 6)], {"epsilon": 0.01}, lambda x: F.rms_norm(x, (6,), eps=0.01))


def class_losses():
    for shape in ((5, 4), (3, 4, 2, 3)):
        rest = (shape[0], *shape[2:])
        z = normal(*shape) * 3
        y = torch.tensor(random.integers(0, shape[1], rest))
        y.view(-1)[1] = 2
        weight = normal(shape[1]).abs() + 0.25
        t = exact(random.dirichlet(np.ones(shape[1]), size=rest)).movedim(-1, 1)
        for reduction in ("mean", "sum", "none"):
            case("crossEntropy", [z, y], {"reduction": reduction}, lambda z, y: F.cross_entropy(z, y, reduction=reduction))
            for smoothing in (0.0, 0.1):
                settings = {"reduction": reduction, "labelSmoothing": smoothing, "ignoreIndex": 2}
                case(
                    "crossEntropy",
                    [z, y, weight],
                    settings,
                    lambda z, y, w: F.cross_entropy(
                        z, y, w, ignore_index=2, reduction=reduction, label_smoothing=smoothing
                    ),
                    constants=1,
                )
            case(
                "crossEntropy",
                [z, t, weight],
                {"reduction": reduction, "labelSmoothing": 0.2},
                lambda z, t, w: F.cross_entropy(z, t, w, reduction=reduction, label_smoothing=0.2),
                constants=1,
            )
        case("crossEntropy", [z, y], {"labelSmoothing": 0.1}, lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1))
        case("crossEntropy", [z, t], {}, lambda z, t: F.cross_entropy(z, t))
        x = F.log_softmax(z, 1)
        x = exact(x)
        case("nllLoss", [x, y], {}, lambda x, y: F.nll_loss(x, y))
        case(
            "nllLoss",
            [x, y, weight],
            {"ignoreIndex": 2},
            lambda x, y, w: F.nll_loss(x, y, w, ignore_index=2),
            constants=1,
        )
        for reduction, theirs in (("mean", "mean"), ("sum", "sum"), ("batchMean", "batchmean"), ("none", "none")):
            case("klDiv", [x, t + 2**-10], {"reduction": reduction}, lambda x, t: F.kl_div(x, t, reduction=theirs))


def losses():
    a, b = normal(4, 3) * 2, normal(4, 3)
    for reduction in ("mean", "sum", "none"):
        one = {"reduction": reduction}
        case("mseLoss", [a, b], one, lambda a, b: F.mse_loss(a, b, reduction=reduction))
        case("l1Loss", [a, b], one, lambda a, b: F.l1_loss(a, b, reduction=reduction))
        case("huberLoss", [a, b], {**one, "delta": 1.5}, lambda a, b: F.huber_loss(a, b, delta=1.5, reduction=reduction))
    case("smoothL1Loss", [a, b], {}, lambda a, b: F.smooth_l1_loss(a, b))
    case("smoothL1Loss", [a, b], {"beta": 0.5, "reduction": "none"}, lambda a, b: F.smooth_l1_loss(a, b, beta=0.5, reduction="none"))
    case("smoothL1Loss", [a, b], {"beta": 0}, lambda a, b: F.smooth_l1_loss(a, b, beta=0))

    y = torch.tensor(random.integers(0, 2, (4, 3)), dtype=torch.float64)
    soft = exact(random.uniform(0.1, 0.9, (4, 3)))
    p = exact(random.uniform(0.05, 0.95, (4, 3)))
    case(
        "binaryCrossEntropyWithLogits",
        [a, soft],
        {"positiveWeight": 2.5},
        lambda a, y: F.binary_cross_entropy_with_logits(a, y, pos_weight=torch.tensor(2.5, dtype=torch.float64)),
    )
    case("binaryCrossEntropyWithLogits", [a * 4, y], {"reduction": "none"}, lambda a, y: F.binary_cross_entropy_with_logits(a, y, reduction="none"))
    case("binaryCrossEntropy", [p, soft], {}, lambda p, y: F.binary_cross_entropy(p, y))

    def focal(z, y, alpha, gamma):
        p = torch.sigmoid(z)
        label = p * y + (1 - p) * (1 - y)
        each = F.binary_cross_entropy_with_logits(z, y, reduction="none") * (1 - label) ** gamma
        return (each * (alpha * y + (1 - alpha) * (1 - y)) if alpha >= 0 else each).mean()

    for alpha, gamma in ((0.25, 2), (-1, 1.5), (0.6, 0)):
        case("sigmoidFocalLoss", [a, y], {"alpha": alpha, "gamma": gamma}, lambda a, y: focal(a, y, alpha, gamma))
    signs = 2 * y - 1
    case("hingeLoss", [a, signs], {}, lambda a, y: (1 - y * a).clamp(min=0).mean())
    case("hingeEmbeddingLoss", [a.abs(), signs], {"margin": 2}, lambda a, y: F.hinge_embedding_loss(a, y, margin=2), constants=1)
    u, v, w = normal(5, 4), normal(5, 4), normal(5, 4)
    case("tripletMarginLoss", [u, v, w], {"margin": 0.75}, lambda u, v, w: F.triplet_margin_loss(u, v, w, margin=0.75))
    case("tripletMarginLoss", [u, v, w], {"reduction": "none"}, lambda u, v, w: F.triplet_margin_loss(u, v, w, reduction="none"))
    labels = torch.tensor([1.0, -1, 1, -1, -1], dtype=torch.float64)
    case(
        "cosineEmbeddingLoss",
        [u, v, labels],
        {"margin": -0.5, "reduction": "none"},
        lambda u, v, y: F.cosine_embedding_loss(u, v, y, margin=-0.5, reduction="none"),
        constants=1,
    )


convolutions()
pooling()
normalizations()
class_losses()
losses()
out = {"generator": f"torch {torch.__version__.split('+')[0]}, float64", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
