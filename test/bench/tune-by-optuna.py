"""Prints the processor milliseconds that a trial of Optuna takes, as JSON: tune-by-optuna.py SAMPLER TRIALS SEED"""

import json
import sys
import time
import warnings
from pathlib import Path

import optuna

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
from tuning_functions import functions

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
sampler, trials, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
samplers = {"tpe": optuna.samplers.TPESampler, "cmaEs": optuna.samplers.CmaEsSampler}
function, limits, _ = functions["hartmann6"]


def objective(trial):
    return function([trial.suggest_float(f"x{i}", low, high) for i, (low, high) in enumerate(limits)])


study = optuna.create_study(sampler=samplers[sampler](seed=seed))
begun = time.process_time()
study.optimize(objective, n_trials=trials)
print(json.dumps({"version": optuna.__version__, "milliseconds": 1000 * (time.process_time() - begun) / trials}))
