"""Writes training.json: networks with a float64 reference of their gradients and of 50 steps of Adam.

The network: an embedding and standardised numbers, two hidden layers with ReLU, one logit, binary cross-entropy with a
weight for positives. The backward pass is written out by hand and checked against finite differences here.

Run in an environment with numpy: python test/reference/training.py
"""

import json
from pathlib import Path

import numpy as np

ROWS, NUMERIC, CATEGORIES, WIDTH, HIDDEN, BATCH, STEPS, RATE = 96, 5, 7, 3, (8, 4), 32, 50, 0.01


def forward(parameters, numbers, categories, labels, weight):
    table, w1, b1, w2, b2, w3, b3 = parameters
    x = np.concatenate([numbers, table[categories]], axis=1)
    h1 = np.maximum(x @ w1 + b1, 0)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    z = h2 @ w3 + b3
    losses = (1 - labels) * z + (1 + (weight - 1) * labels) * np.logaddexp(0, -z)
    return losses.mean(), (x, h1, h2, z)


def backward(parameters, numbers, categories, labels, weight):
    table, w1, b1, w2, b2, w3, b3 = parameters
    loss, (x, h1, h2, z) = forward(parameters, numbers, categories, labels, weight)
    dz = ((1 - labels) - (1 + (weight - 1) * labels) / (1 + np.exp(z))) / len(z)
    dh2 = (dz @ w3.T) * (h2 > 0)
    dh1 = (dh2 @ w2.T) * (h1 > 0)
    dx = dh1 @ w1.T
    dtable = np.zeros_like(table)
    np.add.at(dtable, categories, dx[:, NUMERIC:])
    return loss, [dtable, x.T @ dh1, dh1.sum(0), h1.T @ dh2, dh2.sum(0), h2.T @ dz, dz.sum(0)]


def check(parameters, *batch):
    _, gradients = backward(parameters, *batch)
    for index, parameter in enumerate(parameters):
        for position in np.ndindex(parameter.shape):
            step = np.zeros_like(parameter)
            step[position] = 1e-6
            up = [p + step if i == index else p for i, p in enumerate(parameters)]
            down = [p - step if i == index else p for i, p in enumerate(parameters)]
            slope = (forward(up, *batch)[0] - forward(down, *batch)[0]) / 2e-6
            assert abs(slope - gradients[index][position]) < 1e-7, (index, position)


def adam(parameters, batches, beta1=0.9, beta2=0.999, epsilon=1e-8):
    parameters = [p.copy() for p in parameters]
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    losses = []
    for step in range(1, STEPS + 1):
        loss, gradients = backward(parameters, *batches[(step - 1) % len(batches)])
        losses.append(loss)
        for i, gradient in enumerate(gradients):
            means[i] = beta1 * means[i] + (1 - beta1) * gradient
            squares[i] = beta2 * squares[i] + (1 - beta2) * gradient**2
            mean, square = means[i] / (1 - beta1**step), squares[i] / (1 - beta2**step)
            parameters[i] -= RATE * mean / (np.sqrt(square) + epsilon)
    return losses, parameters


def case(name, seed, weight):
    random = np.random.default_rng(seed)
    # What the test reads as float32 must be the same numbers here.
    exact = lambda values: np.asarray(values, dtype=np.float32).astype(np.float64)
    shapes = [(CATEGORIES, WIDTH), (NUMERIC + WIDTH, HIDDEN[0]), (HIDDEN[0],), HIDDEN, (HIDDEN[1],), (HIDDEN[1], 1), (1,)]
    parameters = [exact(random.standard_normal(shape) * 0.5) for shape in shapes]
    raw = exact(random.standard_normal((ROWS, NUMERIC)) * [1, 10, 0.1, 3, 100] + [0, 5, 1, -2, 500])
    mean, deviation = raw.mean(0), raw.std(0)
    numbers = (raw - mean) / deviation
    categories = random.integers(0, CATEGORIES, ROWS)
    labels = ((numbers[:, 0] + 0.5 * (categories % 2) + 0.5 * random.standard_normal(ROWS)) > 0.4).astype(float)[:, None]
    batches = [
        (numbers[i : i + BATCH], categories[i : i + BATCH], labels[i : i + BATCH], weight) for i in range(0, ROWS, BATCH)
    ]
    check(parameters, *batches[0])
    loss, gradients = backward(parameters, *batches[0])
    losses, final = adam(parameters, batches)
    flat = lambda arrays: [{"shape": list(a.shape), "data": a.ravel().tolist()} for a in arrays]
    return {
        "name": name,
        "positiveWeight": weight,
        "learningRate": RATE,
        "batchSize": BATCH,
        "categories": categories.tolist(),
        "labels": labels.ravel().tolist(),
        "numeric": raw.tolist(),
        "means": mean.tolist(),
        "deviations": deviation.tolist(),
        "parameters": flat(parameters),
        "firstLoss": loss,
        "firstGradients": flat(gradients),
        "losses": losses,
        "finalParameters": flat(final),
    }


out = {
    "generator": f"numpy {np.__version__}, float64",
    "cases": [case("unweighted", 1, 1.0), case("positives weighted", 2, 2.5)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
