"""Prints, as JSON, the median seconds of a step of torch.optim.Adam for each implementation, on one thread.

python adam-by-torch.py SHAPES STEPS, where SHAPES is a JSON list of shapes.
"""

import json
import statistics
import sys
import time

import torch

torch.set_num_threads(1)
shapes, steps = json.loads(sys.argv[1]), int(sys.argv[2])


def median(**implementation):
    parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape) * 0.1
    optimizer = torch.optim.Adam(parameters, **implementation)
    seconds = []
    for _ in range(steps):
        started = time.perf_counter()
        optimizer.step()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


print(
    json.dumps({"version": torch.__version__, "foreach": median(foreach=True), "fused": median(fused=True)})
)
