"""Writes state-dict.json: a PyTorch model's state dict as safetensors, and what the model computes in float64.

Needs: torch 2.15.0, safetensors 0.8.0.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)
        self.group = nn.GroupNorm(3, 3)
        self.embed = nn.Embedding(7, 6)
        self.lstm = nn.LSTM(6, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 5)

    def forward(self, images, words):
        picture = self.group(self.up(torch.relu(self.bn(self.conv(images)))))
        steps, _ = self.lstm(self.embed(words))
        attended, _ = self.attention(steps, steps, steps)
        return picture, self.head(self.norm(attended))


def packed(tensor):
    array = tensor.detach().numpy()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": array.ravel().tolist()}


torch.manual_seed(0)
random = np.random.default_rng(0)
images = torch.from_numpy(random.standard_normal((3, 2, 4, 5)).astype(np.float32))
words = torch.from_numpy(random.integers(0, 7, (3, 6)))
model = Model()
model.train()(images, words)
with torch.no_grad():
    for parameter in model.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    # One in half precision: state dicts mix them.
    model.norm.weight.copy_(model.norm.weight.half())
state = {name: tensor.half() if name == "norm.weight" else tensor for name, tensor in model.state_dict().items()}
picture, scores = model.double().eval()(images.double(), words)
Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {
            "torch": torch.__version__,
            "stateDict": base64.b64encode(save(state)).decode(),
            "images": packed(images),
            "words": packed(words),
            "picture": packed(picture),
            "scores": packed(scores),
        }
    )
    + "\n"
)
