"""Writes table-verbs.json: a tricky table as Parquet files, and what Polars (pandas where said) makes of it by each verb.

The table has nulls, NaN, infinities, ties, integers past 2^53, decimals, days, times without a zone and instants about a
change of summer time, texts beyond ASCII, and groups without any value.

Run in an environment with polars, pandas and pyarrow: python test/reference/table-verbs.py
"""

import base64
import datetime as dt
import io
import json
import math
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl

UTC = dt.timezone.utc
nan, inf = math.nan, math.inf

events = pl.DataFrame(
    {
        "id": pl.Series([1, 2, 3, 4, 5, 6, 7, 8, 9007199254740993, -9007199254740993], dtype=pl.Int64),
        "kind": ["a", "b", "a", None, "b", "", None, "a", "c", "c"],
        "value": [1.5, None, nan, -inf, 2.25, 2.25, 0.5, inf, None, None],
        "count": pl.Series([3, 3, None, 1, 3, None, 7, 1, None, None], dtype=pl.Int32),
        "small": pl.Series([127, -128, 100, 100, 0, 1, None, 2, 3, 4], dtype=pl.Int8),
        "price": pl.Series(
            [Decimal(p) if p else None for p in ["1.10", "2.20", "-3.335", None, "0.005", "99999999999.999", "2.20", "0.1", None, "1"]],
            dtype=pl.Decimal(18, 3),
        ),
        "day": [dt.date(2024, 2, 29), dt.date(2023, 12, 31), None, dt.date(2024, 1, 1), dt.date(1969, 12, 31),
                dt.date(2024, 12, 30), dt.date(2021, 1, 3), dt.date(2024, 3, 31), dt.date(2024, 10, 27), dt.date(2000, 2, 29)],
        "at": [dt.datetime(2024, 2, 29, 23, 59, 59, 999000), dt.datetime(2023, 12, 31, 0, 0), None, dt.datetime(1969, 12, 31, 23, 0),
               dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2021, 1, 3, 12, 0, 1),
               dt.datetime(2024, 10, 27, 2, 30), dt.datetime(2024, 10, 27, 1, 30), dt.datetime(2000, 2, 29, 6, 7, 8)],
        "instant": [dt.datetime(2024, 3, 31, 0, 30, tzinfo=UTC), dt.datetime(2024, 3, 31, 1, 30, tzinfo=UTC), None,
                    dt.datetime(2024, 10, 27, 0, 30, tzinfo=UTC), dt.datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
                    dt.datetime(1969, 12, 31, 23, 30, tzinfo=UTC), dt.datetime(2024, 7, 1, 22, 0, tzinfo=UTC),
                    dt.datetime(2024, 1, 1, 23, 0, tzinfo=UTC), None, dt.datetime(2024, 1, 1, 23, 0, tzinfo=UTC)],
        "flag": [True, False, None, True, False, True, None, None, None, None],
        "text": ["Größe", "naïve", "", None, "  padded\t", "日本語テキスト", "e\u0301a", "it's", 'say "x"', "a%b_c"],
    }
)
kinds = pl.DataFrame(
    {
        "kind": ["a", "a", "b", None, "z"],
        "label": ["first", "second", "only", "nothing", "unused"],
        "value": pl.Series([10, 20, 30, 40, 50], dtype=pl.Int64),
    }
)
quotes = pl.DataFrame(
    {
        "kind": ["a", "a", "a", "b", "b", None],
        "at": [dt.datetime(2024, 2, 29, 23, 59, 59, 999000), dt.datetime(2024, 1, 1), dt.datetime(2024, 10, 27, 3), dt.datetime(2023, 12, 31, 0, 0, 1),
               dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1)],
        "bid": [1, 2, 3, 4, 5, 6],
    }
)


def parquet(frame):
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return base64.b64encode(buffer.getvalue()).decode()


def packed(value):
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"integer": str(value)}
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")}
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {"time": round((aware - dt.datetime(1970, 1, 1, tzinfo=UTC)) / dt.timedelta(milliseconds=1))}
    if isinstance(value, dt.date):
        return {"time": (value - dt.date(1970, 1, 1)).days * 86_400_000}
    raise TypeError(type(value))


cases = {}


def case(name, frame):
    """Rows in their order; where a verb defines no order, the frame is sorted by its first columns, as the test sorts."""
    assert name not in cases
    cases[name] = {
        "columns": frame.columns,
        "rows": [[packed(value) for value in row] for row in frame.iter_rows()],
    }


c = pl.col
e = events

case("select", e.select("text", "id"))
case("drop", e.drop("price", "day", "at", "instant", "flag", "text", "small"))
case("rename", e.select("id", "kind").rename({"kind": "type"}))

