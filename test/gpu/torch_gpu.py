"""PyTorch on the GPU, for the check's report: a line of JSON that names the machine, then one a case.

Adam at a rate of 1e-3, eager, fused; every step reads its loss; batches are uploaded as the other side uploads them.

    python torch_gpu.py SECONDS CASE...
"""

import itertools
import json
import os
import sys
import time

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "train")]

import torch
from torch_models import models
from torch_samples import batches

seconds, cases = float(sys.argv[1]), sys.argv[2:]
if not torch.cuda.is_available():
    raise SystemExit("torch sees no CUDA device")
device = torch.device("cuda")
print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "device": torch.cuda.get_device_name(0)}), flush=True)

for case in cases:
    torch.manual_seed(1)
    model = models[case]().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    data = itertools.cycle([tuple(torch.from_numpy(each).pin_memory() for each in batch) for batch in batches(case)])

    def step():
        x, labels = (each.to(device, non_blocking=True) for each in next(data))
        optimizer.zero_grad(set_to_none=True)
        loss = model(x, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    first = step()
    for _ in range(20):
        last = step()
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        last = step()
        steps += 1
    rate = steps / (time.perf_counter() - start)
    print(json.dumps({"case": case, "stepsPerSecond": rate, "firstLoss": first, "lastLoss": last}), flush=True)
