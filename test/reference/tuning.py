"""Writes tuning.json: what Optuna and cmaes make of given trials.

Densities of the TPE, updates of CMA-ES, decisions of pruners, importances by PED-ANOVA; and the best values that Optuna's
samplers find on three functions with 20 seeds.

Run in an environment with optuna, cmaes and numpy: python test/reference/tuning.py
"""

import functools
import json
import math
import sys
import warnings
from datetime import datetime
from pathlib import Path

import cmaes
import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.distributions import distribution_to_json
from optuna.samplers._tpe.sampler import _split_trials, default_gamma

sys.dont_write_bytecode = True
from tuning_functions import functions

warnings.filterwarnings("ignore")
# Of equal values the first comes first, on every machine.
np.argsort = functools.partial(np.argsort, kind="stable")
optuna.logging.set_verbosity(optuna.logging.ERROR)

mixed = {
    "rate": FloatDistribution(1e-5, 1.0, log=True),
    "share": FloatDistribution(0.0, 1.0),
    "dropout": FloatDistribution(0.0, 0.5, step=0.1),
    "depth": IntDistribution(2, 12),
    "width": IntDistribution(8, 1024, log=True),
    "batch": IntDistribution(16, 256, step=16),
    "kind": CategoricalDistribution(["gini", "entropy", None]),
}


def sample(random, distribution):
    sampler = optuna.samplers.RandomSampler(seed=int(random.integers(1 << 30)))
    return sampler.sample_independent(None, None, "", distribution)


def loss(params):
    return (
        (math.log10(params.get("rate", 0.1)) + 2.3) ** 2
        + 3 * abs(params.get("share", 0.5) - 0.7)
        + params.get("dropout", 0) / 2
        + abs(params.get("depth", 5) - 6) / 4
        + (1 if params.get("kind") == "gini" else 0)
    )


def trials_of(random, count, space, states):
    for number in range(count):
        params = {name: sample(random, distribution) for name, distribution in space(number, random).items()}
        state = states[number % len(states)]
        finished = state in ("COMPLETE",)
        yield optuna.trial.FrozenTrial(
            number=number,
            trial_id=number,
            state=optuna.trial.TrialState[state],
            value=loss(params) if finished else None,
            values=None,
            datetime_start=datetime(2026, 1, 1),
            datetime_complete=datetime(2026, 1, 1) if finished else None,
            params=params,
            distributions={name: space(number, random)[name] for name in params},
            user_attrs={},
            system_attrs={},
            intermediate_values={} if finished else {step: loss(params) + step for step in range(number % 4)},
        )


distributions = []


def distribution_index(distribution):
    text = distribution_to_json(distribution)
    if text not in distributions:
        distributions.append(text)
    return distributions.index(text)


def trial_json(trial):
    return {
        "state": trial.state.name.lower(),
        "value": trial.value,
        "parameters": [
            [name, distribution_index(trial.distributions[name]), float(trial.distributions[name].to_internal_repr(value))]
            for name, value in trial.params.items()
        ],
        "reports": [[step, value] for step, value in trial.intermediate_values.items()],
    }


def density_case(name, seed, count, direction, names, states):
    random = np.random.default_rng(seed)
    space = {name: mixed[name] for name in names}
    trials = list(trials_of(random, count, lambda *_: space, states))
    study = optuna.create_study(direction=direction)
    sampler = optuna.samplers.TPESampler(seed=0)
    ended = sum(trial.state != optuna.trial.TrialState.RUNNING for trial in trials)
    good, bad = _split_trials(study, trials, default_gamma(ended))
    densities = [sampler._build_parzen_estimator(study, space, part, handle_below=part is good) for part in (good, bad)]
    points = [{name: sample(random, distribution) for name, distribution in space.items()} for _ in range(8)]
    internal = {
        name: np.array([float(space[name].to_internal_repr(point[name])) for point in points]) for name in space
    }
    return {
        "name": name,
        "direction": direction,
        "trials": [trial_json(trial) for trial in trials],
        "good": [trial.number for trial in good],
        "points": [[values[at] for values in internal.values()] for at in range(len(points))],
        "logDensities": [list(map(float, density.log_pdf(internal))) for density in densities],
    }


def cma_case(dimensions, generations):
    optimizer = cmaes.CMA(
        mean=np.full(dimensions, 0.5), sigma=1 / 6, bounds=np.array([[0.0, 1.0]] * dimensions), seed=3
    )
    told = []
    for _ in range(generations):
        points = [optimizer.ask() for _ in range(optimizer.population_size)]
        solutions = [(point, float(np.sum((np.arange(1, dimensions + 1) * (point - 0.3)) ** 2))) for point in points]
        optimizer.tell(list(solutions))
        optimizer._eigen_decomposition()
        told.append(
            {
                "solutions": [[list(point), value] for point, value in solutions],
                "mean": list(optimizer._mean),
                "step": float(optimizer._sigma),
                "covariance": optimizer._C.ravel().tolist(),
            }
        )
    return {"dimensions": dimensions, "generations": told}