# Comparisons: null is not true. NaN is above all numbers and equal to itself, in Polars as in DuckDB.
case("filter greater", e.filter(c("value") > 1).select("id"))
case("filter not greater", e.filter(~(c("value") > 1)).select("id"))
case("filter equal text", e.filter(c("kind") == "").select("id"))
case("filter unequal", e.filter(c("kind") != "a").select("id"))
case("filter or", e.filter((c("value") > 2) | c("flag")).select("id"))
case("filter and", e.filter((c("count") == 3) & (c("kind") == "b")).select("id"))
case("filter in", e.filter(c("kind").is_in(["a", "c"])).select("id"))
case("filter null", e.filter(c("kind").is_null()).select("id"))
case("filter wide integer", e.filter(c("id") == 9007199254740993).select("id"))
case("filter between days", e.filter(c("day").is_between(dt.date(2024, 1, 1), dt.date(2024, 3, 31))).select("id", "day"))
case("filter instant", e.filter(c("instant") >= dt.datetime(2024, 10, 27, 1, 30, tzinfo=UTC)).select("id"))

# Arithmetic. Small integers are widened first here; Polars would wrap them.
case("add", e.select("id", x=c("small").cast(pl.Int64) + c("count").cast(pl.Int64)))
case("wide add", e.select("id", x=c("id") + 1))
case("multiply small", e.select("id", x=c("small").cast(pl.Int64) * 100))
case("multiply float", e.select("id", x=c("value") * c("count")))
case("divide", e.select("id", x=c("count") / c("small")))
# Polars's remainder has the sign of the divisor, ours that of the dividend.
wide = c("small").cast(pl.Int64)
case("remainder", e.select("id", x=wide.abs() % c("count") * wide.sign()))
case("decimal add", e.select("id", x=(c("price") + c("price"))))
case("absolute", e.select("id", x=c("id").abs()))
case("floor", e.select("id", x=c("value").floor()))
case("clip", e.select("id", x=c("value").clip(0, 2)))
case("root", e.select("id", x=c("value").sqrt()))
case("logarithm", e.select("id", x=c("value").log(), y=c("count").log10(), z=(c("small") - c("small")).cast(pl.Float64).log()))
case("is nan", e.select("id", x=c("value").is_nan()))
case("is finite", e.select("id", x=c("value").is_finite()))
case("fill null", e.select("id", x=c("value").fill_null(0.0), y=c("kind").fill_null("none"), z=c("count").fill_null(c("id"))))
case("when", e.select("id", x=pl.when(c("value") > 2).then(pl.lit("high")).when(c("value") > 0).then(pl.lit("low")).otherwise(pl.lit("none"))))
case("cast text", e.select("id", x=c("count").cast(pl.String)))
case("try cast", e.select("id", x=c("text").cast(pl.Int64, strict=False)))

# Texts.
t = c("text")
case("lower upper", e.select("id", x=t.str.to_lowercase(), y=t.str.replace("ß", "ss").str.to_uppercase()))
case("length", e.select("id", x=t.str.len_chars()))
case("trim", e.select("id", x=t.str.strip_chars(" \t\r\n")))
case("slice", e.select("id", x=t.str.slice(1, 2)))
case("contains", e.select("id", x=t.str.contains("%", literal=True), y=t.str.starts_with("it'"), z=t.str.ends_with("ve")))
case("matches", e.select("id", x=t.str.contains("^[A-Z]"), y=t.str.contains("(?i)^GR")))
case("extract", e.select("id", x=t.str.extract("([a-z])([^a-z])", 2)))
case("replace", e.select("id", x=t.str.replace_all("a", "<a>", literal=True), y=t.str.replace_all("[aeiou]", "*")))
case("concat", e.select("id", x=c("kind") + "-" + t))

# Days and times.
case("date parts", e.select("id", a=c("day").dt.year(), b=c("day").dt.quarter(), d=c("day").dt.month(), f=c("day").dt.week(),
                            g=c("day").dt.day(), h=c("day").dt.weekday(), i=c("day").dt.ordinal_day()))
case("time parts", e.select("id", a=c("at").dt.hour(), b=c("at").dt.minute(), d=c("at").dt.second()))
case("truncate", e.select("id", a=c("at").dt.truncate("1mo"), b=c("at").dt.truncate("1d"), d=c("day").dt.truncate("1w")))
case("plus", e.select("id", a=c("day").dt.offset_by("1mo"), b=c("at").dt.offset_by("-36h")))
case("epoch", e.select("id", a=c("at").dt.epoch("ms") / 1000))
case("wall time", e.select("id", a=c("instant").dt.convert_time_zone("Europe/Paris").dt.replace_time_zone(None)))
case("wall hour", e.select("id", a=c("instant").dt.convert_time_zone("America/New_York").dt.hour()))
case("since", e.select("id", a=(c("at") - dt.datetime(2024, 1, 1)).dt.total_milliseconds() / 1000))
case("format", e.select("id", a=c("at").dt.strftime("%Y/%m/%d %H:%M")))

# Groups. Nulls are one group; a group without values sums to null here (SQL), where Polars gives 0.
def total(column):
    return pl.when(column.count() > 0).then(column.sum())


