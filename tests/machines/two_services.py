"""Submissions and listings as they run, and the post between them: each on a database of its own, over gRPC."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from chassis.errors import (
    Conflict,
    DirectoryError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    PermissionDenied,
    VersionMismatch,
)
from directory.listings.v1 import listings_service_pb2 as listings_pb
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1 import review_service_pb2
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from listings import wiring as listings_wiring
from sqlalchemy import text
from submissions import wiring as submissions_wiring
from submissions.domain.probe_report import Cause, Reach, Report

from services.submissions.tests.conftest import GATED, Person

from .people import PEOPLE

STATUS = {
    PermissionDenied: 403,
    NotFound: 404,
    Conflict: 409,
    VersionMismatch: 412,
    InvalidInput: 422,
    LimitExceeded: 429,
}
LEASE = timedelta(minutes=31)
LOOKS = {
    "pass": GATED,
    "block": Report(Reach.NOT_MCP),
    "nothing": Report(Reach.UNREACHABLE, Cause.TIMEOUT),
}


class Post:
    """Carries the events of one service to the other's consumer: in order, at least once, whenever it is told to."""

    def __init__(self, source: Any, consumer: Any, event_class: Any, *, about: str) -> None:
        self._source, self._consumer, self._event_class, self._about = source, consumer, event_class, about
        self.carried = 0

    def told(self) -> list[Any]:
        return [self._event_class.FromString(bytes(row.payload)) for row in self._rows()]

    def carry(self) -> None:
        """The next event takes effect."""
        assert self._give(self.carried) == "done"
        self.carried += 1

    def again(self, back: int) -> None:
        """The last events come once more, as after a restart that forgot how far it was."""
        for position in range(max(0, self.carried - back), self.carried):
            assert self._give(position) == "known"

    def _give(self, position: int) -> str:
        row = self._rows()[position]
        record = SimpleNamespace(
            topic=row.topic, partition=0, offset=position, timestamp=0, key=b"", value=bytes(row.payload), headers=()
        )
        # The part of the consumer behind Kafka: inbox, handler, dead letters.
        outcome: str = self._consumer._handle_or_bury(record)
        return outcome

    def _rows(self) -> list[Any]:
        with self._source.read() as connection:
            query = "SELECT topic, payload FROM outbox WHERE key = :key ORDER BY id"
            return list(connection.execute(text(query), {"key": self._about}))


class TwoServices:
    """`world` and `directory` are the fixtures of the services' own tests."""

    def __init__(self, world: Any, directory: Any, icon_id: str) -> None:
        self.world, self.directory, self.icon_id = world, directory, icon_id
        self._to_submissions = submissions_wiring.listing_consumer(world.settings, world.database, world.clock)
        self._to_listings = listings_wiring.submissions_consumer(directory.settings, directory.database)

    def begin(self, slug: str, words: tuple[str, str]) -> str:
        """Id of a new draft of Ada's, whose post is carried from now on. Hours after the last: a day takes ten."""
        self.world.clock.ahead += timedelta(hours=3)
        while self.look_at_server("pass"):
            pass  # what the last walk left in checking
        form = self.world.complete_form(slug=slug)
        form.listing.icon_id = self.icon_id
        form.listing.display_name, form.listing.tagline = words
        draft = self.publish("ada", "CreateSubmission", form=form, reviewer_access=self.world.access()).submission
        self.from_submissions = Post(self.world.database, self._to_listings, SubmissionEvent, about=draft.submission_id)
        self.from_listings = Post(
            self.directory.database, self._to_submissions, ListingEvent, about=draft.submission_id
        )
        return str(draft.submission_id)

    def pass_time(self) -> None:
        """Every lease ends."""
        self.world.clock.ahead += LEASE

    def look_at_server(self, outcome: str) -> bool:
        """Whether there was something to check; the look brings `outcome`."""
        self.world.server = lambda url, transport: LOOKS[outcome]
        found: bool = self.world.checks.check_next()
        return found

    def publish(self, who: str, method: str, **fields: Any) -> Any:
        return self.world.publish_call(_person(who), method, **fields)

    def review(self, who: str, method: str, **fields: Any) -> Any:
        return self.world.review_call(_person(who), method, **fields)

    def transfer(self, who: str, method: str, **fields: Any) -> Any:
        return self.world.transfer_call(_person(who), method, **fields)

    def listing(self, who: str, method: str, **fields: Any) -> Any:
        request = getattr(listings_pb, f"{method}Request")(**fields)
        with self.world.acting(_person(who)):
            return getattr(self.directory.listings, method)(request)

    def public(self, slug: str) -> Any:
        return self.directory.public.GetPublicListing(listings_pb.GetPublicListingRequest(slug=slug)).listing

    def listing_rows(self, query: str, **parameters: Any) -> list[Any]:
        with self.directory.database.read() as connection:
            return list(connection.execute(text(query), parameters))


def status_of(call: Callable[[], Any]) -> tuple[int, Any]:
    """200 and the answer, or the refusal's status and the refusal."""
    try:
        return 200, call()
    except DirectoryError as refusal:
        return STATUS[type(refusal)], refusal


def word(enum: Any, number: int, prefix: str) -> str:
    """The word of a contract's value; "-" for none."""
    found = enum.Name(number).removeprefix(prefix).lower()
    return "-" if found == "unspecified" else found


def decision_of(number: int) -> str:
    return word(review_service_pb2.Decision, number, "DECISION_")


def no_id() -> str:
    return str(uuid.uuid4())


def _person(who: str) -> Person:
    somebody = PEOPLE[who]
    return Person(
        who,
        somebody.name,
        somebody.organization_id,
        directory_management=somebody.may_manage,
        staff_role=somebody.staff_role,
        organizations=frozenset(somebody.belongs_to),
    )
