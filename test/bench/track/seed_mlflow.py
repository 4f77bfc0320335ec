"""Puts runs into the database of an `mlflow server` that has made its tables: by its API it would take minutes.

Usage: seed_mlflow.py DATABASE RUNS RUN POINTS. Experiment 0 gets the same runs as the benchmark logs to ours, and the run
RUN a history of points.
"""

import math
import sqlite3
import sys

database, count, history, length = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
runs, params, tags, points = [], [], [], []
for number in range(count):
    run = f"{number:032x}"
    runs.append((run, f"run-{number}", "UNKNOWN", "", "", "u", "FINISHED", number, "", "active", 0, f"mlflow-artifacts:/0/{run}/artifacts"))
    params += [(f"p{at}", str(number % (at + 2)), run) for at in range(5)]
    tags += [("mlflow.runName", f"run-{number}", run)]
    points += [(f"m{at}", (number * 7919 + at) % 1000 / 1000, 1, run, 0, 0) for at in range(5)]
with sqlite3.connect(database, timeout=60) as connection:
    connection.executemany(
        "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
        " source_version, lifecycle_stage, experiment_id, artifact_uri) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        runs,
    )
    connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", params)
    connection.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", tags)
    connection.executemany(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('m', ?, ?, ?, ?, 0)",
        ((math.sin(step), 1_700_000_000_000 + step, history, step) for step in range(length)),
    )
    for table in ["metrics", "latest_metrics"]:
        connection.executemany(
            f"INSERT INTO {table} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", points
        )
