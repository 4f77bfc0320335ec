"""Writes profile.json: a table with gaps, ties and oddities, and what pandas, NumPy and SciPy say of it.

Run in an environment with numpy, pandas and scipy: python test/reference/profile.py
"""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.stats.contingency import association, crosstab

rows = 400
random = np.random.default_rng(11)


def with_gaps(values, share):
    values = np.asarray(values, dtype=object).copy()
    values[random.random(len(values)) < share] = None
    return values.tolist()


base = random.standard_normal(rows)
town = random.choice(["Oslo", "Riga", "Lund", "Bonn"], rows, p=[0.5, 0.3, 0.15, 0.05])
number_of_town = pd.Series(town).map({"Oslo": 0.0, "Riga": 1.0, "Lund": 2.0, "Bonn": 3.0}).to_numpy()
table = {
    "whole": [int(value) for value in random.integers(-5, 20, rows)],
    "large": [float(value) for value in 1e9 + base],
    "gaps": with_gaps(np.round(base * 2 + random.standard_normal(rows), 1), 0.2),
    "skewed": [float(value) for value in np.exp(2 * base + 0.1)],
    "holes": with_gaps(np.exp(random.standard_normal(rows)), 0.4),
    "constant": [7.0] * rows,
    "town": town.tolist(),
    "street": with_gaps(np.char.add("s", (number_of_town * 2 + random.integers(0, 3, rows)).astype(int).astype(str)), 0.1),
    "flag": [bool(value) for value in random.random(rows) < 0.2 + 0.2 * number_of_town],
}
frame = pd.DataFrame(table)
numbers = ["whole", "large", "gaps", "skewed", "holes", "constant"]
categories = ["town", "street", "flag"]
points = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def clean(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value)
    return value


def number(name):
    values = pd.to_numeric(frame[name]).dropna()
    constant = values.nunique() == 1
    low, high = values.quantile(0.25), values.quantile(0.75)
    fence = 1.5 * (high - low)
    bins = 20
    if name == "whole":
        # At most 20 bins of equally many integers each.
        width = math.ceil((values.max() - values.min() + 1) / 20)
        bins = np.arange(values.min() - 0.5, values.max() + width, width)
    return {
        "name": name,
        "missing": int(frame[name].isna().sum()),
        "distinct": values.nunique(),
        "min": values.min(),
        "max": values.max(),
        "mean": values.mean(),
        "standardDeviation": values.std(),
        "skewness": None if constant else values.skew(),
        "kurtosis": None if constant else values.kurt(),
        "quantiles": values.quantile(points).tolist(),
        "histogram": [len(values)] if constant else np.histogram(values, bins=bins)[0].tolist(),
        "edges": [values.min(), values.max()] if constant else np.histogram(values, bins=bins)[1].tolist(),
        "outliers": int(((values < low - fence) | (values > high + fence)).sum()),
        "zeros": int((values == 0).sum()),
    }


def category(name):
    counts = frame[name].value_counts().reset_index(name="n")
    counts["text"] = counts[name].astype(str).str.replace("True", "true").str.replace("False", "false")
    counts = counts.sort_values(["n", "text"], ascending=[False, True]).head(10)
    return {
        "name": name,
        "missing": int(frame[name].isna().sum()),
        "distinct": frame[name].nunique(),
        "top": [[value, count] for value, count in zip(counts[name], counts["n"])],
    }


def cramers_v(a, b):
    both = frame[[a, b]].dropna()
    return 1.0 if a == b else association(crosstab(both[a], both[b]).count, method="cramer")


def correlation_ratio(a, b):
    both = frame[[a, b]].dropna()
    values = pd.to_numeric(both[b])
    total = ((values - values.mean()) ** 2).sum()
    means = values.groupby(both[a].astype(str)).transform("mean")
    return None if b == "constant" else math.sqrt(((means - values.mean()) ** 2).sum() / total)


