"""A keyless signature as it was made: model-signing's own test data, with Sigstore's trusted root of its time.

Writes keyless.json beside itself. Takes a clone of https://github.com/sigstore/model-transparency (Apache-2.0), of which
scripts/tests/v1.1.0-sigstore/model.sig is read, and the root out of the package sigstore 4.5.1.

pip install sigstore==4.5.1
"""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

folder = "scripts/tests/v1.1.0-sigstore"
signature = subprocess.run(
    ["git", "-C", sys.argv[1], "show", f"HEAD:{folder}/model.sig"], check=True, capture_output=True, text=True
).stdout
root = files("sigstore") / "_store" / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev" / "trusted_root.json"
reference = {
    "files": {"signme-1": "signme-1", "signme-2": "signme-2", "ignore-me": ""},
    "issuer": "https://sigstore.verify.ibm.com/oauth2",
    "signature": signature,
    "trustedRoot": json.dumps(json.loads(root.read_text())),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(reference, indent=2) + "\n")