def pruner_case(name, pruner, direction, seed, parallel, steps, count=24, name_of_study="study"):
    """Trials whose reports alternate, `parallel` at a time; one that ends is replaced."""
    random = np.random.default_rng(seed)
    study = optuna.create_study(direction=direction, pruner=pruner, study_name=name_of_study)
    events, running, begun = [], [], 0
    while begun < count or running:
        while len(running) < parallel and begun < count:
            quality, fails = random.uniform(0, 1), random.uniform() < 0.05
            running.append([study.ask(), 0, quality, fails])
            begun += 1
        for entry in list(running):
            trial, step, quality, fails = entry
            value = float("nan") if fails and step == 3 else quality + float(random.normal()) * 0.3 + 1 / (step + 1)
            trial.report(value, step)
            prune = trial.should_prune()
            # NaN is no JSON.
            events.append([trial.number, step, None if math.isnan(value) else value, bool(prune)])
            entry[1] += 1
            if prune:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                running.remove(entry)
            elif entry[1] >= steps:
                study.tell(trial, 0.0 if math.isnan(value) else value)
                running.remove(entry)
    return {"name": name, "direction": direction, "study": name_of_study, "steps": steps, "events": events}


def importance_case(name, seed, count, direction, space):
    random = np.random.default_rng(seed)
    study = optuna.create_study(direction=direction)
    for trial in trials_of(random, count, space, ["COMPLETE"]):
        study.add_trial(trial)
    importances = optuna.importance.get_param_importances(study)
    return {
        "name": name,
        "direction": direction,
        "trials": [trial_json(trial) for trial in study.trials],
        "importances": dict(importances),
    }


def conditional_space(number, random):
    if number % 3 == 0:
        return {"share": mixed["share"], "depth": IntDistribution(2, 8 + number % 2)}
    return {"share": mixed["share"], "rate": mixed["rate"], "kind": mixed["kind"]}


samplers = {
    "random": optuna.samplers.RandomSampler,
    "tpe": optuna.samplers.TPESampler,
    "cmaEs": optuna.samplers.CmaEsSampler,
}


def best_values(function, limits, trials, sampler):
    def objective(trial):
        return function([trial.suggest_float(f"x{i}", low, high) for i, (low, high) in enumerate(limits)])

    for seed in range(20):
        study = optuna.create_study(sampler=sampler(seed=seed))
        study.optimize(objective, n_trials=trials)
        yield study.best_value


pruners = optuna.pruners
numbers = ["rate", "share"]
everything = list(mixed)
ended = ["COMPLETE"]
every_state = ["COMPLETE", "COMPLETE", "PRUNED", "COMPLETE", "RUNNING"]
out = {
    "generator": f"optuna {optuna.__version__}, cmaes {cmaes.__version__}",
    "densities": [
        density_case("two numbers", 1, 12, "minimize", numbers, ended),
        density_case("all kinds", 2, 40, "minimize", everything, ended),
        density_case("all kinds and states", 3, 60, "maximize", everything, every_state),
        density_case("one good trial", 4, 3, "minimize", ["depth", "kind"], ended),
        density_case("more than the weights are even for", 5, 80, "maximize", ["share", "dropout"], ended),
    ],
    "cmaEs": [cma_case(1, 3), cma_case(2, 6), cma_case(5, 8)],
    "pruners": [
        pruner_case("median", pruners.MedianPruner(), "minimize", 1, 1, 8),
        pruner_case("median, maximised, with warm-up", pruners.MedianPruner(3, 2, 3), "maximize", 2, 3, 9),
        pruner_case("successive halving", pruners.SuccessiveHalvingPruner(), "minimize", 3, 1, 20),
        pruner_case(
            "successive halving, side by side",
            pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2, min_early_stopping_rate=1),
            "maximize",
            4,
            4,
            20,
        ),
        pruner_case(
            "successive halving with bootstrap",
            pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3, bootstrap_count=3),
            "minimize",
            5,
            2,
            12,
        ),
        pruner_case("hyperband", pruners.HyperbandPruner(max_resource=27), "minimize", 6, 1, 27, name_of_study="a b"),
        pruner_case("hyperband of unknown length", pruners.HyperbandPruner(), "maximize", 7, 1, 20),
    ],
    "importances": [
        importance_case("all kinds", 1, 120, "minimize", lambda *_: mixed),
        importance_case("maximised", 2, 60, "maximize", lambda *_: mixed),
        importance_case("conditional", 3, 90, "minimize", conditional_space),
    ],
    "functions": {
        name: {
            "trials": trials,
            "best": {
                kind: list(best_values(function, limits, trials, sampler)) for kind, sampler in samplers.items()
            },
        }
        for name, (function, limits, trials) in functions.items()
    },
}
# Trials name their parameters' distributions by their places in this list.
out["distributions"] = distributions
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
