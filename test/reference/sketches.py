"""Writes sketches.json: samples, NumPy's quantiles of them, and population stability indices by their definition.

Run in an environment with numpy: python test/reference/sketches.py
"""

import json
from pathlib import Path

import numpy as np

random = np.random.default_rng(11)


def index(reference, current, bins=10):
    """Bins by the reference's quantiles, shares not below 0.0001, as Evidently's PSI has them."""
    inner = np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1])
    first, second = (np.bincount(np.searchsorted(inner, each), minlength=bins) for each in (reference, current))
    p, q = (np.maximum(counts / counts.sum(), 1e-4) for counts in (first, second))
    return float(np.sum((q - p) * np.log(q / p)))


def case(name, reference, current):
    quantiles = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1]
    return {
        "name": name,
        "reference": [float(f"{each:.6g}") for each in reference],
        "current": [float(f"{each:.6g}") for each in current],
        "quantiles": [[q, float(np.quantile(reference, q, method="lower"))] for q in quantiles],
        "psi": index(reference, current),
    }


def category_index(first, second):
    p, q = (np.maximum(np.asarray(each) / np.sum(each), 1e-4) for each in (first, second))
    return float(np.sum((q - p) * np.log(q / p)))


out = {
    "generator": f"numpy {np.__version__}",
    "numbers": [
        case("same", random.normal(0, 1, 3000), random.normal(0, 1, 3000)),
        case("shifted", random.normal(0, 1, 3000), random.normal(0.5, 1, 2500)),
        case("scaled", random.lognormal(0, 2, 3000), random.lognormal(0, 2.5, 3000)),
        case("apart", random.uniform(0, 1, 500), random.uniform(5, 6, 500)),
        case("below", random.uniform(-6, -5, 500), random.uniform(-9, -8, 700)),
    ],
    "categories": [
        {"reference": first, "current": second, "psi": category_index(first, second)}
        for first, second in [([10, 20, 30], [20, 20, 20]), ([5, 0, 95], [0, 50, 50]), ([1, 1], [10, 10])]
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
