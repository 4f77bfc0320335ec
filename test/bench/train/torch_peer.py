"""PyTorch as a subject of `npm run bench -- train`, at the fastest of its settings: one JSON request a line.

{"load": case} builds the model and answers {"ready": settings, "compileSeconds": s, "baseMiB": before it};
{"run": steps} trains and answers {"seconds": [one a step], "loss": last, "peakMiB": n}.
Each step reads its loss. What fails is answered as {"error": text}.

    python torch_peer.py eager|compile THREADS
"""

import ctypes
import gc
import itertools
import json
import statistics
import sys
import time

import torch
from torch_models import models
from torch_samples import batches

mode, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)


class Training:
    """A model with its optimizer. `settings` may name the form of Adam, the memory format, and oneDNN's use."""

    def __init__(self, case, settings):
        torch.manual_seed(1)
        torch.backends.mkldnn.enabled = settings["onednn"]
        model = models[case]()
        data = [tuple(map(torch.from_numpy, batch)) for batch in batches(case)]
        if settings["channelsLast"]:
            model = model.to(memory_format=torch.channels_last)
            data = [(x.to(memory_format=torch.channels_last), labels) for x, labels in data]
        self.optimizer = torch.optim.Adam(
            model.parameters(), lr=1e-3, fused=settings["adam"] == "fused", foreach=settings["adam"] == "foreach"
        )
        self.loss = torch.compile(model) if mode == "compile" else model
        self.batches = itertools.cycle(data)

    def step(self):
        x, labels = next(self.batches)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(x, labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Product:
    def __init__(self):
        ((a, b),) = batches("matmul")
        self.a, self.b = torch.from_numpy(a), torch.from_numpy(b)
        self.out = torch.empty_like(self.a)

    def step(self):
        torch.mm(self.a, self.b, out=self.out)


def choices(case):
    """The settings that are tried."""
    adams = ["fused", "foreach"]
    formats = [False, True] if case in ("cnn", "lenet") else [False]
    onednn = [True, False] if case == "lstm" else [True]
    return [
        {"adam": adam, "channelsLast": last, "onednn": dnn}
        for adam, last, dnn in itertools.product(adams, formats, onednn)
    ]


def fastest(case):
    """The settings with the shortest steps. They take turns, and the lower quartile counts, so that what else the machine
    does decides nothing."""
    tried = [(settings, Training(case, settings), []) for settings in choices(case)]
    for _ in range(8):
        for settings, training, seconds in tried:
            torch.backends.mkldnn.enabled = settings["onednn"]
            training.step()
            for _ in range(5):
                seconds.append(timed(training.step)[0])
    return min(tried, key=lambda each: statistics.quantiles(each[2])[0])[0]


def timed(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def status_mib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:")) / 1024


def forget_peak():
    """Starts the peak of the memory again, as if the settings that lost had not been tried."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")


def load(case):
    base = status_mib("VmRSS")
    return {**build(case), "baseMiB": base}


def build(case):
    global subject
    if case == "matmul":
        subject = Product()
        return {"ready": f"PyTorch {torch.__version__}", "compileSeconds": 0}
    settings = fastest(case) if mode == "eager" else {"adam": "fused", "channelsLast": False, "onednn": True}
    forget_peak()
    subject = Training(case, settings)
    # The first step of a compiled model compiles it.
    seconds = timed(Training(case, settings).step)[0] if mode == "compile" else 0
    return {"ready": f"PyTorch {torch.__version__}, {describe(settings)}", "compileSeconds": seconds}


def describe(settings):
    format = ", channels last" if settings["channelsLast"] else ""
    return f"{settings['adam']} Adam{format}{'' if settings['onednn'] else ', without oneDNN'}"


def run(steps):
    results = [timed(subject.step) for _ in range(steps)]
    loss = subject.out.mean().item() if isinstance(subject, Product) else results[-1][1]
    return {"seconds": [seconds for seconds, _ in results], "loss": loss, "peakMiB": status_mib("VmHWM")}


def answer(request):
    try:
        return load(request["load"]) if "load" in request else run(request["run"])
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
