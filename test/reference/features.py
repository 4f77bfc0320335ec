"""Writes features.json: columns with scikit-learn's transformations of them (dates: pandas').

Run in an environment with numpy, pandas and scikit-learn: python test/reference/features.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import FeatureHasher
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

warnings.simplefilter("error")
random = np.random.default_rng(11)
rows = 240
missing = random.random(rows) < 0.1
names = np.array(["cook", "pilot", "it's \"odd\"", "日本", "Zoë", "zebra", "ärzte", "\U0001f600 smile", "a\tb", "Cook"])
weights = np.array([60, 50, 30, 20, 12, 8, 4, 3, 2, 1.0])
job = random.choice(names, rows, p=weights / weights.sum())
job_with_missing = np.where(random.random(rows) < 0.08, None, job)
city = random.choice(np.array(["oslo", "rome", "lima"]), rows)
income = np.exp(random.normal(10, 0.7, rows)).round(2)
signed = random.standard_t(3, rows) * 5
age = random.integers(18, 80, rows)
ties = random.integers(-3, 4, rows).astype(float)
constant = np.full(rows, 0.1)
large = 1e9 + random.normal(0, 1, rows)
tiny = random.normal(0, 1e-12, rows)
chance = 1 / (1 + np.exp(-(signed / 8 + (job == "cook") - 0.4)))
label = (random.random(rows) < chance).astype(int)
amount = signed * 2 + (job == "pilot") * 7 + random.normal(0, 1, rows)
later = np.array(["cook", "nobody", "日本", "pilot", "", "Cook", "cook "])

cases = []


def plain(values):
    def of(value):
        if not isinstance(value, float):
            return value
        return None if np.isnan(value) else int(value) if value.is_integer() else value

    return [of(value) for value in np.asarray(values).tolist()]


def column(values, kind):
    return {"type": kind, "values": plain(values)}


def doubles(**columns):
    return {name: column(values, "DOUBLE") for name, values in columns.items()}


def add(name, columns, expected, **more):
    expected = np.asarray(expected, dtype=float)
    cases.append({"name": name, "columns": columns, "expected": [plain(row) for row in expected], **more})


def with_missing(values):
    return np.where(missing, np.nan, values)


def stack(*columns):
    return np.column_stack(columns)


def objects(*columns):
    return np.array(list(zip(*columns)), dtype=object)


# Scalers

numbers = dict(income=with_missing(income), signed=signed, constant=constant, large=large, tiny=tiny)
numeric = stack(*numbers.values())
for name, scaler in {
    "standardScaler": StandardScaler(),
    "minMaxScaler": MinMaxScaler(),
    "minMaxScaler to [-1, 3]": MinMaxScaler((-1, 3)),
    "maxAbsScaler": MaxAbsScaler(),
    "robustScaler": RobustScaler(),
    "robustScaler by deciles": RobustScaler(quantile_range=(10, 90)),
}.items():
    add(name, doubles(**numbers), scaler.fit_transform(numeric))
add("standardScaler of whole numbers", {"age": column(age, "INTEGER")}, StandardScaler().fit_transform(age[:, None]))
add("standardScaler of one row", doubles(x=[3.5]), StandardScaler().fit_transform([[3.5]]))
add("minMaxScaler of one row", doubles(x=[3.5]), MinMaxScaler().fit_transform([[3.5]]))
add("robustScaler of one row", doubles(x=[3.5]), RobustScaler().fit_transform([[3.5]]))

shaped = dict(income=with_missing(income), signed=signed, ties=ties, constant=constant)
shape_matrix = stack(*shaped.values())
for name, scaler in {
    "quantileScaler": QuantileTransformer(n_quantiles=100),
    "quantileScaler to a normal distribution": QuantileTransformer(n_quantiles=100, output_distribution="normal"),
}.items():
    scaler.fit(shape_matrix)
    beyond = stack([1.0, 1e9, np.nan, 20000], [-1e3, 1e3, 0, 1], [-4, 4, 2.5, -3], [0.1, 0.2, 0.0, 0.1])
    add(name, doubles(**shaped), scaler.transform(shape_matrix), later=doubles(**dict(zip(shaped, beyond.T))), expectedLater=[plain(r) for r in scaler.transform(beyond)])
few = QuantileTransformer(n_quantiles=5)
add("quantileScaler of few rows", doubles(x=[3.0, 1.0, 2.0, 2.0, 8.0]), few.fit_transform([[3.0], [1.0], [2.0], [2.0], [8.0]]))

powered = dict(income=with_missing(income), signed=signed, ties=ties)
yeo = PowerTransformer().fit(stack(*powered.values()))
add("powerScaler, Yeo-Johnson", doubles(**powered), yeo.transform(stack(*powered.values())), lambdas=yeo.lambdas_.tolist())
positive = dict(income=with_missing(income), small=np.exp(signed / 10))
box = PowerTransformer("box-cox").fit(stack(*positive.values()))
add("powerScaler, Box-Cox", doubles(**positive), box.transform(stack(*positive.values())), lambdas=box.lambdas_.tolist())

# Imputers

for strategy in ["mean", "median", "most_frequent"]:
    matrix = stack(with_missing(ties), signed)
    imputer = SimpleImputer(strategy=strategy, add_indicator=True)
    add(f"imputer, {strategy}", doubles(ties=with_missing(ties), signed=signed), imputer.fit_transform(matrix))
add(
    "imputer, constant",
    doubles(ties=with_missing(ties)),
    SimpleImputer(strategy="constant", fill_value=-7).fit_transform(with_missing(ties)[:, None]),
)
texts = job_with_missing[:, None].astype(object)
for strategy, value in [("most_frequent", None), ("constant", "none")]:
    chain = make_pipeline(SimpleImputer(missing_values=None, strategy=strategy, fill_value=value), OneHotEncoder(sparse_output=False))
    add(f"imputer of texts, {strategy}", {"job": column(job_with_missing, "VARCHAR")}, chain.fit_transform(texts))
chain = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
add("imputer and standardScaler", doubles(income=with_missing(income)), chain.fit_transform(with_missing(income)[:, None]))
whole = [None if gone else int(each) for gone, each in zip(missing, age)]
add("imputer of whole numbers", {"age": column(whole, "INTEGER")}, SimpleImputer().fit_transform(with_missing(age)[:, None]))

# Categories

jobs = {"job": column(job_with_missing, "VARCHAR")}
full = job[:, None].astype(object)
for name, encoder in {
    "oneHot": OneHotEncoder(sparse_output=False),
    "oneHot, drop first": OneHotEncoder(sparse_output=False, drop="first"),
    "oneHot, minFrequency 10": OneHotEncoder(sparse_output=False, min_frequency=10),
    "oneHot, minFrequency 5 %": OneHotEncoder(sparse_output=False, min_frequency=0.05),
    "oneHot, minFrequency and drop": OneHotEncoder(sparse_output=False, min_frequency=10, drop="first"),
}.items():
    add(name, jobs, encoder.fit_transform(texts))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for name, encoder in {
        "oneHot, unknown ignored": OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        "oneHot, unknown infrequent": OneHotEncoder(sparse_output=False, handle_unknown="infrequent_if_exist", min_frequency=10),
        "oneHot, unknown ignored and drop": OneHotEncoder(sparse_output=False, handle_unknown="ignore", drop="first"),
        "ordinal, unknown": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-5),
    }.items():
        encoder.fit(full)
        future = later[later != ""][:, None].astype(object)
        add(
            name,
            {"job": column(job, "VARCHAR")},
            encoder.transform(full),
            later={"job": column(future[:, 0], "VARCHAR")},
            expectedLater=[plain(r) for r in encoder.transform(future).astype(float)],
        )
pair = objects(city, np.where(ties > 0, "up", "down"))
add(
    "oneHot, drop if binary",
    {"city": column(pair[:, 0], "VARCHAR"), "side": column(pair[:, 1], "VARCHAR")},
    OneHotEncoder(sparse_output=False, drop="if_binary").fit_transform(pair),
)
add("oneHot of whole numbers", {"age": column(age, "INTEGER")}, OneHotEncoder(sparse_output=False).fit_transform(age[:, None]))
add("oneHot of numbers", doubles(ties=with_missing(ties / 4)), OneHotEncoder(sparse_output=False).fit_transform(with_missing(ties / 4)[:, None]))
add("ordinal", jobs, OrdinalEncoder().fit_transform(np.where(texts == None, np.nan, texts)))  # noqa: E711
add("ordinal of numbers", doubles(ties=with_missing(ties)), OrdinalEncoder().fit_transform(with_missing(ties)[:, None]))
add(
    "ordinal, given order",
    {"city": column(city, "VARCHAR")},
    OrdinalEncoder(categories=[["rome", "lima", "oslo"]]).fit_transform(city[:, None].astype(object)),
)

# Target means


def cross_fitted(y, folds, **settings):
    """The encoding of each fold by an encoder that was fitted on the others; row i is of fold i mod folds."""
    fold = np.arange(rows) % folds
    encoders = [TargetEncoder(**settings).fit(texts[fold != each], y[fold != each]) for each in range(folds)]
    return np.stack([encoders[each].transform(texts[[row]])[0] for row, each in enumerate(fold)])


unseen = np.array(["cook", "nobody", None], dtype=object)[:, None]
status = np.where(label == 1, "on time", "Late")
level = np.digitize(amount, np.quantile(amount, [0.3, 0.55, 0.95]))
grade = np.array(["gut", "schlecht", "Zoë", "ärmlich"])[level]
for name, y, kind, settings in [
    ("targetEncoder of two classes", label, "DOUBLE", {"target_type": "binary"}),
    ("targetEncoder of numbers", amount, "DOUBLE", {"target_type": "continuous"}),
    ("targetEncoder, smooth 12", amount, "DOUBLE", {"target_type": "continuous", "smooth": 12.0}),
    ("targetEncoder of two texts", status, "VARCHAR", {}),
    ("targetEncoder of two texts, smooth 3", status, "VARCHAR", {"smooth": 3.0}),
    ("targetEncoder of several texts", grade, "VARCHAR", {}),
    ("targetEncoder of several texts, smooth 7", grade, "VARCHAR", {"smooth": 7.0}),
    ("targetEncoder of several numbers", level, "INTEGER", {"target_type": "multiclass"}),
]:
    encoder = TargetEncoder(**settings).fit(texts, y)
    add(
        name,
        {**jobs, "y": column(y, kind)},
        encoder.transform(texts),
        crossFitted=cross_fitted(y, 5, **settings).ravel().tolist(),
        later={"job": column(unseen[:, 0], "VARCHAR")},
        expectedLater=[plain(r) for r in encoder.transform(unseen)],
    )

# Hashing, bins, polynomials, crosses

hasher = FeatureHasher(8, input_type="string")
add("hashing", {"job": column(job, "VARCHAR")}, hasher.transform([[each] for each in job]).toarray())
unsigned = FeatureHasher(5, input_type="string", alternate_sign=False)
add("hashing without signs", {"job": column(job, "VARCHAR")}, unsigned.transform([[each] for each in job]).toarray())

binned = dict(income=income, signed=signed, ties=ties)
matrix = stack(*binned.values())
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for strategy in ["uniform", "quantile", "kmeans"]:
        more = {"quantile_method": "linear"} if strategy == "quantile" else {}
        bins = KBinsDiscretizer(6, encode="ordinal", strategy=strategy, subsample=None, **more).fit(matrix)
        beyond = stack([0.0, 1e9, 15000], [-1e3, 1e3, 0], [-4, 4, 2])
        add(
            f"binning, {strategy}",
            doubles(**binned),
            bins.transform(matrix),
            later=doubles(**dict(zip(binned, beyond.T))),
            expectedLater=[plain(r) for r in bins.transform(beyond)],
        )
    many = KBinsDiscretizer(100, encode="ordinal", strategy="quantile", subsample=None, quantile_method="linear")
    add("binning, 100 quantiles", doubles(signed=signed), many.fit_transform(signed[:, None]))
    skewed = np.concatenate([random.normal(0, 1, 60), [400, 401, 900]])
    more = KBinsDiscretizer(5, encode="ordinal", strategy="kmeans", subsample=None)
    add("binning, kmeans of far values", doubles(x=skewed), more.fit_transform(skewed[:, None]))

three = dict(a=signed / 5, b=ties, c=income / 1e4)
for name, polynomial in {
    "polynomial": PolynomialFeatures(2, include_bias=False),
    "polynomial of degree 3": PolynomialFeatures(3, include_bias=False),
    "polynomial, interactions": PolynomialFeatures(3, include_bias=False, interaction_only=True),
}.items():
    add(name, doubles(**three), polynomial.fit_transform(stack(*three.values())))

side = np.where(ties > 0, "up", "down")
together = np.array([f"{a}\u0000{b}" for a, b in zip(city, side)], dtype=object)[:, None]
add(
    "cross",
    {"city": column(city, "VARCHAR"), "side": column(side, "VARCHAR")},
    OneHotEncoder(sparse_output=False).fit_transform(together),
)

# Dates

stamps = pd.to_datetime(
    ["1970-01-01 00:00:00", "1969-12-31 23:59:59.5", "2000-02-29 12:30:00", "1900-03-01 01:02:03", "2024-12-30 06:00", None, "2023-01-01 23:00", "1700-10-15 00:00"],
    format="ISO8601",
)
frame = pd.DataFrame({"t": stamps})
parts = stack(
    frame.t.dt.year, frame.t.dt.month, frame.t.dt.day, frame.t.dt.day_of_week, frame.t.dt.day_of_year, frame.t.dt.hour, frame.t.dt.minute
)
written = [None if t is pd.NaT else t.isoformat(sep=" ") for t in stamps]
add("dateParts", {"t": {"type": "TIMESTAMP", "values": written}}, parts)
days = [None if t is pd.NaT else t.date().isoformat() for t in stamps]
add("dateParts of days", {"t": {"type": "DATE", "values": days}}, parts[:, :5])
cycles = []
for values, first, length in [(frame.t.dt.month, 1, 12), (frame.t.dt.day_of_week, 0, 7), (frame.t.dt.hour, 0, 24)]:
    angle = 2 * np.pi * (values - first) / length
    cycles += [np.sin(angle), np.cos(angle)]
add("dateCycles", {"t": {"type": "TIMESTAMP", "values": written}}, stack(*cycles))

# Routes

mixed = ColumnTransformer(
    [
        ("income", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["income"]),
        ("job", OneHotEncoder(sparse_output=False), ["job"]),
        ("ties", make_pipeline(KBinsDiscretizer(3, encode="ordinal", strategy="uniform", subsample=None), OneHotEncoder(sparse_output=False)), ["ties"]),
    ]
)
frame = pd.DataFrame({"income": with_missing(income), "job": job, "ties": ties})
add(
    "columns",
    {**doubles(income=with_missing(income), ties=ties), "job": column(job, "VARCHAR")},
    mixed.fit_transform(frame),
)

Path(__file__).with_suffix(".json").write_text(
    json.dumps({"scikitLearn": sklearn.__version__, "pandas": pd.__version__, "cases": cases}, allow_nan=False) + "\n"
)
