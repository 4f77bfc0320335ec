"""The data of every case, the same for all subjects: see training-samples.ts, which draws the same numbers.

Batches are learnable, so that the loss of a subject that really trains falls.
"""

import numpy as np

BATCHES = 4


class Random:
    """The linear congruential generator of test/support/linear-congruential.ts."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32

    def below(self, count):
        return int(self.uniform() * count)


def images(random, batch):
    """Images [batch, 1, 28, 28] of noise, where the diagonals of a class are brighter."""
    pixels = np.empty((batch, 28, 28), np.float32)
    labels = np.empty(batch, np.int64)
    for index in range(batch):
        label = labels[index] = random.below(10)
        for row in range(28):
            for column in range(28):
                bright = 1 if (row + column) % 10 == label else 0
                pixels[index, row, column] = random.uniform() + bright
    return pixels[:, None], labels


def sequences(random, batch, steps, features):
    """Sequences [steps, batch, features] of noise, where some features of a class are raised."""
    values = np.empty((steps, batch, features), np.float32)
    labels = np.empty(batch, np.int64)
    for index in range(batch):
        labels[index] = random.below(10)
    for step in range(steps):
        for index in range(batch):
            for feature in range(features):
                raised = 0.5 if feature % 10 == labels[index] else 0
                values[step, index, feature] = 2 * random.uniform() - 1 + raised
    return values, labels


def text(random, batch, length, vocabulary):
    """Tokens [batch, length] and their successors: nine of ten follow from the token before."""
    tokens = np.empty((batch, length + 1), np.int64)
    for row in tokens:
        row[0] = random.below(vocabulary)
        for position in range(length):
            known = random.uniform() < 0.9
            drawn = random.below(vocabulary)
            row[position + 1] = (5 * row[position] + 7) % vocabulary if known else drawn
    return tokens[:, :-1].copy(), tokens[:, 1:].copy()


def matrix(random, size):
    return np.array([random.uniform() for _ in range(size * size)], np.float32).reshape(size, size)


def batches(case):
    """The batches of a case, which training goes through again and again."""
    random = Random(1)
    match case:
        case "mlp" | "lenet":
            return [images(random, 128) for _ in range(BATCHES)]
        case "cnn":
            return [images(random, 64) for _ in range(BATCHES)]
        case "lstm":
            return [sequences(random, 64, 50, 64) for _ in range(BATCHES)]
        case "transformer":
            return [text(random, 16, 128, 65) for _ in range(BATCHES)]
        case "matmul":
            return [(matrix(random, 1024), matrix(random, 1024))]
    raise ValueError(f"no case {case}")
