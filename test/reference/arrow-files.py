"""Writes arrow-files.json: one table as an Arrow IPC file, as a stream, and as a compressed Feather file, by PyArrow, with
each value as the text that DuckDB casts it to.

Run in an environment with pyarrow: python test/reference/arrow-files.py
"""

import base64
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.feather

columns = {
    "i8": (pa.int8(), [-128, None, 127], ["-128", None, "127"]),
    "i64": (pa.int64(), [-(2**63), 2**63 - 1, 0], ["-9223372036854775808", "9223372036854775807", "0"]),
    "u64": (pa.uint64(), [2**64 - 1, None, 0], ["18446744073709551615", None, "0"]),
    "f32": (pa.float32(), [1.5, float("nan"), None], ["1.5", "nan", None]),
    "f64": (pa.float64(), [float("-inf"), 0.1, None], ["-inf", "0.1", None]),
    "yes": (pa.bool_(), [True, None, False], ["true", None, "false"]),
    "text": (pa.string(), ["", None, "日本"], ["", None, "日本"]),
    "kind": (pa.dictionary(pa.int8(), pa.string()), ["a", None, "a"], ["a", None, "a"]),
    "day": (pa.date32(), [dt.date(1969, 12, 31), None, dt.date(2024, 2, 29)], ["1969-12-31", None, "2024-02-29"]),
    "at": (pa.timestamp("us"), [dt.datetime(1969, 12, 31, 23, 59, 59, 999999), None, dt.datetime(2024, 1, 1)],
           ["1969-12-31 23:59:59.999999", None, "2024-01-01 00:00:00"]),
    "seen": (pa.timestamp("ms", tz="Europe/Paris"), [dt.datetime(2024, 3, 31, 1, 30, tzinfo=dt.timezone.utc), None, dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)],
             ["2024-03-31 01:30:00+00", None, "1970-01-01 00:00:00+00"]),
    "nano": (pa.timestamp("ns"), [1_500_000_000_123_456_789, None, 0], ["2017-07-14 02:40:00.123456", None, "1970-01-01 00:00:00"]),
    "price": (pa.decimal128(20, 3), [Decimal("-99999999999999999.999"), None, Decimal("0.005")], ["-99999999999999999.999", None, "0.005"]),
    "bytes": (pa.binary(), [b"x\x00y", None, b""], ["x\\x00y", None, ""]),
}
table = pa.table({name: pa.array(values, type) for name, (type, values, _) in columns.items()})


def written(writer):
    sink = io.BytesIO()
    with writer(sink, table.schema) as out:
        # Two batches, the first of which has one row.
        out.write_table(table.slice(0, 1))
        out.write_table(table.slice(1))
    return base64.b64encode(sink.getvalue()).decode()


feather = io.BytesIO()
pyarrow.feather.write_feather(table, feather, compression="zstd")
result = {
    "file": written(pa.ipc.new_file),
    "stream": written(pa.ipc.new_stream),
    "feather": base64.b64encode(feather.getvalue()).decode(),
    "rows": [{name: texts[row] for name, (_, _, texts) in columns.items()} for row in range(3)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, ensure_ascii=False) + "\n")
