"""Counts of checks, for the scripts beside this file."""

import asyncio
import inspect
import json


class Checks:
    """Runs checks one after another; a failed one doesn't stop the others."""

    def __init__(self):
        self.passed, self.failures = 0, []

    def __call__(self, name, run):
        try:
            result = run()
            if inspect.isawaitable(result):
                asyncio.run(result)
            self.passed += 1
        except Exception as error:  # A failure is counted, whatever it is.
            self.failures.append(f"{name}: {type(error).__name__}: {error}")

    def print(self):
        print(
            json.dumps(
                {"passed": self.passed, "failed": len(self.failures), "skipped": 0, "failures": self.failures}
            )
        )


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")
