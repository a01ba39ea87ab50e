"""The daily looks at a published server: its endpoint's health, and tools that are not as they were approved."""

from __future__ import annotations

from directory.submissions.v1.server_probe_pb2 import ServerProbe
from directory.submissions.v1.submissions_service_pb2 import GetServerProbeRequest, RunServerProbeRequest

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import SubmissionPath
from gateway.api.schemas import answer
from gateway.core import core
from gateway.shapes import to_json

blueprint = blueprints.of_managers("probes", __name__, below="/submissions/<uuid:submission_id>/probe")

PROBE = answer(ServerProbe.DESCRIPTOR)


@blueprint.get("", responses={200: PROBE})
def get_probe(path: SubmissionPath) -> Answer:
    """What the last look found, when the next one is due, and the drift of tools that waits for a decision."""
    request = GetServerProbeRequest(submission_id=str(path.submission_id))
    return to_json(core().backends.submissions.GetServerProbe(request).probe)


@blueprint.post("", responses={202: PROBE})
def run_probe(path: SubmissionPath) -> Answer:
    """Look at a published or suspended server now. Changes nothing but what is known of it."""
    request = RunServerProbeRequest(submission_id=str(path.submission_id))
    return to_json(core().backends.submissions.RunServerProbe(request).probe), 202
