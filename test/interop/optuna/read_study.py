"""Prints what Optuna reads of a study as JSON: read_study.py JOURNAL NAME"""

import json
import sys

import optuna
from optuna.storages.journal import JournalFileBackend

path, name = sys.argv[1:]
study = optuna.load_study(study_name=name, storage=optuna.storages.JournalStorage(JournalFileBackend(path)))
best = study.best_trial
print(
    json.dumps(
        {
            "direction": study.direction.name.lower(),
            "best": best.number,
            "importances": dict(optuna.importance.get_param_importances(study)),
            "trials": [
                {
                    "number": trial.number,
                    "state": trial.state.name.lower(),
                    "value": trial.value,
                    "params": trial.params,
                    "kinds": {key: type(value).__name__ for key, value in trial.distributions.items()},
                    "reports": {str(step): str(value) for step, value in trial.intermediate_values.items()},
                    "userAttributes": trial.user_attrs,
                    "started": trial.datetime_start and trial.datetime_start.timestamp(),
                }
                for trial in study.trials
            ],
        }
    )
)
