"""Writes anomalies.json: tables and schemas, with the anomalies and distances that TensorFlow Data Validation finds.

TFDV's statistics need TensorFlow and Beam, its validation does not: statistics are made here, and given to the validation
that TFDV itself calls. Run in an environment with numpy, tensorflow-metadata and, installed with --no-deps,
tensorflow-data-validation: python test/reference/anomalies.py
"""

import importlib.util
import json
import math
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np
from google.protobuf import json_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

random = np.random.default_rng(3)


def validation():
    folder = Path(importlib.util.find_spec("tensorflow_data_validation").submodule_search_locations[0])
    (file,) = (folder / "pywrap").glob("tensorflow_data_validation_extension*.so")
    spec = importlib.util.spec_from_file_location("tensorflow_data_validation_extension", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.validation


def statistics(table):
    rows = len(next(iter(table.values()))["values"])
    dataset = statistics_pb2.DatasetFeatureStatistics(num_examples=rows)
    for name, column in table.items():
        values = [value for value in column["values"] if value is not None]
        feature = dataset.features.add()
        feature.path.step.append(name)
        feature.type = {"int64": 0, "float64": 1, "string": 2}[column["type"]]
        of_type = feature.string_stats if column["type"] == "string" else feature.num_stats
        common = of_type.common_stats
        common.num_non_missing = len(values)
        common.num_missing = rows - len(values)
        common.tot_num_values = len(values)
        if values:
            common.min_num_values = common.max_num_values = common.avg_num_values = 1
        if column["type"] == "string":
            counts = Counter(values).most_common()
            of_type.unique = len(counts)
            for rank, (value, count) in enumerate(counts):
                of_type.rank_histogram.buckets.add(low_rank=rank, high_rank=rank, label=value, sample_count=count)
        elif values:
            of_type.min, of_type.max, of_type.mean = min(values), max(values), float(np.mean(values))
            counts, edges = np.histogram(values, 10)
            histogram = of_type.histograms.add(type=statistics_pb2.Histogram.STANDARD)
            for low, high, count in zip(edges, edges[1:], counts):
                histogram.buckets.add(low_value=low, high_value=high, sample_count=float(count))
    return dataset


def column(kind, values):
    return {"type": kind, "values": list(values)}


def found(name, table, features, previous=None, serving=None):
    schema = json_format.ParseDict({"feature": features}, schema_pb2.Schema())
    given = [statistics(each).SerializeToString() if each else "" for each in (table, previous, serving)]
    answer = validation().ValidateFeatureStatistics(
        given[0], schema.SerializeToString(), "", given[1], given[2], "", "", "", False
    )
    anomalies = anomalies_pb2.Anomalies()
    anomalies.ParseFromString(answer)
    as_dict = json_format.MessageToDict(anomalies)
    return {
        "name": name,
        "table": table,
        "previous": previous,
        "serving": serving,
        "schema": {"feature": features},
        "reasons": {
            name: sorted(reason["type"] for reason in info["reason"])
            for name, info in as_dict.get("anomalyInfo", {}).items()
        },
        "measured": as_dict.get("driftSkewInfo", []),
    }


ints = {"x": column("int64", [1, 2, 3, 4, None])}
floats = {"x": column("float64", [0.5, 1.5, -2.0, 4.0])}
texts = {"x": column("string", ["a", "b", "a", None])}
nothing = {"x": column("string", [None, None])}


def of(kind, **more):
    return [{"name": "x", "type": kind, **more}]


always, sometimes = {"minFraction": 1, "minCount": 1}, {"minCount": 1}
letters = random.choice(list("abcdef"), 200).tolist()
others = random.choice(list("abcdexy"), 150, p=[0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]).tolist()
# The same least and greatest value, so that the histograms have the same intervals.
numbers = [0.0, 100.0, *np.round(random.uniform(0, 100, 300), 3).tolist()]
shifted = [0.0, 100.0, *np.round(random.beta(2, 5, 280) * 100, 3).tolist()]
whole = [0, 50, *random.integers(0, 50, 200).tolist()]
wide = [0, 50, *random.integers(20, 50, 200).tolist()]
drift = {
    "k": {"name": "k", "type": "BYTES", "driftComparator": {"infinityNorm": {"threshold": 0.1}}},
    "f": {"name": "f", "type": "FLOAT", "driftComparator": {"jensenShannonDivergence": {"threshold": 0.05}}},
    "i": {"name": "i", "type": "INT", "skewComparator": {"jensenShannonDivergence": {"threshold": 0.9}}},
}
now = {"k": column("string", letters), "f": column("float64", numbers[:200]), "i": column("int64", whole[:200])}
then = {"k": column("string", others), "f": column("float64", shifted[:150]), "i": column("int64", wide[:150])}
cases = [
    found("as it should be", ints, of("INT", presence=sometimes, intDomain={"min": 1, "max": 4})),
    found("a column too many and one too few", {**ints, "y": ints["x"]}, [*of("INT"), {"name": "z", "type": "INT"}]),
    found("a required column missing", ints, [*of("INT"), {"name": "z", "type": "INT", "presence": sometimes}]),
    found("a column that should be whole missing", ints, [*of("INT"), {"name": "z", "presence": {"minFraction": 0.5}}]),
    found("floats for ints", floats, of("INT")),
    found("ints for floats", ints, of("FLOAT")),
    found("texts for ints", texts, of("INT")),
    found("texts for floats", texts, of("FLOAT")),
    found("ints for texts", ints, of("BYTES")),
    found("a value missing", ints, of("INT", presence=always)),
    found("enough values", ints, of("INT", presence={"minFraction": 0.8})),
    found("too few values", ints, of("INT", presence={"minCount": 5})),
    found("no values", nothing, of("BYTES", presence=always)),
    found("no values, and no need of any", nothing, of("BYTES")),
    found("too small", ints, of("INT", intDomain={"min": 2})),
    found("too large", ints, of("INT", intDomain={"max": 3})),
    found("out of range", floats, of("FLOAT", floatDomain={"min": 0, "max": 2})),
    found("unexpected texts", texts, of("BYTES", presence=sometimes, stringDomain={"value": ["a", "c"]})),
    found("expected texts", texts, of("BYTES", stringDomain={"value": ["b", "a"]})),
    found("drift and skew", now, list(drift.values()), previous=then, serving=then),
    found("nothing to compare with", now, list(drift.values()), previous={"i": then["i"]}, serving={"k": then["k"]}),
    found("no values to compare", {**now, "k": column("string", [None] * 200)}, [drift["k"]], previous=then),
    found("no drift", now, list(drift.values()), previous=now, serving=now),
]
assert math.isclose(min(numbers[:200]), min(shifted[:150])) and math.isclose(max(numbers[:200]), max(shifted[:150]))
out = {"generator": f"tensorflow-data-validation {version('tensorflow-data-validation')}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
