"""Writes training-curves.json: the losses of 200 steps of Adam in float32 on the CPU, for five small networks.

Nothing random is stored. Initial weights and batches come from the linear congruential generator
x <- (1664525 x + 1013904223) mod 2^32, u = x / 2^32, in double precision, rounded to float32 at the end:

- weights: one generator a case, started at 1; the parameters in the order of the file, row-major; each "uniform"
  parameter is (2 u - 1) * bound, "zeros" and "ones" draw nothing.
- batches: one generator a case, started at 2; see the functions `*_batch` below for the order of the draws.

How much of a difference rounding alone makes is in the file: `float64Difference` is the largest difference of a loss from
that of the same program in float64.

Run in an environment with torch and numpy: python test/reference/training-curves.py
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

STEPS, RATE = 200, 3e-3

layouts = {
    "linear": "weights are [outputs, inputs]: y = x W^T + b",
    "convolution": "weights are [output channels, input channels, height, width]; images [batch, channels, height, width]",
    "lstm": "weights are [4 hidden, inputs] and [4 hidden, hidden], the gates one after another: input, forget, cell, "
    "output; sequences [steps, batch, features]; both biases are added, and both are trained where both are listed",
    "attention": "inWeight is [3 width, width]: queries, keys, values one after another; heads are consecutive parts of "
    "the width; scores are divided by the root of a head's width; causal",
    "norm": "layer norm over the last axis, epsilon 1e-5",
    "gelu": "0.5 x (1 + erf(x / sqrt 2))",
    "loss": "the mean over all labels of the negative logarithm of the softmax of the label's logit",
    "adam": "betas 0.9 and 0.999, epsilon 1e-8, no weight decay",
}


class Random:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32

    def below(self, count):
        return int(self.uniform() * count)


def uniform(name, shape, fan_in):
    return {"name": name, "shape": shape, "initial": "uniform", "bound": 1 / math.sqrt(fan_in)}


def filled(name, shape, initial):
    return {"name": name, "shape": shape, "initial": initial}


def initial(parameter, random):
    shape = parameter["shape"]
    if parameter["initial"] == "zeros":
        return np.zeros(shape, np.float32)
    if parameter["initial"] == "ones":
        return np.ones(shape, np.float32)
    numbers = [(2 * random.uniform() - 1) * parameter["bound"] for _ in range(math.prod(shape))]
    return np.array(numbers, np.float32).reshape(shape)


def dense(name, inputs, outputs):
    return [uniform(f"{name}.weight", [outputs, inputs], inputs), uniform(f"{name}.bias", [outputs], inputs)]


def convolution(name, inputs, outputs, size):
    fan_in = inputs * size * size
    weight = uniform(f"{name}.weight", [outputs, inputs, size, size], fan_in)
    return [weight, uniform(f"{name}.bias", [outputs], fan_in)]


def norm(name, width):
    return [filled(f"{name}.weight", [width], "ones"), filled(f"{name}.bias", [width], "zeros")]


def linear(p, name, x):
    return F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"])


# Multilayer perceptron: 20-32-16-3 with ReLU, batch 32.

mlp_parameters = dense("hidden1", 20, 32) + dense("hidden2", 32, 16) + dense("out", 16, 3)


def mlp_batch(random):
    """For each row its label, then its 20 features."""
    x, labels = np.empty((32, 20), np.float32), np.empty(32, np.int64)
    for row in range(32):
        labels[row] = random.below(3)
        for j in range(20):
            x[row, j] = 2 * random.uniform() - 1 + (0.5 if j % 3 == labels[row] else 0)
    return x, labels


def mlp_loss(p, x, labels):
    x = F.relu(linear(p, "hidden1", x))
    x = F.relu(linear(p, "hidden2", x))
    return F.cross_entropy(linear(p, "out", x), labels)


# Convolutions: 8x8 images, 3x3 kernels with padding 1, max pooling 2x2 with stride 2, ReLU before it; batch 16.

cnn_parameters = convolution("conv1", 1, 4, 3) + convolution("conv2", 4, 8, 3) + dense("out", 8 * 2 * 2, 4)


def cnn_batch(random):
    """For each image its label, then its pixels row by row; the quadrant of the label is brighter."""
    x, labels = np.empty((16, 1, 8, 8), np.float32), np.empty(16, np.int64)
    for index in range(16):
        labels[index] = random.below(4)
        for row in range(8):
            for column in range(8):
                bright = row // 4 * 2 + column // 4 == labels[index]
                x[index, 0, row, column] = 2 * random.uniform() - 1 + (0.5 if bright else 0)
    return x, labels


def cnn_loss(p, x, labels):
    x = F.max_pool2d(F.relu(F.conv2d(x, p["conv1.weight"], p["conv1.bias"], padding=1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p["conv2.weight"], p["conv2.bias"], padding=1)), 2)
    return F.cross_entropy(linear(p, "out", x.flatten(1)), labels)


# LSTM: 12 steps of 8 features, hidden 16, batch 16, the last hidden state gives one of 4 classes.

lstm_weights = [
    uniform("lstm.inputWeight", [64, 8], 16),
    uniform("lstm.hiddenWeight", [64, 16], 16),
    uniform("lstm.inputBias", [64], 16),
]
lstm_one_bias_parameters = lstm_weights + dense("out", 16, 4)
lstm_parameters = lstm_weights + [uniform("lstm.hiddenBias", [64], 16)] + dense("out", 16, 4)


def lstm_batch(random):
    """All labels, then step by step and sequence by sequence the 8 features; only the first 6 steps tell the label."""
    x, labels = np.empty((12, 16, 8), np.float32), np.empty(16, np.int64)
    for index in range(16):
        labels[index] = random.below(4)
    for step in range(12):
        for index in range(16):
            for j in range(8):
                raised = step < 6 and j % 4 == labels[index]
                x[step, index, j] = 2 * random.uniform() - 1 + (0.5 if raised else 0)
    return x, labels


def lstm_loss(p, x, labels):
    hidden_bias = p.get("lstm.hiddenBias", torch.zeros_like(p["lstm.inputBias"]))
    weights = [p["lstm.inputWeight"], p["lstm.hiddenWeight"], p["lstm.inputBias"], hidden_bias]
    state = x.new_zeros(1, x.shape[1], 16)
    _, last, _ = torch.lstm(x, (state, state), weights, True, 1, 0.0, True, False, False)
    return F.cross_entropy(linear(p, "out", last[0]), labels)


# Transformer: 2 blocks with the norms first, width 32, 4 heads, 16 tokens of 16 kinds, batch 8; the next token's loss.


def block(name):
    return [
        *norm(f"{name}.norm1", 32),
        uniform(f"{name}.attention.inWeight", [96, 32], 32),
        filled(f"{name}.attention.inBias", [96], "zeros"),
        *dense(f"{name}.attention.out", 32, 32),
        *norm(f"{name}.norm2", 32),
        *dense(f"{name}.wide", 32, 128),
        *dense(f"{name}.narrow", 128, 32),
    ]


transformer_parameters = [
    uniform("tokens", [16, 32], 32),
    uniform("positions", [16, 32], 32),
    *block("block1"),
    *block("block2"),
    *norm("norm", 32),
    *dense("out", 32, 16),
]


def transformer_batch(random):
    """Row by row: the first token, then for each next one two draws: whether it follows by the rule, and a random one."""
    tokens = np.empty((8, 17), np.int64)
    for row in tokens:
        row[0] = random.below(16)
        for position in range(16):
            known = random.uniform() < 0.9
            drawn = random.below(16)
            row[position + 1] = (5 * row[position] + 3) % 16 if known else drawn
    return tokens[:, :-1].copy(), tokens[:, 1:].copy()


def transformer_loss(p, tokens, labels):
    x = p["tokens"][tokens] + p["positions"]
    for name in ("block1", "block2"):
        packed = F.linear(layer_norm(p, f"{name}.norm1", x), p[f"{name}.attention.inWeight"], p[f"{name}.attention.inBias"])
        q, k, v = (part.view(8, 16, 4, 8).transpose(1, 2) for part in packed.chunk(3, -1))
        scores = (q @ k.transpose(-1, -2) / math.sqrt(8)).masked_fill(torch.ones(16, 16).triu(1) > 0, -math.inf)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(8, 16, 32)
        x = x + linear(p, f"{name}.attention.out", mixed)
        x = x + linear(p, f"{name}.narrow", F.gelu(linear(p, f"{name}.wide", layer_norm(p, f"{name}.norm2", x))))
    logits = linear(p, "out", layer_norm(p, "norm", x))
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten())


def train(parameters, batches, loss, dtype):
    random = Random(1)
    p = {each["name"]: torch.tensor(initial(each, random)).to(dtype).requires_grad_() for each in parameters}
    optimizer = torch.optim.Adam(p.values(), lr=RATE)
    losses = []
    for x, labels in batches:
        x = torch.from_numpy(x)
        value = loss(p, x.to(dtype) if x.is_floating_point() else x, torch.from_numpy(labels))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def case(name, parameters, batch, loss):
    random = Random(2)
    batches = [batch(random) for _ in range(STEPS)]
    losses = train(parameters, batches, loss, torch.float32)
    exact = train(parameters, batches, loss, torch.float64)
    difference = max(abs(a - b) for a, b in zip(losses, exact, strict=True))
    assert difference < 5e-4, f"{name} is too sensitive to rounding: {difference}"
    assert losses[-1] < 0.7 * losses[0], f"{name} does not learn: {losses[0]} to {losses[-1]}"
    print(name, losses[0], losses[-1], difference)
    random = Random(1)
    weights = [initial(each, random).astype(np.float64) for each in parameters]
    return {
        "name": name,
        "parameters": parameters,
        # To see whether the same numbers were drawn, before anything is computed with them.
        "parameterSums": [float(weight.sum()) for weight in weights],
        "batchSums": [float(x.astype(np.float64).sum()) for x, _ in batches],
        "labelSums": [int(labels.sum()) for _, labels in batches],
        "losses": losses,
        "float64Difference": difference,
    }


torch.set_num_threads(1)
out = {
    "generator": f"torch {torch.__version__.split('+')[0]}, CPU, float32",
    "learningRate": RATE,
    "layouts": layouts,
    "cases": [
        case("mlp", mlp_parameters, mlp_batch, mlp_loss),
        case("cnn", cnn_parameters, cnn_batch, cnn_loss),
        case("lstm", lstm_parameters, lstm_batch, lstm_loss),
        case("lstm, one bias", lstm_one_bias_parameters, lstm_batch, lstm_loss),
        case("transformer", transformer_parameters, transformer_batch, transformer_loss),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
