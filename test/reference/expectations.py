"""Writes expectations.json: tables with tricky values, and what Great Expectations finds in them.

Run in an environment with great_expectations: python test/reference/expectations.py
"""

import json
import math
import sqlite3
import tempfile
import warnings
from pathlib import Path

import great_expectations as gx
import numpy as np
import pandas as pd
from great_expectations.expectations import core
from great_expectations.expectations.row_conditions import Column

warnings.filterwarnings("ignore")
random = np.random.default_rng(11)
nan, inf = math.nan, math.inf

kinds = {
    "int64": "int64",
    "nullable": "Int64",
    "float64": "float64",
    "string": "object",
    "boolean": "bool",
    "timestamp": "datetime64[ns]",
}
rows = 12
tricky = {
    "i": ("int64", [3, 1, 2, 2, 5, -4, 0, 7, 7, 7, 9007199254740993, 6]),
    "n": ("nullable", [None, 1, 2, 2, None, 5, 8, None, 8, 9, 9, 30]),
    "f": ("float64", [nan, 1.5, inf, -inf, 1.5, 0.1, nan, -0.0, 2.5, 1e300, -7.25, 3.0]),
    "g": ("float64", [0.5, 1.5, nan, 2.5, 2.5, 0.25, 4.0, nan, 3.5, 8.0, 100.0, 3.0]),
    "s": ("string", ["a", "Zürich", None, "", "naïve", "日本語", "a", "👩‍👩‍👧", "b%c", "B_c", " a ", None]),
    "b": ("boolean", [True, True, False, True, False, False, True, True, True, False, True, True]),
    "d": (
        "timestamp",
        ["2024-02-29", None, "2024-03-01 12:30:00", "1969-12-31 23:59:59", "2024-02-29", None]
        + ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06"],
    ),
    "c": ("float64", [4.0] * rows),
    "z": ("float64", [nan] * rows),
    "up": ("float64", [1, 2, 2, nan, 3, 5, 4, nan, 4, 6, 6, 7]),
    "json": ("string", ['{"a": 1}', "[1, 2]", "1", '"x"', "", "{", None, "nul", "null", "[1,]", "true", " {} "]),
    "day": (
        "string",
        ["2024-02-29", "2023-02-29", None, "2024-13-01", "2024-1-5", "24-01-05", "", "x", "2024-01-01 ", "0001-01-01"]
        + ["9999-12-31", "2024-02-30"],
    ),
    "k": ("string", ["x", "y", "x", "z", "y", "x", "y", None, "w", "x", "y", "z"]),
    "m": ("int64", [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
    "o": ("int64", [1, 1, 2, 2, 3, 30, 4, 4, 5, 5, 6, 60]),
}
size = 1000
normal = {
    "x": ("float64", [round(v, 6) for v in random.normal(50, 10, size).tolist()]),
    "skew": ("float64", [round(v, 6) if i % 9 else nan for i, v in enumerate(random.exponential(3, size).tolist())]),
    "u": ("int64", random.integers(0, 40, size).tolist()),
    "k": ("string", random.choice(["red", "green", "blue", "grey"], size, p=[0.5, 0.3, 0.15, 0.05]).tolist()),
}
tables = {
    "tricky": tricky,
    "normal": normal,
    "empty": {name: (kind, []) for name, (kind, _) in tricky.items()},
    "single": {name: (kind, values[:1]) for name, (kind, values) in tricky.items()},
}


def series(kind, values):
    if kind == "timestamp":
        return pd.Series(pd.to_datetime(values, format="ISO8601")).astype("datetime64[ns]")
    return pd.Series(values, dtype=kinds[kind])


frames = {
    name: pd.DataFrame({column: series(*content) for column, content in table.items()})
    for name, table in tables.items()
}

quantiles = {"quantiles": [0, 0.1, 0.25, 0.5, 0.625, 0.9, 1], "value_ranges": [[None, 1], [0, 5]] + [[0, None]] * 5}
asked = []


def ask(table, name, condition=None, **kwargs):
    asked.append((table, name, kwargs, condition))


for table in ("tricky", "empty", "single"):
    for column in ("i", "n", "f", "s", "d", "z", "c", "k"):
        ask(table, "ColumnValuesToNotBeNull", column=column)
        ask(table, "ColumnValuesToBeNull", column=column, mostly=0.2)
        ask(table, "ColumnValuesToBeUnique", column=column, mostly=0.5)
        ask(table, "ColumnUniqueValueCountToBeBetween", column=column, min_value=2, max_value=8)
        ask(table, "ColumnProportionOfUniqueValuesToBeBetween", column=column, min_value=0.5)
        ask(table, "ColumnProportionOfNonNullValuesToBeBetween", column=column, max_value=0.9, strict_max=True)
    for column in ("i", "n", "f", "g", "z", "c", "up"):
        ask(table, "ColumnValuesToBeBetween", column=column, min_value=0, max_value=7)
        ask(table, "ColumnValuesToBeBetween", column=column, min_value=1, strict_min=True, mostly=0.6)
        ask(table, "ColumnValuesToBeBetween", column=column, max_value=2.5, strict_max=True)
        ask(table, "ColumnValuesToBeInSet", column=column, value_set=[1, 2, 2.5, 7, "a"])
        ask(table, "ColumnValuesToNotBeInSet", column=column, value_set=[1, 2, 2.5, 7])
        ask(table, "ColumnMinToBeBetween", column=column, min_value=-5, max_value=5)
        ask(table, "ColumnMaxToBeBetween", column=column, min_value=5, max_value=40)
        ask(table, "ColumnMeanToBeBetween", column=column, min_value=-5, max_value=50)
        ask(table, "ColumnMedianToBeBetween", column=column, min_value=0, max_value=5, strict_min=True)
        ask(table, "ColumnStdevToBeBetween", column=column, min_value=0, max_value=30)
        ask(table, "ColumnSumToBeBetween", column=column, min_value=0, max_value=200)
        if column == "n" and table != "tricky":
            continue  # Great Expectations fails on pandas' NA there.
        ask(table, "ColumnValueZScoresToBeLessThan", column=column, threshold=1.5, double_sided=True)
        ask(table, "ColumnValuesToNotBeOutliers", column=column, method="std", multiplier=1)
        ask(table, "ColumnValuesToNotBeOutliers", column=column)
    for column in ("i", "g", "c"):
        ask(table, "ColumnQuantileValuesToBeBetween", column=column, quantile_ranges=quantiles)
    for column in ("up", "m", "i", "d", "c"):
        ask(table, "ColumnValuesToBeIncreasing", column=column)
        ask(table, "ColumnValuesToBeIncreasing", column=column, strictly=True)
        ask(table, "ColumnValuesToBeDecreasing", column=column, mostly=0.4)
        ask(table, "ColumnValuesToBeDecreasing", column=column, strictly=True)
    ask(table, "ColumnMinToBeBetween", column="d", min_value="1970-01-01 00:00:00")
    ask(table, "ColumnMaxToBeBetween", column="d", max_value="2024-03-01 12:30:00")
    ask(table, "ColumnValuesToBeBetween", column="d", min_value="2024-01-02 00:00:00", max_value="2024-02-29 00:00:00")
    ask(table, "ColumnValuesToBeInSet", column="s", value_set=["a", "", "日本語"])
    ask(table, "ColumnValuesToNotBeInSet", column="s", value_set=["a", "", "日本語"])
    ask(table, "ColumnValuesToBeInSet", column="b", value_set=[True])
    ask(table, "ColumnValueLengthsToBeBetween", column="s", min_value=1, max_value=4)
    ask(table, "ColumnValueLengthsToBeBetween", column="s", min_value=1, max_value=5, strict_min=True, strict_max=True)
    ask(table, "ColumnValueLengthsToEqual", column="s", value=3)
    ask(table, "ColumnValuesToMatchRegex", column="s", regex="^[a-zA-Z]", mostly=0.5)
    ask(table, "ColumnValuesToMatchRegex", column="s", regex="ü|本")
    ask(table, "ColumnValuesToNotMatchRegex", column="s", regex="[%_ ]")
    ask(table, "ColumnValuesToMatchRegexList", column="s", regex_list=["^a$", "^b"])
    ask(table, "ColumnValuesToMatchRegexList", column="s", regex_list=["a", "ï"], match_on="all")
    ask(table, "ColumnValuesToNotMatchRegexList", column="s", regex_list=["^a$", "^b"])
    ask(table, "ColumnValuesToMatchRegex", column="i", regex="^7$")
    ask(table, "ColumnValuesToMatchStrftimeFormat", column="day", strftime_format="%Y-%m-%d")
    ask(table, "ColumnValuesToBeJsonParseable", column="json")
    for values in (["x", "y"], ["x", "y", "z", "w"], ["x", "y", "q", 3], ["w", "x", "y", "z", "v"]):
        ask(table, "ColumnDistinctValuesToBeInSet", column="k", value_set=values)
        ask(table, "ColumnDistinctValuesToContainSet", column="k", value_set=values)
        ask(table, "ColumnDistinctValuesToEqualSet", column="k", value_set=values)
    ask(table, "ColumnDistinctValuesToBeInSet", column="i", value_set=[1, 2, 3])
    ask(table, "ColumnMostCommonValueToBeInSet", column="k", value_set=["x"])
    ask(table, "ColumnMostCommonValueToBeInSet", column="k", value_set=["x"], ties_okay=True)
    ask(table, "ColumnMostCommonValueToBeInSet", column="i", value_set=[7])
    ask(table, "ColumnMostCommonValueToBeInSet", column="z", value_set=[7])
    for ignore in ("both_values_are_missing", "either_value_is_missing", "neither"):
        ask(table, "ColumnPairValuesAToBeGreaterThanB", column_A="i", column_B="g", ignore_row_if=ignore)
        ask(table, "ColumnPairValuesAToBeGreaterThanB", column_A="g", column_B="up", or_equal=True, ignore_row_if=ignore)
        ask(table, "ColumnPairValuesToBeEqual", column_A="s", column_B="k", ignore_row_if=ignore)
        ask(table, "ColumnPairValuesToBeEqual", column_A="m", column_B="o", ignore_row_if=ignore, mostly=0.8)
        ask(
            table, "ColumnPairValuesToBeInSet", column_A="m", column_B="k", ignore_row_if=ignore,
            value_pairs_set=[[1, "x"], [4, None], [2, "x"], [6, "y"]],
        )
    for ignore in ("all_values_are_missing", "any_value_is_missing", "never"):
        for columns in (["m", "o"], ["k", "m"], ["g", "z"]):
            ask(table, "CompoundColumnsToBeUnique", column_list=columns, ignore_row_if=ignore)
        ask(table, "SelectColumnValuesToBeUniqueWithinRecord", column_list=["g", "up", "z"], ignore_row_if=ignore)
        ask(table, "SelectColumnValuesToBeUniqueWithinRecord", column_list=["m", "o"], ignore_row_if=ignore)
        ask(table, "MulticolumnValuesToBeEqual", column_list=["m", "o"], ignore_row_if=ignore)
        ask(table, "MulticolumnValuesToBeEqual", column_list=["g", "up", "z"], ignore_row_if=ignore)
        ask(table, "MulticolumnSumToEqual", column_list=["m", "o", "up"], sum_total=6, ignore_row_if=ignore)
    ask(table, "TableRowCountToEqual", value=12)
    ask(table, "TableRowCountToBeBetween", min_value=1, max_value=12)
    ask(table, "TableRowCountToBeBetween", min_value=1, max_value=12, strict_min=True)
    ask(table, "TableColumnCountToEqual", value=15)
    ask(table, "TableColumnCountToBeBetween", max_value=14)
    ask(table, "TableColumnsToMatchSet", column_set=["i", "n"], exact_match=False)
    ask(table, "TableColumnsToMatchSet", column_set=["i", "n", "q"])
    ask(table, "TableColumnsToMatchOrderedList", column_list=list(tricky))
    ask(table, "TableColumnsToMatchOrderedList", column_list=["n", "i"])
    ask(table, "ColumnToExist", column="i")
    ask(table, "ColumnToExist", column="i", column_index=1)
    ask(table, "ColumnToExist", column="q")

positive = Column("m") > 2
named = (Column("k") == "x") | (Column("k") == "y")
for name, kwargs in {
    "ColumnValuesToBeBetween": {"column": "g", "max_value": 3},
    "ColumnValuesToNotBeNull": {"column": "n"},
    "ColumnValuesToBeUnique": {"column": "i"},
    "ColumnValuesToBeIncreasing": {"column": "up"},
    "ColumnMeanToBeBetween": {"column": "g", "max_value": 3},
    "ColumnSumToBeBetween": {"column": "m", "max_value": 30},
    "ColumnMostCommonValueToBeInSet": {"column": "k", "value_set": ["y"]},
    "ColumnPairValuesToBeEqual": {"column_A": "m", "column_B": "o"},
    "CompoundColumnsToBeUnique": {"column_list": ["m", "k"]},
    "TableRowCountToBeBetween": {"max_value": 7},
    "ColumnValueZScoresToBeLessThan": {"column": "g", "threshold": 1, "double_sided": False},
}.items():
    ask("tricky", name, positive, **kwargs)
    ask("tricky", name, named, **kwargs)
    ask("tricky", name, (Column("m") <= 4) & Column("k").is_in(["x", "z"]), **kwargs)
    ask("tricky", name, Column("n").is_null(), **kwargs)
    ask("tricky", name, Column("n").is_not_null(), **kwargs)

for column in ("x", "skew", "u"):
    for q in ([0.25, 0.5, 0.75], [0.01, 0.333, 0.9995]):
        ranges = {"quantiles": q, "value_ranges": [[0, 45], [0, 60], [None, 57]]}
        ask("normal", "ColumnQuantileValuesToBeBetween", column=column, quantile_ranges=ranges)
    for name in ("Mean", "Median", "Stdev", "Min", "Max", "Sum"):
        ask("normal", f"Column{name}ToBeBetween", column=column, min_value=1, max_value=50)
    for threshold in (1, 2, 3):
        for both in (True, False):
            ask("normal", "ColumnValueZScoresToBeLessThan", column=column, threshold=threshold, double_sided=both, mostly=0.95)
    for method in ("iqr", "std"):
        for multiplier in (0, 1, 1.5, 2):
            ask("normal", "ColumnValuesToNotBeOutliers", column=column, method=method, multiplier=multiplier, mostly=0.9)
    bins = {"bins": [0, 5, 20, 40, 60, 100], "weights": [0.2, 0.2, 0.2, 0.3, 0.1]}
    ask("normal", "ColumnKLDivergenceToBeLessThan", column=column, partition_object=bins, threshold=0.5)
    narrow = {"bins": [0, 10, 30], "weights": [0.5, 0.3], "tail_weights": [0.1, 0.1]}
    ask("normal", "ColumnKLDivergenceToBeLessThan", column=column, partition_object=narrow, threshold=0.5)
    holes = {"bins": [0, 10, 20, 30], "weights": [0.5, 0, 0.5]}
    ask(
        "normal", "ColumnKLDivergenceToBeLessThan", column=column, partition_object=holes, threshold=5,
        internal_weight_holdout=0.1, tail_weight_holdout=0.2,
    )
for values, weights, holdout in (
    (["red", "green", "blue", "grey"], [0.5, 0.3, 0.1, 0.1], 0),
    (["red", "green", "blue"], [0.5, 0.3, 0.2], 0),
    (["red", "green"], [0.6, 0.4], 0.2),
    (["red", "green", "blue", "grey", "mauve"], [0.5, 0.2, 0.1, 0.1, 0.1], 0),
):
    ask(
        "normal", "ColumnKLDivergenceToBeLessThan", column="k", threshold=0.05,
        partition_object={"values": values, "weights": weights}, tail_weight_holdout=holdout,
    )
ask("normal", "ColumnMostCommonValueToBeInSet", column="k", value_set=["red"])
ask("normal", "ColumnValuesToBeUnique", column="x")

# LIKE patterns exist on SQL databases only; SQLite's ignore the case of ASCII letters, so the data has one case.
likes = [
    ("ColumnValuesToMatchLikePattern", {"like_pattern": "a%"}),
    ("ColumnValuesToMatchLikePattern", {"like_pattern": "_"}),
    ("ColumnValuesToNotMatchLikePattern", {"like_pattern": "%c"}),
    ("ColumnValuesToMatchLikePattern", {"like_pattern": "b\\%c", "escape": "\\"}),
    ("ColumnValuesToMatchLikePatternList", {"like_pattern_list": ["a%", "%c"], "match_on": "any"}),
    ("ColumnValuesToMatchLikePatternList", {"like_pattern_list": ["%a%", "% %"], "match_on": "all"}),
    ("ColumnValuesToNotMatchLikePatternList", {"like_pattern_list": ["a%", "%c"]}),
]


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return None if pd.isna(value) else pd.Timestamp(value).strftime("%Y-%m-%d %H:%M:%S")
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) < 2**53 else str(int(value))
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value) if math.isfinite(value) else str(value).replace("inf", "Infinity")
    return value


