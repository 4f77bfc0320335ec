"""Files encrypted by pyrage 1.4.0 (rage, age's implementation in Rust): writes age.json beside itself.

pip install pyrage==1.4.0
"""

import base64
import json
from pathlib import Path

import pyrage

plain = "weights ü\n" * 20
identity = pyrage.x25519.Identity.generate()
passphrase = "correct horse battery staple"
reference = {
    "plain": plain,
    "identity": str(identity),
    "toRecipient": base64.b64encode(pyrage.encrypt(plain.encode(), [identity.to_public()])).decode(),
    "passphrase": passphrase,
    "byPassphrase": base64.b64encode(pyrage.passphrase.encrypt(plain.encode(), passphrase)).decode(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=2) + "\n")
