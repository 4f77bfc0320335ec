"""Writes evaluate-splits.json: the test and training rows of scikit-learn's unshuffled splits.

Run in an environment with numpy and scikit-learn: python test/reference/evaluate-splits.py
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

warnings.simplefilter("ignore")
random = np.random.default_rng(3)


def purged(starts, ends, splits, share):
    """López de Prado's rule, row by row: overlapping rows and an embargo after each part are left out."""
    rows = len(starts)
    for test in np.array_split(np.arange(rows), splits):
        before = [r for r in range(test[0]) if ends[r] <= starts[test[0]]]
        after = [r for r in range(test[-1] + 1, rows) if starts[r] >= ends[test].max()]
        yield before + after[int(rows * share) :], test


def case(kind, options, splits, rows, target=None, groups=None, spans=None):
    return {
        "kind": kind,
        "options": options,
        "rows": rows,
        "target": None if target is None else target.tolist(),
        "groups": None if groups is None else groups.tolist(),
        "spans": None if spans is None else [part.tolist() for part in spans],
        "splits": [[np.asarray(train).tolist(), np.asarray(test).tolist()] for train, test in splits],
    }


cases = []
for rows, splits in [(10, 5), (23, 4), (7, 7)]:
    cases.append(case("kFold", {"splits": splits}, KFold(splits).split(np.zeros(rows)), rows))
cases.append(case("leaveOneOut", {}, LeaveOneOut().split(np.zeros(6)), 6))
for rows, options, theirs in [
    (13, {}, {}),
    (20, {"splits": 3, "gap": 2}, {"n_splits": 3, "gap": 2}),
    (20, {"splits": 4, "testSize": 3, "maxTrainSize": 5}, {"n_splits": 4, "test_size": 3, "max_train_size": 5}),
]:
    cases.append(case("timeSeriesSplit", options, TimeSeriesSplit(**theirs).split(np.zeros(rows)), rows))
for rows, splits, shares in [(30, 5, [0.7, 0.3]), (41, 3, [0.5, 0.3, 0.2]), (60, 10, [0.9, 0.1])]:
    target = random.choice(len(shares), rows, p=shares)
    cases.append(
        case("stratifiedKFold", {"splits": splits}, StratifiedKFold(splits).split(target, target), rows, target)
    )
for rows, count, splits in [(40, 8, 4), (60, 12, 5), (50, 25, 3)]:
    groups = random.choice(count, rows, p=random.dirichlet(np.ones(count)))
    cases.append(
        case("groupKFold", {"splits": splits}, GroupKFold(splits).split(groups, groups=groups), rows, groups=groups)
    )
for rows, count, splits, classes in [(40, 10, 3, 2), (80, 20, 5, 3), (100, 100, 4, 2)]:
    groups = random.integers(0, count, rows)
    target = random.choice(classes, rows, p=random.dirichlet(3 * np.ones(classes)))
    found = StratifiedGroupKFold(splits).split(target, target, groups)
    cases.append(case("stratifiedGroupKFold", {"splits": splits}, found, rows, target, groups))
for rows, splits, share in [(40, 5, 0), (40, 5, 0.05), (61, 4, 0.1)]:
    starts = np.sort(random.uniform(0, 100, rows))
    ends = starts + random.exponential(5, rows)
    options = {"splits": splits, "embargo": share}
    cases.append(case("purgedKFold", options, purged(starts, ends, splits, share), rows, spans=(starts, ends)))

out = {"generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
