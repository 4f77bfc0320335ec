"""Writes graph-found.json: elements that are found by looking at them, by PyTorch in float64: places of what is not 0, elements
under a mask with the gradient of their weighed sum, different elements with their places and counts.

Inputs are small multiples of 1/4, which repeat and which float32 holds exactly.

Run in an environment with torch and numpy: python test/reference/graph-found.py
"""

import json
from pathlib import Path

import numpy as np
import torch

random = np.random.default_rng(5)
cases = []
for shape in [(7,), (1,), (3, 5), (2, 3, 4), (4, 0)]:
    x = torch.tensor(random.integers(-3, 4, shape) / 4, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor(random.random(shape) < 0.6)
    selected = torch.masked_select(x, mask)
    weights = torch.tensor(random.integers(-8, 9, shape) / 8, dtype=torch.float64)
    (selected * torch.masked_select(weights, mask)).sum().backward()
    values, inverse, counts = torch.unique(x.detach(), return_inverse=True, return_counts=True)
    cases.append(
        {
            "shape": list(shape),
            "x": x.detach().flatten().tolist(),
            "mask": mask.flatten().int().tolist(),
            "nonzero": torch.nonzero(x).tolist(),
            "selected": selected.tolist(),
            "weights": weights.flatten().tolist(),
            "gradient": x.grad.flatten().tolist(),
            "values": values.tolist(),
            "inverse": inverse.flatten().tolist(),
            "counts": counts.tolist(),
        }
    )

path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