present = c("value").is_not_nan() & c("value").is_finite()
case("group", e.group_by("kind").agg(n=pl.len(), values=c("value").count(), total=total(c("count").cast(pl.Int64)), different=c("count").drop_nulls().n_unique(),
     low=c("count").min(), high=c("text").max(), first=c("day").min()).sort("kind", nulls_last=True))
case("group mean", e.filter(present).group_by("kind").agg(mean=c("value").mean(), middle=c("value").median(),
     quarter=c("value").quantile(0.25, "linear"), deviation=c("value").std(), variance=c("value").var()).sort("kind", nulls_last=True))
case("group nan", e.group_by("kind").agg(mean=c("value").mean()).sort("kind", nulls_last=True))
case("group decimals", e.group_by("kind").agg(total=total(c("price"))).sort("kind", nulls_last=True))
case("group truth", e.group_by("kind").agg(
     any=pl.when(c("flag").count() > 0).then(c("flag").any()), all=pl.when(c("flag").count() > 0).then(c("flag").all()),
     share=c("flag").cast(pl.Float64).mean()).sort("kind", nulls_last=True))
case("group two keys", e.group_by("kind", "count").agg(n=pl.len()).sort("kind", "count", nulls_last=True))
case("group none", e.filter(c("id") == 0).group_by("kind").agg(n=pl.len()))
case("aggregate none", pl.DataFrame({"n": [0], "total": pl.Series([None], dtype=pl.Int64)}))
case("correlation", e.filter(present).select(r=pl.corr("value", "count")))
case("arg max", e.group_by("kind").agg(x=c("id").sort_by("small", nulls_last=True, descending=True).first()).sort("kind", nulls_last=True))

# Windows, in the order of ids.
def over(expression):
    return expression.over("kind", order_by="id")


case("window", e.select("id", "kind", number=over(pl.int_range(1, pl.len() + 1)), before=over(c("text").shift(1)), after=over(c("text").shift(-1)),
     running=over(c("small").cast(pl.Int64).fill_null(0).cum_sum()), groupmean=c("small").mean().over("kind")).sort("id"))
case("rank", e.select("id", a=c("count").rank("min"), b=c("count").rank("dense")).filter(c("a").is_not_null()).sort("id"))
case("rolling", e.sort("id").select("id", a=c("small").cast(pl.Float64).rolling_mean(3, min_samples=1)))

# Orders: nulls last both ways, NaN above all.
case("sort", e.sort("count", "id", nulls_last=True).select("id", "count"))
case("sort descending", e.sort("value", "id", descending=[True, False], nulls_last=True).select("id", "value"))
case("sort texts", e.sort("text", nulls_last=True).select("text"))
case("limit", e.sort("id").slice(2, 3).select("id"))
case("distinct", e.select("kind", "count").unique().sort("kind", "count", nulls_last=True))
case("distinct by", e.sort("id").unique("kind", keep="last").select("kind", "id").sort("kind", nulls_last=True))

# Two tables. Nulls equal nothing.
case("join inner", e.join(kinds, on="kind").select("id", "kind", "value", "label", "value_right").sort("id", "label"))
case("join left", e.select("id", "kind").join(kinds.drop("value"), on="kind", how="left").sort("id", "label"))
case("join semi", e.join(kinds, on="kind", how="semi").select("id").sort("id"))
case("join anti", e.join(kinds, on="kind", how="anti").select("id").sort("id"))
case("join renamed", kinds.drop("value").join(e.select("id", "kind"), left_on="kind", right_on="kind").sort("id", "label"))
case("union", pl.concat([e.select("id", "count"), kinds.select(id=c("value"), count=c("value").cast(pl.Int32))]))

# pandas's merge_asof: its keys may not be null.
left = e.filter(c("at").is_not_null() & c("kind").is_not_null()).select("id", "kind", "at").sort("at").to_pandas()
right = quotes.filter(c("kind").is_not_null()).sort("at").to_pandas()
for direction in ["backward", "forward"]:
    joined = pd.merge_asof(left, right, on="at", by="kind", direction=direction)
    case(f"asof {direction}", pl.from_pandas(joined).select("id", "bid").with_columns(c("bid").cast(pl.Int64)).sort("id"))

case("pivot", e.filter(c("kind").is_not_null()).pivot("kind", index="count", values="id", aggregate_function="min").select("count", "a", "b", "c").sort("count", nulls_last=True))
case("pivot count", e.group_by("count").agg(a=(c("kind") == "a").sum(), z=(c("kind") == "z").sum()).sort("count", nulls_last=True))
case("unpivot", e.select("id", "small", "count").unpivot(["small", "count"], index="id").with_columns(c("value").cast(pl.Int64)).sort("id", "variable"))

result = {
    "files": {"events": parquet(events), "kinds": parquet(kinds), "quotes": parquet(quotes)},
    "cases": cases,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n")