def merged(counts):
    """Every NaN counts as a value of its own in Python; here all missing values are one."""
    totals = {}
    for each in counts:
        key = json.dumps(each["value"])
        totals[key] = {"value": each["value"], "count": totals.get(key, {"count": 0})["count"] + each["count"]}
    return sorted(totals.values(), key=lambda each: -each["count"])


def found(batch, table, name, kwargs, condition):
    cls = getattr(core, f"Expect{name}")
    extra = {} if condition is None else {"row_condition": condition, "condition_parser": "great_expectations"}
    outcome = batch.validate(cls(**kwargs, **extra), result_format="SUMMARY")
    info = outcome.exception_info
    errors = [info] if "raised_exception" in info else list(info.values())
    for each in errors:
        if each["raised_exception"]:
            raise ValueError(f"{table} {name} {kwargs}: {each['exception_message']}")
    result = {key: value for key, value in outcome.result.items() if key != "partial_unexpected_index_list"}
    result = plain(result)
    if "partial_unexpected_counts" in result:
        result["partial_unexpected_counts"] = merged(result["partial_unexpected_counts"])
    if "partial_missing_list" in result:
        result["partial_missing_list"].sort(key=kwargs["value_set"].index)
    written = json.loads(json.dumps(outcome.expectation_config.to_json_dict()))
    arguments = {key: value for key, value in written["kwargs"].items() if key != "batch_id"}
    return {
        "table": table,
        "type": written["type"],
        "kwargs": arguments,
        "success": bool(outcome.success),
        "result": result,
    }


context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False, "metric_calculations": False}
source = context.data_sources.add_pandas("pandas")
batches = {}
for name, frame in frames.items():
    definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    batches[name] = definition.get_batch(batch_parameters={"dataframe": frame})
cases = [found(batches[table], table, name, kwargs, condition) for table, name, kwargs, condition in asked]

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "tricky.db"
    with sqlite3.connect(file) as connection:
        frames["tricky"][["s"]].to_sql("tricky", connection, index=False)
    sqlite = context.data_sources.add_sqlite("sqlite", connection_string=f"sqlite:///{file}")
    asset = sqlite.add_table_asset("tricky", table_name="tricky")
    batch = asset.add_batch_definition_whole_table("tricky").get_batch()
    cases += [found(batch, "tricky", name, {"column": "s", **kwargs}, None) for name, kwargs in likes]

content = {
    name: [{"name": column, "type": kind, "values": plain(values) if kind != "float64" else [
        "nan" if v is None or math.isnan(v) else plain(float(v)) for v in values
    ]} for column, (kind, values) in table.items()]
    for name, table in tables.items()
}
out = {
    "generator": f"great_expectations {gx.__version__}, pandas {pd.__version__}",
    "tables": content,
    "cases": cases,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, ensure_ascii=False) + "\n")
