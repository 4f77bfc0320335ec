"""Writes model-signing.json: a small model, keys, and the signature that the Python tool makes of it.

    pip install model-signing==1.1.1 pyopenssl==26.4.0
    python test/reference/model-signing.py
"""

import json
import pathlib
import subprocess
import tempfile

files = {
    "MLmodel": "flavors: {}\n",
    "a/weights.bin": "0123456789",
    "a-b/weights.bin": "9876543210",
    "a.txt": "between the folders, by bytes",
    "ünïcode/\U0001f600.txt": "beyond 16 bits",
    "ünïcode/\uffee.txt": "before it by code points, behind it by UTF-16",
    ".git/HEAD": "left out",
}

with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    for name, text in files.items():
        path = folder / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    private, public, signature = folder / "key", folder / "key.pub", folder / "model.sig"
    run = lambda *command: subprocess.run(command, check=True)
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private)
    run("openssl", "ec", "-in", private, "-pubout", "-out", public)
    run(
        "model_signing", "sign", "key", "--private_key", private, "--signature", signature, folder / "model"
    )
    reference = {
        "files": files,
        "publicKey": public.read_text(),
        "signature": signature.read_text(),
    }
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=1) + "\n")
