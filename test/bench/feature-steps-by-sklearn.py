"""Texts, selection and decomposition of the CSV files in a folder with scikit-learn, in milliseconds: FOLDER."""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif, mutual_info_classif
from sklearn.pipeline import make_pipeline

warnings.simplefilter("ignore")
folder = Path(sys.argv[1])
texts = pd.read_csv(folder / "texts.csv").text
results = {}


def measure(name, model, rows, target, check):
    started = time.perf_counter()
    model.fit(rows, target)
    fitted = time.perf_counter()
    matrix = model.transform(rows)
    # Tenon's features are dense.
    matrix = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    done = time.perf_counter()
    results[name] = {
        "fit": (fitted - started) * 1000,
        "transform": (done - fitted) * 1000,
        "check": float(check(model, matrix)),
    }


def numbers(name):
    frame = pd.read_csv(folder / f"{name}.csv")
    return frame.drop(columns="y").to_numpy(), frame.y.to_numpy()


measure("tf-idf", TfidfVectorizer(min_df=2, max_df=0.05, dtype=np.float32), texts, None, lambda _, x: x.sum(dtype=float))
measure(
    "tf-idf and SVD",
    make_pipeline(TfidfVectorizer(min_df=2), TruncatedSVD(20, random_state=0)),
    texts,
    None,
    lambda model, _: model[1].singular_values_[:3].sum(),
)
rows, classes = numbers("numbers")
measure("PCA", PCA(5), rows, None, lambda model, _: model.explained_variance_.sum())
measure("F test", SelectKBest(f_classif, k=5), rows, classes, lambda model, _: model.scores_.sum())
rows, classes = numbers("few")
measure(
    "mutual information",
    SelectKBest(lambda x, y: mutual_info_classif(x, y, random_state=0), k=5),
    rows,
    classes,
    lambda model, _: model.scores_.sum(),
)
print(json.dumps({"results": results}))
