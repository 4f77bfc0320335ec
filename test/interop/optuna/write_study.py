"""Searches by Optuna: write_study.py JOURNAL NAME TRIALS SAMPLER. Prints the numbers of its trials as JSON."""

import json
import sys

import optuna
from optuna.storages.journal import JournalFileBackend

path, name, trials, sampler = sys.argv[1:]
samplers = {
    "tpe": lambda: optuna.samplers.TPESampler(n_startup_trials=3),
    "cmaEs": lambda: optuna.samplers.CmaEsSampler(warn_independent_sampling=False),
}
numbers = []


def objective(trial):
    numbers.append(trial.number)
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    depth = trial.suggest_int("depth", 1, 9, step=2)
    kind = trial.suggest_categorical("kind", ["a", 2, None, True])
    trial.set_user_attr("note", {"kind": [kind]})
    for step in range(3):
        trial.report(float("inf") if step == 0 else rate + depth + step, step)
        if trial.should_prune():
            raise optuna.TrialPruned()
    if depth == 9 and trial.number % 2 == 1:
        raise ValueError("too deep")
    return float("nan") if kind is True and depth == 1 else rate + depth


optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(
    study_name=name,
    storage=optuna.storages.JournalStorage(JournalFileBackend(path)),
    sampler=samplers[sampler](),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=2),
    load_if_exists=True,
)
study.optimize(objective, n_trials=int(trials), catch=ValueError)
if sampler == "tpe":
    study.enqueue_trial({"rate": 0.5, "depth": 3, "kind": "a"})
print(json.dumps(numbers))
