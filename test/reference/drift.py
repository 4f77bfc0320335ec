"""Writes drift.json: shares of two distributions, with SciPy's Jensen-Shannon divergence and the greatest difference.

Run in an environment with numpy and scipy: python test/reference/drift.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.spatial.distance import jensenshannon

random = np.random.default_rng(5)


def case(name, first, second):
    p, q = (np.asarray(counts, dtype=float) / np.sum(counts) for counts in (first, second))
    return {
        "name": name,
        "first": list(map(float, first)),
        "second": list(map(float, second)),
        "jensenShannon": float(jensenshannon(p, q, base=2) ** 2),
        "lInfinity": float(np.max(np.abs(p - q))),
    }


def samples(name, first, second):
    """Two columns of numbers; histograms of ten equal intervals over the range of both."""
    edges = np.linspace(min(first.min(), second.min()), max(first.max(), second.max()), 11)
    aligned = [np.histogram(each, edges)[0] for each in (first, second)]
    return {
        "name": name,
        "first": first.tolist(),
        "second": second.tolist(),
        "jensenShannon": float(jensenshannon(*aligned, base=2) ** 2),
    }


out = {
    "generator": f"scipy {scipy.__version__}, numpy {np.__version__}",
    "counts": [
        case("the same", [1, 2, 3], [10, 20, 30]),
        case("nothing in common", [1, 0, 2, 0], [0, 3, 0, 1]),
        case("zeros", [0, 5, 5, 0], [0, 1, 8, 3]),
        case("one outcome", [4], [9]),
        case("random", random.integers(0, 50, 40), random.integers(0, 50, 40)),
    ],
    "samples": [
        samples("shifted", np.round(random.normal(0, 1, 300), 4), np.round(random.normal(0.7, 1, 250), 4)),
        samples("wider", np.round(random.normal(5, 1, 200), 4), np.round(random.normal(5, 4, 220), 4)),
        samples("apart", np.round(random.uniform(0, 1, 50), 4), np.round(random.uniform(2, 3, 60), 4)),
        samples("within", np.round(random.uniform(0, 10, 90), 4), np.round(random.uniform(4, 5, 60), 4)),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
