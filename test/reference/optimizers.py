"""Writes optimizers.json: 20 steps of each optimizer with several settings, and learning-rate schedules.

The optimizers and schedules are PyTorch's, in float64; LAMB (You et al., 2019, algorithm 2) and Lion (Chen et al., 2023,
algorithm 2), which PyTorch lacks, are written out in numpy. Initial parameters and gradients are a formula that the test
has too, whose values float32 holds exactly.

Run in an environment with numpy and torch: python test/reference/optimizers.py
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
from torch.optim import lr_scheduler

SHAPES, DECAY, STEPS = [(1,), (3,), (17,), (10, 100)], [True, False, True, True], 20
SIZES = [int(np.prod(shape)) for shape in SHAPES]


def numbers(first, count):
    """Numbers from -1 up to 1, by multiplicative hashing (Knuth, volume 3, 6.4)."""
    hashes = (np.arange(first, first + count, dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    return (hashes >> np.uint64(8)).astype(np.float64) / 2**23 - 1


def split(flat):
    return [part.reshape(shape) for part, shape in zip(np.split(flat, np.cumsum(SIZES)[:-1]), SHAPES)]


def gradients(step):
    return split(numbers(sum(SIZES) * step, sum(SIZES)))


TORCH = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamW": torch.optim.AdamW,
    "rmsProp": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}


def by_torch(kind, options, rate, initial, clipping):
    parameters = [torch.nn.Parameter(torch.tensor(value)) for value in initial]
    snake = {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), name): value for name, value in options.items()}
    optimizer = TORCH[kind](
        [
            {"params": [p for p, decay in zip(parameters, DECAY) if decay]},
            {"params": [p for p, decay in zip(parameters, DECAY) if not decay], "weight_decay": 0},
        ],
        lr=rate,
        **snake,
    )
    norms = []
    for step in range(1, STEPS + 1):
        for parameter, gradient in zip(parameters, gradients(step)):
            parameter.grad = torch.tensor(gradient)
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
        if "maxNorm" in clipping:
            norm = torch.nn.utils.clip_grad_norm_(parameters, clipping["maxNorm"])
        if "maxValue" in clipping:
            torch.nn.utils.clip_grad_value_(parameters, clipping["maxValue"])
        norms.append(float(norm))
        optimizer.step()
    return norms, [p.detach().numpy() for p in parameters]


def lamb(gradient, parameter, state, step, rate, decays, betas=(0.9, 0.999), eps=1e-6, weightDecay=0.01):
    mean, square = state or (np.zeros_like(parameter), np.zeros_like(parameter))
    mean = betas[0] * mean + (1 - betas[0]) * gradient
    square = betas[1] * square + (1 - betas[1]) * gradient**2
    ratio = (mean / (1 - betas[0] ** step)) / (np.sqrt(square / (1 - betas[1] ** step)) + eps)
    if not decays:
        return parameter - rate * ratio, (mean, square)
    direction = ratio + weightDecay * parameter
    lengths = np.linalg.norm(parameter), np.linalg.norm(direction)
    trust = lengths[0] / lengths[1] if min(lengths) > 0 else 1
    return parameter - rate * trust * direction, (mean, square)


def lion(gradient, parameter, state, step, rate, decays, betas=(0.9, 0.99), weightDecay=0.0):
    mean = np.zeros_like(parameter) if state is None else state
    update = np.sign(betas[0] * mean + (1 - betas[0]) * gradient) + weightDecay * decays * parameter
    return parameter - rate * update, betas[1] * mean + (1 - betas[1]) * gradient


def by_numpy(kind, options, rate, initial):
    parameters, states, norms = list(initial), [None] * len(initial), []
    for step in range(1, STEPS + 1):
        all_gradients = gradients(step)
        norms.append(float(np.sqrt(sum((g**2).sum() for g in all_gradients))))
        for i, gradient in enumerate(all_gradients):
            rule = {"lamb": lamb, "lion": lion}[kind]
            parameters[i], states[i] = rule(gradient, parameters[i], states[i], step, rate, DECAY[i], **options)
    return norms, parameters


def digits(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def case(kind, options, rate=0.01, clipping={}, scale=1):
    initial = split(numbers(0, sum(SIZES)) * scale)
    if kind in TORCH:
        norms, final = by_torch(kind, options, rate, initial, clipping)
    else:
        norms, final = by_numpy(kind, options, rate, initial)
    return {
        "kind": kind,
        "options": options,
        "learningRate": rate,
        "clipping": clipping,
        "initialScale": scale,
        "gradientNorms": digits(norms),
        "parameters": [digits(value) for value in final],
    }


def schedule(description, steps, make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=description.get("rate", 1))
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"schedule": description, "rates": rates}


def one_cycle(steps, **options):
    snake = {"pctStart": "pct_start", "divFactor": "div_factor", "finalDivFactor": "final_div_factor"}
    given = {snake[name]: value for name, value in options.items()}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1)
    scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=steps, cycle_momentum=False, **given)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps - 1):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return {"schedule": {"kind": "oneCycle", "maximumRate": 0.1, "steps": steps, **options}, "rates": rates}


def cosine_after_warm_up(optimizer):
    warm_up = lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=7)
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)
    return lr_scheduler.SequentialLR(optimizer, [warm_up, cosine], milestones=[7])


out = {
    "generator": f"torch {torch.__version__}, numpy {np.__version__}, float64",
    "shapes": SHAPES,
    "decay": DECAY,
    "cases": [
        case("sgd", {}),
        case("sgd", {"momentum": 0.9}),
        case("sgd", {"momentum": 0.8, "dampening": 0.1, "weightDecay": 0.05}),
        case("sgd", {"momentum": 0.9, "nesterov": True, "weightDecay": 0.01}),
        case("sgd", {}, clipping={"maxNorm": 2}),
        case("sgd", {}, clipping={"maxNorm": 1000}),
        case("sgd", {"momentum": 0.9}, clipping={"maxValue": 0.25}),
        case("adam", {}),
        case("adam", {"betas": [0.8, 0.95], "eps": 1e-4, "weightDecay": 0.1}),
        case("adam", {}, rate=0.1, clipping={"maxNorm": 0.001}),
        case("adamW", {}),
        case("adamW", {"betas": [0.85, 0.99], "weightDecay": 0.5}),
        case("rmsProp", {}),
        case("rmsProp", {"centered": True, "weightDecay": 0.05}),
        case("rmsProp", {"momentum": 0.9, "alpha": 0.9}, rate=0.001),
        case("rmsProp", {"momentum": 0.5, "centered": True, "alpha": 0.95, "eps": 1e-3}),
        case("adagrad", {}),
        case("adagrad", {"lrDecay": 0.1, "initialAccumulatorValue": 0.5, "eps": 1e-3, "weightDecay": 0.05}),
        case("lamb", {}),
        case("lamb", {"betas": [0.8, 0.99], "eps": 1e-4, "weightDecay": 0.2}),
        case("lamb", {"weightDecay": 0}, scale=0),
        case("lion", {}, rate=0.001),
        case("lion", {"betas": [0.95, 0.98], "weightDecay": 0.5}),
    ],
    "schedules": [
        schedule({"kind": "constant", "rate": 0.1}, 5, lambda o: lr_scheduler.ConstantLR(o, factor=1)),
        schedule(
            {"kind": "warmUp", "rate": 0.1, "steps": 8}, 12, lambda o: lr_scheduler.LinearLR(o, total_iters=8)
        ),
        schedule(
            {"kind": "warmUp", "rate": 0.1, "steps": 5, "startFactor": 0.01},
            9,
            lambda o: lr_scheduler.LinearLR(o, start_factor=0.01, total_iters=5),
        ),
        schedule({"kind": "stepDecay", "rate": 0.1, "stepSize": 4}, 15, lambda o: lr_scheduler.StepLR(o, 4)),
        schedule(
            {"kind": "stepDecay", "rate": 0.1, "stepSize": 3, "gamma": 0.5},
            15,
            lambda o: lr_scheduler.StepLR(o, 3, gamma=0.5),
        ),
        schedule(
            {"kind": "exponential", "rate": 0.1, "gamma": 0.9}, 15, lambda o: lr_scheduler.ExponentialLR(o, 0.9)
        ),
        schedule({"kind": "cosine", "rate": 0.1, "steps": 15}, 16, lambda o: lr_scheduler.CosineAnnealingLR(o, 15)),
        schedule(
            {
                "kind": "cosine",
                "rate": 0.1,
                "steps": 20,
                "minimumRate": 0.01,
                "warmUp": {"steps": 7, "startFactor": 0.1},
            },
            28,
            cosine_after_warm_up,
        ),
        one_cycle(30),
        one_cycle(17, pctStart=0.5, divFactor=10, finalDivFactor=100),
        one_cycle(10, pctStart=0.05),
        schedule({"kind": "polynomial", "rate": 0.1, "steps": 12}, 15, lambda o: lr_scheduler.PolynomialLR(o, 12)),
        schedule(
            {"kind": "polynomial", "rate": 0.1, "steps": 12, "power": 2.5},
            15,
            lambda o: lr_scheduler.PolynomialLR(o, 12, power=2.5),
        ),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
