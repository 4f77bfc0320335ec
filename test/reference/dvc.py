"""A project of DVC 2.58.2, whose cache has the layout before DVC 3: pointers, cache and data. Writes dvc.json beside itself.

pip install dvc==2.58.2 pathspec==0.11.2
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

data = {
    "table.csv": b"a,b\r\n1,2\r\n3,4\r\n",
    "weights.bin": bytes(range(256)) + b"\r\n",
    "folder/one.txt": b"one\n",
    "folder/deep/two.txt": b"two\r\n",
    "folder/again.txt": b"one\n",
}
with tempfile.TemporaryDirectory() as name:
    root = Path(name)
    for path, content in data.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)

    def dvc(*arguments: str) -> None:
        environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
        subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, cwd=root, env=environment)

    dvc("init", "--no-scm", "--quiet")
    dvc("add", "--quiet", "table.csv", "weights.bin", "folder")
    cache = root / ".dvc/cache"
    reference = {
        "pointers": {path.name: path.read_text() for path in sorted(root.glob("*.dvc")) if path.is_file()},
        "cache": {
            str(path.relative_to(cache)): base64.b64encode(path.read_bytes()).decode()
            for path in sorted(cache.rglob("*"))
            if path.is_file()
        },
        "data": {path: base64.b64encode(content).decode() for path, content in data.items()},
    }
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=2) + "\n")
