"""One measurement of Great Expectations on pandas: gx_peer.py PARQUET SUITE; prints a JSON object."""

import json
import resource
import sys
import time
import warnings

import great_expectations as gx
import pandas as pd

warnings.filterwarnings("ignore")
path, suite_file = sys.argv[1:]
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False, "metric_calculations": False}
with open(suite_file) as file:
    suite = gx.ExpectationSuite(**json.load(file))
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("flights")
definition = asset.add_batch_definition_whole_dataframe("all")

started, used_before = time.perf_counter(), time.process_time()
frame = pd.read_parquet(path)
batch = definition.get_batch(batch_parameters={"dataframe": frame})
loaded = time.perf_counter()
result = batch.validate(suite, result_format="SUMMARY")
ended, used = time.perf_counter(), time.process_time()
errors = [each.exception_info for each in result.results if "raised_exception" not in each.exception_info]
if errors:
    raise RuntimeError(str(errors))


def subject(expectation):
    kwargs = expectation.kwargs
    names = kwargs.get("column_list") or [kwargs.get("column") or kwargs.get("column_A") or ""]
    return " ".join([expectation.type, *names, *(["if"] if kwargs.get("row_condition") else [])])


found = {
    subject(each.expectation_config): [bool(each.success), each.result.get("unexpected_count")]
    for each in result.results
}
print(
    json.dumps(
        {
            "version": f"Great Expectations {gx.__version__}",
            "fromFile": (ended - started) * 1000,
            "processor": (used - used_before) * 1000,
            "inMemory": (ended - loaded) * 1000,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "found": found,
        }
    )
)
