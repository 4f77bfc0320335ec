"""Prints, as JSON, the milliseconds and MiB of one profile: python pandas_subject.py pandas|ydata|display FILE"""

import json
import resource
import sys
import time

import pandas

what, file = sys.argv[1:]
if what == "ydata":
    from ydata_profiling import ProfileReport

wall, processor = time.perf_counter(), time.process_time()
frame = pandas.read_parquet(file)
if what == "pandas":
    frame.describe(include="all")
    frame.corr(numeric_only=True)
    frame.nunique()
    frame.isna().sum()
elif what == "display":
    frame.head(10).to_html()
    frame.isna().sum()
    for name in frame.select_dtypes("number"):
        frame[name].value_counts(bins=16, sort=False)
    for name in frame.select_dtypes(["object", "str"]):
        frame[name].value_counts().head(10)
else:
    ProfileReport(frame, minimal=True, progress_bar=False).get_description()
print(
    json.dumps(
        {
            "milliseconds": (time.perf_counter() - wall) * 1000,
            "processor": (time.process_time() - processor) * 1000,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "rows": len(frame),
        }
    )
)
