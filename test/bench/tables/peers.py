"""One measurement of pandas or Polars: peers.py pandas|polars FLIGHTS TRADES QUOTES THREADS REPETITIONS; prints a JSON
object. Polars's threads are those of POLARS_MAX_THREADS."""

import json
import resource
import sys
import time

name, flights_file, trades_file, quotes_file, threads, repetitions = sys.argv[1:]


def pandas_questions():
    import pandas as pd
    import pyarrow

    pyarrow.set_cpu_count(int(threads))

    def flights(*columns):
        return pd.read_parquet(flights_file, columns=list(columns) or None)

    def read():
        frame = flights()
        return [len(frame[column]) for column in sorted(frame.columns)]

    def aggregate():
        frame = flights("distance", "delay")
        return [frame["distance"].sum(), frame["delay"].mean(), len(frame)]

    def filter_and_group():
        frame = flights("origin", "delay", "distance")
        kept = frame[(frame["delay"] > 15) & (frame["distance"] < 1000)]
        groups = kept.groupby("origin")["delay"].agg(["size", "mean"])
        return [len(groups), groups["size"].sum(), groups["mean"].sum()]

    def two_keys():
        groups = flights("origin", "destination", "distance").groupby(["origin", "destination"])["distance"].agg(["size", "sum"])
        return [len(groups), groups["size"].sum(), groups["sum"].sum()]

    def join():
        frame = flights("origin", "delay", "distance")
        usual = frame.groupby("origin")["delay"].mean().rename("usual").reset_index()
        joined = frame.merge(usual, on="origin")
        kept = joined[joined["delay"] > joined["usual"]]
        return [len(kept), kept["distance"].sum()]

    def rank():
        return [flights("origin", "delay").groupby("origin")["delay"].rank("min").sum()]

    def first():
        frame = flights().sort_values(["delay", "date", "origin", "destination"], ascending=[False, True, True, True]).head(100)
        return [frame["delay"].sum(), frame["distance"].sum()]

    def asof():
        joined = pd.merge_asof(pd.read_parquet(trades_file), pd.read_parquet(quotes_file), on="time", by="symbol")
        return [joined["bid"].count(), joined["bid"].sum()]

    return f"pandas {pd.__version__}", [read, aggregate, filter_and_group, two_keys, join, rank, first, asof]


def polars_questions():
    import polars as pl

    c = pl.col

    def flights():
        return pl.scan_parquet(flights_file)

    def row(frame):
        return list(frame.collect().row(0))

    def read():
        frame = pl.read_parquet(flights_file)
        return [len(frame[column]) for column in sorted(frame.columns)]

    def aggregate():
        return row(flights().select(a=c("distance").sum(), b=c("delay").mean(), n=pl.len()))

    def filter_and_group():
        kept = flights().filter((c("delay") > 15) & (c("distance") < 1000))
        groups = kept.group_by("origin").agg(n=pl.len(), delay=c("delay").mean())
        return row(groups.select(a=pl.len(), b=c("n").sum(), c=c("delay").sum()))

    def two_keys():
        groups = flights().group_by("origin", "destination").agg(n=pl.len(), distance=c("distance").sum())
        return row(groups.select(a=pl.len(), b=c("n").sum(), c=c("distance").sum()))

    def join():
        usual = flights().group_by("origin").agg(usual=c("delay").mean())
        kept = flights().join(usual, on="origin").filter(c("delay") > c("usual"))
        return row(kept.select(a=pl.len(), b=c("distance").sum()))

    def rank():
        return row(flights().select(place=c("delay").rank("min").over("origin")).select(a=c("place").cast(pl.Int64).sum()))

    def first():
        frame = flights().sort("delay", "date", "origin", "destination", descending=[True, False, False, False]).head(100)
        return row(frame.select(a=c("delay").sum(), b=c("distance").sum()))

    def asof():
        joined = pl.scan_parquet(trades_file).sort("time").join_asof(pl.scan_parquet(quotes_file).sort("time"), on="time", by="symbol")
        return row(joined.select(a=c("bid").count(), b=c("bid").sum()))

    return f"Polars {pl.__version__}", [read, aggregate, filter_and_group, two_keys, join, rank, first, asof]


version, asked = pandas_questions() if name == "pandas" else polars_questions()
names = json.loads(sys.stdin.read())
times, answers = {}, {}
for question, ask in zip(names, asked, strict=True):
    times[question] = []
    for _ in range(int(repetitions)):
        started = time.perf_counter()
        answers[question] = [float(value) for value in ask()]
        times[question].append((time.perf_counter() - started) * 1000)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"version": version, "times": times, "answers": answers, "peak": peak}))
