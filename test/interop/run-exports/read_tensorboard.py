"""Reads event files by TensorBoard's own readers; prints what they hold as JSON."""

import json
import sys
from types import SimpleNamespace

from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

folder, run = sys.argv[1:]


def number(value):
    return value if value == value and abs(value) != float("inf") else str(value)


accumulator = EventAccumulator(f"{folder}/{run}", size_guidance={"scalars": 0})
accumulator.Reload()
scalars = {
    tag: [[event.step, number(event.value), event.wall_time] for event in accumulator.Scalars(tag)]
    for tag in accumulator.Tags()["scalars"]
}

# What the pages of scalars and of hyperparameters ask for.
multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRunsFromDirectory(folder)
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
request_context = RequestContext()
context = backend_context.Context(SimpleNamespace(data_provider=provider))
experiment = get_experiment.Handler(request_context, context, "", api_pb2.GetExperimentRequest()).run()
request = api_pb2.ListSessionGroupsRequest(
    start_index=0,
    slice_size=100,
    allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING],
)
groups = list_session_groups.Handler(request_context, context, "", request).run().session_groups
sessions = [
    {
        "name": session.name,
        "status": api_pb2.Status.Name(session.status),
        "hparams": {name: getattr(value, value.WhichOneof("kind")) for name, value in group.hparams.items()},
        "metrics": sorted(value.name.tag for value in session.metric_values),
    }
    for group in groups
    for session in group.sessions
]
print(
    json.dumps(
        {
            "scalars": scalars,
            "sessions": sessions,
            "hparams": sorted(info.name for info in experiment.hparam_infos),
        }
    )
)
