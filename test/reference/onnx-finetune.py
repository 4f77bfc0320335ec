"""Writes onnx-finetune.json: small PyTorch models exported to ONNX, what they compute, and how training goes on from them.

Needs: torch 2.15.0, onnx 1.23.2, onnxscript. Each model is exported by torch.onnx.export with a batch of open size. Outputs
are those of the same weights in float64; the loss curve is 50 steps of SGD with momentum in float32 on one batch of
64 examples, in evaluation mode, so that dropout stays out of it. Exporters write a batch normalisation into the weights of
the convolution before it, so the curve is that of PyTorch's own fusion; and parameters of equal values as one, so none
are equal.
"""

import base64
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

STEPS, LEARNING_RATE, MOMENTUM = 50, 0.05, 0.9


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2), nn.Hardswish(), nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(8, 5))

    def forward(self, x):
        return self.head(self.features(x))


class Attention(nn.Module):
    """Written out, with the shape arithmetic that exporters trace."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, steps, width = x.shape
        parts = self.qkv(x).reshape(batch, steps, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = parts[0], parts[1], parts[2]
        weights = torch.softmax(q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5, -1)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, steps, width))


class Texts(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.attention = Attention(8, 2)
        self.first, self.last = nn.LayerNorm(8), nn.LayerNorm(8)
        self.feed = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        y = self.embed(x)
        y = y + self.attention(self.first(y))
        y = y + self.feed(self.last(y))
        return self.head(y.mean(1))


class Sequences(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 6, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(12, 4, batch_first=True)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        y, _ = self.lstm(x)
        y, _ = self.gru(y)
        return self.head(y[:, -1])


def packed(tensor):
    array = tensor.detach().numpy()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": array.ravel().tolist()}


def exported(model, x, dynamo):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        names = {"input_names": ["x"], "output_names": ["scores"]}
        if dynamo:
            torch.onnx.export(
                model, (x,), path, dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False, **names
            )
        else:
            torch.onnx.export(model, (x,), str(path), dynamo=False, opset_version=13, dynamic_axes={"x": {0: "batch"}}, **names)
        return base64.b64encode(path.read_bytes()).decode()


def curve(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


torch.set_num_threads(1)
torch.manual_seed(0)
random = np.random.default_rng(0)
images = torch.from_numpy(random.standard_normal((64, 1, 8, 8)).astype(np.float32))
texts = torch.from_numpy(random.integers(0, 11, (64, 6)))
sequences = torch.from_numpy(random.standard_normal((64, 7, 3)).astype(np.float32))
classes = torch.from_numpy(random.integers(0, 5, 64))

cases = []
for name, make, x, dynamo in [
    ("images", Images, images, False),
    ("images by the dynamo exporter", Images, images, True),
    ("texts", Texts, texts, False),
    ("texts by the dynamo exporter", Texts, texts, True),
    ("sequences", Sequences, sequences, False),
]:
    model = make()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    if make is Images:
        # Statistics that are not those of a new layer.
        model.train()
        model(images)
    model.eval()
    data = exported(model, x[:3], dynamo)
    double = make().double().eval()
    double.load_state_dict(model.state_dict())
    outputs = double(x.double() if x.is_floating_point() else x)
    if make is Images:
        layers = model.features
        model.features = nn.Sequential(fuse_conv_bn_eval(layers[0], layers[1]), *layers[2:])
    cases.append({"name": name, "model": data, "x": packed(x), "classes": packed(classes), "outputs": packed(outputs), "losses": curve(model, x, classes)})
    print(name, len(data), cases[-1]["losses"][0], cases[-1]["losses"][-1])

settings = {"steps": STEPS, "learningRate": LEARNING_RATE, "momentum": MOMENTUM}
target = Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"torch": torch.__version__, **settings, "cases": cases}) + "\n")
