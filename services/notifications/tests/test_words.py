"""Every event has words, also one that is newer than this code."""

from datetime import UTC, datetime
from typing import Any

import pytest
from directory.listings.v1.listing_pb2 import RevisionState
from directory.metrics.v1.server_metrics_pb2 import Health
from directory.submissions.v1.review_service_pb2 import Decision
from directory.submissions.v1.server_probe_pb2 import EndpointHealth
from directory.submissions.v1.submission_events_pb2 import ToolDriftOutcome
from directory.submissions.v1.submission_pb2 import Move
from notifications.domain import happenings, words
from notifications.domain.happenings import Actor, Happening


def names(enum: Any) -> list[str]:
    return [value.name for value in enum.DESCRIPTOR.values]


_VARIANTS = {
    happenings.STATUS_CHANGED: [name.removeprefix("MOVE_").lower() for name in names(Move)],
    happenings.REVISION_DECIDED: [name.removeprefix("DECISION_").lower() for name in names(Decision)],
    happenings.HEALTH_CHANGED: [name.removeprefix("HEALTH_").lower() for name in names(Health)],
    happenings.ENDPOINT_HEALTH_CHANGED: [
        name.removeprefix("ENDPOINT_HEALTH_").lower() for name in names(EndpointHealth)
    ],
    happenings.TOOLS_DECIDED: [name.removeprefix("TOOL_DRIFT_OUTCOME_").lower() for name in names(ToolDriftOutcome)],
    happenings.REVISION_CLOSED: [name.removeprefix("REVISION_STATE_").lower() for name in names(RevisionState)],
}


def happening(type_: str, variant: str, **fields: object) -> Happening:
    return Happening(
        event_id="e",
        occurred_at=datetime.now(UTC),
        organization_id="o",
        type=type_,
        variant=variant,
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("type_", [*happenings.WEBHOOK_TYPES, happenings.WEBHOOK_DISABLED, happenings.TEST])
def test_each_type_has_words_for_what_nobody_foresaw(type_: str) -> None:
    said = words.summary(happening(type_, "something new", details={"to": "x", "state": "y", "url": "z"}))
    assert said
    assert "unknown" not in said
    assert "{" not in said


@pytest.mark.parametrize(("type_", "variant"), [(type_, each) for type_, all_ in _VARIANTS.items() for each in all_])
def test_each_variant_of_the_contract_has_a_sentence(type_: str, variant: str) -> None:
    details = {"to": "healthy", "state": "superseded"}
    assert words.summary(happening(type_, variant, server_name="Ledgerline", details=details))


def test_every_move_of_the_contract_stands_in_the_table() -> None:
    known = {variant for type_, variant in words.TABLE if type_ == happenings.STATUS_CHANGED}
    assert known - {""} == set(_VARIANTS[happenings.STATUS_CHANGED]) - {"unspecified"}


def test_names_cannot_break_a_line_or_a_sentence() -> None:
    said = words.summary(
        happening(
            happenings.STATUS_CHANGED,
            "submit",
            server_name="Bcc: x@y.example\r\n\r\n{to}",
            actor=Actor.PUBLISHER,
            actor_name="A\nda",
        )
    )
    assert said == "A da submitted Bcc: x@y.example {to} for review"


def test_names_are_written_as_their_owners_do() -> None:
    said = words.summary(happening(happenings.STATUS_CHANGED, "approve", server_name="eLedger"))
    assert said == "eLedger is approved"
    assert words.summary(happening(happenings.STATUS_CHANGED, "approve")) == "A server without a name is approved"


def test_who_is_not_named_is_described() -> None:
    assert words.summary(happening(happenings.STATUS_CHANGED, "publish", actor=Actor.PUBLISHER)) == (
        "Somebody of your organisation published a server without a name"
    )