patterns = frame.isna().value_counts()
varied = [name for name in numbers if name != "constant"]
floats = frame[varied].apply(pd.to_numeric)
doubled = pd.concat([frame, frame.head(7), frame.head(3)])

# A second table, to compare with: moved, with another mix of towns and one of its own.
other_rows = 300
other = {
    "whole": [int(value) for value in random.integers(-3, 24, other_rows)],
    "gaps": with_gaps(np.round(random.standard_normal(other_rows) * 2.5 + 0.7, 1), 0.1),
    "skewed": [float(value) for value in np.exp(2 * random.standard_normal(other_rows) + 0.1)],
    "town": random.choice(["Oslo", "Riga", "Lund", "Kiel"], other_rows, p=[0.3, 0.4, 0.2, 0.1]).tolist(),
}
second = pd.DataFrame(other)
floor = 1e-4


def shares(counts):
    counts = np.asarray(counts, dtype=float)
    return counts / counts.sum()


def psi(a, b):
    a, b = np.maximum(shares(a), floor), np.maximum(shares(b), floor)
    return float(np.sum((b - a) * np.log(b / a)))


def compared_number(name):
    a, b = pd.to_numeric(frame[name]).dropna().to_numpy(), pd.to_numeric(second[name]).dropna().to_numpy()
    cuts = np.unique(np.quantile(a, np.arange(1, 10) / 10))
    # A value on a cut belongs to the bin above it.
    in_bins = [np.bincount(np.digitize(values, cuts), minlength=len(cuts) + 1) for values in (a, b)]
    test = stats.ks_2samp(a, b)
    effective = len(a) * len(b) / (len(a) + len(b))
    return {
        "name": name,
        "cuts": cuts.tolist(),
        "counts": [counts.tolist() for counts in in_bins],
        "psi": psi(*in_bins),
        "jensenShannon": float(jensenshannon(shares(in_bins[0]), shares(in_bins[1]), base=2)),
        "ks": float(test.statistic),
        "pValue": float(stats.kstwobign.sf(math.sqrt(effective) * test.statistic)),
    }


def compared_category(name):
    levels = sorted(set(frame[name].dropna()) | set(second[name].dropna()))
    counts = [[int((data[name] == level).sum()) for level in levels] for data in (frame, second)]
    test = stats.chi2_contingency(np.array(counts), correction=False)
    return {
        "name": name,
        "levels": levels,
        "counts": counts,
        "psi": psi(*counts),
        "jensenShannon": float(jensenshannon(shares(counts[0]), shares(counts[1]), base=2)),
        "chiSquare": float(test.statistic),
        "degreesOfFreedom": int(test.dof),
        "pValue": float(test.pvalue),
    }


out = {
    "generator": f"pandas {pd.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
    "table": table,
    "numbers": [number(name) for name in numbers],
    "categories": [category(name) for name in categories],
    "varied": varied,
    "pearson": floats.corr().to_numpy(),
    "spearman": floats.corr(method="spearman").to_numpy(),
    "categoryNames": categories,
    "cramersV": [[cramers_v(a, b) for b in categories] for a in categories],
    "correlationRatio": [[correlation_ratio(a, b) for b in varied] for a in categories],
    "patterns": [
        {"columns": [column for column, missing in zip(frame.columns, key) if missing], "rows": count}
        for key, count in patterns.items()
    ],
    "completeRows": int((~frame.isna().any(axis=1)).sum()),
    "duplicateRows": int(doubled.duplicated().sum()),
    "repeated": [7, 3],
    "other": other,
    "comparedNumbers": [compared_number(name) for name in ["whole", "gaps", "skewed"]],
    "comparedCategories": [compared_category("town")],
    "chiSquareTails": [[x, k, float(stats.chi2.sf(x, k))] for x in (0.01, 1.0, 7.5, 40.0, 200.0) for k in (1, 3, 10, 60)],
    "kolmogorovTails": [[x, float(stats.kstwobign.sf(x))] for x in (0.1, 0.3, 0.5, 0.8, 1.0, 1.4, 2.0, 4.0)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(clean(out)) + "\n")
