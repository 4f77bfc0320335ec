"""The floor: the same cells through nbclient and ipykernel, and the same questions to pandas. No window is in it.

Reads one JSON request a line, answers with one JSON line: milliseconds.
"""

import json
import sys
import time

import nbclient
import nbformat
from nbclient.util import run_sync

client = None


class TimedClient(nbclient.NotebookClient):
    """Notes when the first output of a cell is here."""

    first = None

    def output(self, *args, **kwargs):
        if self.first is None:
            self.first = time.perf_counter()
        return super().output(*args, **kwargs)


def execute(code):
    start = time.perf_counter()
    client.first = None
    cell = nbformat.v4.new_code_cell(code)
    client.nb.cells = [cell]
    client.execute_cell(cell, 0)
    return (client.first - start) * 1000


def cold(code):
    global client
    start = time.perf_counter()
    client = TimedClient(nbformat.v4.new_notebook(), kernel_name="python3", extra_arguments=["--log-level=ERROR"])
    client.create_kernel_manager()
    client.start_new_kernel()
    client.start_new_kernel_client()
    before = (time.perf_counter() - start) * 1000
    return before + execute(code)


def stop():
    global client
    client.kc.stop_channels()
    run_sync(client.km.shutdown_kernel)(now=True)
    client = None
    return 0


def timed(action):
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def load(path):
    global table
    import pandas

    start = time.perf_counter()
    table = pandas.read_parquet(path)
    return (time.perf_counter() - start) * 1000


actions = {
    "cold": lambda code: cold(code),
    "warm": lambda code: execute(code),
    "stop": lambda _: stop(),
    "load": load,
    "page": lambda _: timed(lambda: table.iloc[-100:].to_dict("records")),
    "filter": lambda _: timed(lambda: table[table["origin"].str.contains("ORD", case=False, regex=False)].iloc[:100].to_dict("records")),
    "sort": lambda _: timed(lambda: table.sort_values("distance").iloc[:100].to_dict("records")),
    "profile": lambda _: timed(lambda: (table["distance"].describe(), table["distance"].nunique(), table["distance"].isna().sum())),
}

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"ms": actions[request["action"]](request["argument"])}), flush=True)
