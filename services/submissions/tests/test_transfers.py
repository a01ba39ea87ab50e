"""A server passes from one organisation to another: through the running service, on its database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.errors import (
    Conflict,
    DirectoryError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    PermissionDenied,
    VersionMismatch,
)
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import ListingEvent, RevisionSubmitted
from directory.submissions.v1 import submission_pb2 as pb
from directory.submissions.v1 import transfer_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from submissions.consumers.expiry import Expiry
from submissions.consumers.listing_events import ListingEvents
from submissions.domain.probe_report import Reach, Report
from submissions.domain.review import ItemKind, ItemState, ReviewItem
from submissions.store import review_items

NEW_ACCESS = pb.ReviewerAccess(instructions="Ask for Bob", credentials="bobs-planted-password-7d")


@pytest.fixture
def call(world):
    return world.transfer_call


def manager(world, **changes):
    return replace(world.owner(), organization_id=str(uuid4()), **changes)


@pytest.fixture
def ann(world):
    return manager(world, name="Ann Giver")


@pytest.fixture
def bob(world):
    return manager(world, name="Bob Taker")


@pytest.fixture
def offer(world, call):
    def make(giver, receiver, submission=None, message=""):
        submission = submission or world.published(giver)
        return call(
            giver,
            "OfferTransfer",
            submission_id=submission.submission_id,
            version=submission.version,
            to_organization_id=receiver.organization_id,
            message=message,
        ).transfer

    return make


def accept(call, person, transfer, access=NEW_ACCESS):
    return call(person, "AcceptTransfer", transfer_id=transfer.transfer_id, reviewer_access=access).transfer


def submit_revision(world, submission_id):
    event = ListingEvent(listing_id=submission_id, revision_submitted=RevisionSubmitted(
        revision_id=str(uuid4()), before=ListingContent(tagline="a"), after=ListingContent(tagline="b")
    ))  # fmt: skip
    world.database.run(lambda uow: ListingEvents(world.clock).handle(event, uow))
    return event.revision_submitted.revision_id


def test_both_sides_see_the_offer_and_nobody_else(world, call, offer, ann, bob):
    transfer = offer(ann, bob, message=" It is yours now. ")
    assert transfer.side == transfer_pb2.TRANSFER_SIDE_GIVING
    assert transfer.message == "It is yours now."
    assert timedelta(seconds=transfer.expires_at.seconds - transfer.offered_at.seconds) == timedelta(days=14)
    (mine,) = call(ann, "ListTransfers").transfers
    (theirs,) = call(bob, "ListTransfers", side="TRANSFER_SIDE_RECEIVING").transfers
    assert mine == transfer
    assert (theirs.display_name, theirs.slug, theirs.offered_by_name) == (mine.display_name, mine.slug, "Ann Giver")
    assert (mine.needs_reviewer_access, theirs.needs_reviewer_access) == (False, True)
    assert call(bob, "GetTransfer", transfer_id=transfer.transfer_id).transfer == theirs
    assert not call(bob, "ListTransfers", side="TRANSFER_SIDE_GIVING").transfers
    assert not call(manager(world), "ListTransfers").transfers
    for method in ("GetTransfer", "CancelTransfer", "DeclineTransfer", "AcceptTransfer"):
        with pytest.raises(NotFound) as refusal:
            call(manager(world), method, transfer_id=transfer.transfer_id)
        assert refusal.value.reason == "TRANSFER_NOT_FOUND"
    # Until it is accepted, nothing of the submission is the other side's.
    with pytest.raises(NotFound):
        world.get(bob, transfer.submission_id)


def test_accepting_passes_everything_on_at_once(world, call, offer, ann, bob):
    before = world.published(ann)
    closed_item = world.rows(
        "SELECT review_item_id FROM review_items WHERE submission_id = :id", id=before.submission_id
    )
    transfer = offer(ann, bob, before)
    accepted = accept(call, bob, transfer)
    assert accepted.state == transfer_pb2.TRANSFER_STATE_ACCEPTED
    assert accepted.HasField("closed_at")

    after = world.get(bob, before.submission_id)
    assert (after.organization_id, after.state, after.form) == (bob.organization_id, before.state, before.form)
    assert after.version == before.version + 1
    thread = world.thread(bob, before.submission_id)
    assert [entry.position for entry in thread] == list(range(1, len(thread) + 1))
    assert [entry.author_name for entry in thread[-2:]] == ["Ann Giver", "Bob Taker"]
    assert not world.publish_call(ann, "ListSubmissions").submissions

    # The owner before finds nothing any more, but what became of its offer.
    for refused in (lambda: world.get(ann, before.submission_id), lambda: world.move(ann, after, "DELIST", "no")):
        with pytest.raises(NotFound):
            refused()
    (kept,) = call(ann, "ListTransfers").transfers
    assert kept.state == transfer_pb2.TRANSFER_STATE_ACCEPTED
    assert kept.display_name == before.display_name

    # Conflicts of interest follow the owner, for items of before too.
    of_bob = world.reviewer(organizations=(bob.organization_id,))
    item_id = str(closed_item[0].review_item_id)
    with pytest.raises(PermissionDenied) as refusal:
        world.review_call(of_bob, "GetReviewerAccess", review_item_id=item_id)
    assert refusal.value.reason == "OWN_ORGANIZATION"
    of_ann = world.reviewer(organizations=(ann.organization_id,))
    opened = world.review_call(of_ann, "GetReviewerAccess", review_item_id=item_id).access
    assert opened == NEW_ACCESS

    audit = world.rows(
        "SELECT * FROM audit_entries WHERE submission_id = :id ORDER BY at, entry_id", id=before.submission_id
    )
    told = [(row.action, row.detail.get("organization_id")) for row in audit if "transfer_id" in row.detail]
    assert told == [
        ("offer_transfer", None), ("give_away", ann.organization_id), ("take_over", bob.organization_id),
    ]  # fmt: skip
    events = [event for event in world.events(before.submission_id) if event.HasField("transfer_changed")]
    assert [(event.organization_id, event.transfer_changed.state) for event in events] == [
        (ann.organization_id, transfer_pb2.TRANSFER_STATE_OFFERED),
        (bob.organization_id, transfer_pb2.TRANSFER_STATE_ACCEPTED),
    ]
    assert [(event.publisher_id, event.publisher_name) for event in events] == [
        (ann.person_id, ""),
        (bob.person_id, ""),
    ]


def test_access_of_the_owner_before_never_passes_on(world, call, offer, ann, bob, server):
    transfer = offer(ann, bob)
    for access in (None, pb.ReviewerAccess(instructions="Only half")):
        with pytest.raises(InvalidInput) as refusal:
            accept(call, bob, transfer, access)
        assert refusal.value.reason == "FORM_INCOMPLETE"
        assert "/reviewer_access/credentials" in [one.field for one in refusal.value.violations]
    assert world.get(ann, transfer.submission_id).organization_id == ann.organization_id
    # Where nobody has to authenticate, nothing is needed, and what was there is wiped.
    server(Report(Reach.ALIVE_OPEN))
    form = world.complete_form(authentication="AUTHENTICATION_MODE_NONE")
    open_server = offer(ann, bob, world.published(ann, form))
    accept(call, bob, open_server, None)
    (row,) = world.rows("SELECT * FROM submissions WHERE submission_id = :id", id=open_server.submission_id)
    assert (row.sealed_access, row.has_instructions, row.has_credentials) == (None, False, False)


def test_planted_access_stands_nowhere_in_the_open(world, call, offer, ann, bob):
    transfer = offer(ann, bob)
    accept(call, bob, transfer)
    for table in ("submissions", "transfers", "thread_entries", "audit_entries", "idempotency_keys", "outbox"):
        for row in world.rows(f"SELECT {table}::text AS whole FROM {table}"):
            assert "bobs-planted-password" not in row.whole, table


@pytest.mark.parametrize("step", ["CancelTransfer", "DeclineTransfer", "AcceptTransfer"])
def test_an_offer_ends_once(world, call, offer, ann, bob, step):
    transfer = offer(ann, bob)
    who = {"CancelTransfer": ann, "DeclineTransfer": bob, "AcceptTransfer": bob}
    fields = {"transfer_id": transfer.transfer_id}
    call(who[step], step, **fields, **({"reviewer_access": NEW_ACCESS} if step == "AcceptTransfer" else {}))
    for again, person in who.items():
        with pytest.raises(Conflict) as refusal:
            call(person, again, **fields)
        assert refusal.value.reason == "TRANSFER_CLOSED"
        assert refusal.value.metadata["state"] == {"C": "canceled", "D": "declined", "A": "accepted"}[step[0]]
    # After a no it may be offered anew.
    if step != "AcceptTransfer":
        offer(ann, bob, world.get(ann, transfer.submission_id))


def test_who_of_the_other_side_said_no_is_not_told(world, call, offer, ann, bob):
    transfer = offer(ann, bob)
    call(bob, "DeclineTransfer", transfer_id=transfer.transfer_id)
    last = world.thread(ann, transfer.submission_id)[-1]
    assert (last.author_name, last.author_role) == ("Directory", pb.ACTOR_ROLE_SYSTEM)
    assert "declined" in last.body
    # The event has the id, so that Bob is sent no mail about it, and no name.
    event = world.events(transfer.submission_id)[-1]
    assert (event.publisher_id, event.publisher_name) == (bob.person_id, "")


def test_an_offer_that_nobody_answers_expires(world, call, offer, ann, bob, ahead):
    transfer = offer(ann, bob)
    expiry = Expiry(world.database, world.clock)
    while expiry.expire_next():
        pass
    ahead(timedelta(days=14, seconds=1))
    # From its moment on it counts as expired, whether that was noted or not.
    assert (
        call(ann, "GetTransfer", transfer_id=transfer.transfer_id).transfer.state == transfer_pb2.TRANSFER_STATE_EXPIRED
    )
    assert not call(bob, "ListTransfers", states=["TRANSFER_STATE_OFFERED"]).transfers
    (listed,) = call(bob, "ListTransfers", states=["TRANSFER_STATE_EXPIRED"]).transfers
    assert listed.closed_at == transfer.expires_at
    with pytest.raises(Conflict) as refusal:
        accept(call, bob, transfer)
    assert refusal.value.metadata["state"] == "expired"
    while expiry.expire_next():
        pass
    assert "in time" in world.thread(ann, transfer.submission_id)[-1].body
    events = [
        event.transfer_changed for event in world.events(transfer.submission_id) if event.HasField("transfer_changed")
    ]
    assert [event.state for event in events] == [
        transfer_pb2.TRANSFER_STATE_OFFERED, transfer_pb2.TRANSFER_STATE_EXPIRED,
    ]  # fmt: skip
    assert events[-1].actor == pb.ACTOR_ROLE_SYSTEM
    assert not world.events(transfer.submission_id)[-1].publisher_id


def test_a_new_offer_takes_the_place_of_one_that_expired_unnoticed(world, offer, ann, bob, ahead):
    first = offer(ann, bob)
    ahead(timedelta(days=15))
    offer(ann, bob, world.get(ann, first.submission_id))
    rows = world.rows(
        "SELECT state FROM transfers WHERE submission_id = :id ORDER BY offered_at", id=first.submission_id
    )
    assert [row.state for row in rows] == ["expired", "offered"]


def test_one_offer_at_a_time(world, offer, ann, bob):
    transfer = offer(ann, bob)
    with pytest.raises(Conflict) as refusal:
        offer(ann, manager(world), world.get(ann, transfer.submission_id))
    assert (refusal.value.reason, refusal.value.metadata["transfer_id"]) == ("TRANSFER_OPEN", transfer.transfer_id)


def test_only_what_stands_or_stood_in_the_directory_is_offered(world, offer, ann, bob):
    for submission in (world.create(ann), world.in_review(ann), world.approved(ann)):
        with pytest.raises(Conflict) as refusal:
            offer(ann, bob, submission)
        assert refusal.value.reason == "MOVE_NOT_POSSIBLE"
        assert refusal.value.metadata["possible"]
    refused = world.in_review(ann)
    world.decide(world.reviewer(), refused.submission_id, "REJECT", "No", "POLICY")
    appealed = world.move(ann, world.get(ann, refused.submission_id), "APPEAL", "But")
    with pytest.raises(Conflict) as refusal:
        offer(ann, bob, appealed)
    assert refusal.value.metadata["possible"] == "save"  # nothing is appealed twice
    offer(ann, bob, world.move(ann, world.published(ann), "DELIST", "For now."))


def test_what_is_in_other_hands_is_not_accepted_and_the_offer_stays(world, call, offer, ann, bob):
    lead = world.reviewer(lead=True)
    transfer = offer(ann, bob)
    revision_id = submit_revision(world, transfer.submission_id)
    suspended = world.move(lead, world.get(ann, transfer.submission_id), "SUSPEND", "Look into it.")
    assert suspended.edit_pending
    for obstacle in ("suspended", "revision"):
        with pytest.raises(Conflict) as refusal:
            accept(call, bob, transfer)
        assert (refusal.value.reason, refusal.value.metadata["obstacle"]) == ("TRANSFER_NOT_POSSIBLE", obstacle)
        if obstacle == "suspended":
            world.move(lead, suspended, "REINSTATE")
    (item,) = world.rows("SELECT * FROM review_items WHERE revision_id = :id", id=revision_id)
    assert item.organization_id == ann.organization_id
    world.execute("UPDATE review_items SET state = 'voided' WHERE revision_id = :id", id=revision_id)
    accept(call, bob, transfer)


def test_a_revision_that_is_heard_of_later_belongs_to_the_new_owner(world, call, offer, ann, bob):
    transfer = offer(ann, bob)
    accept(call, bob, transfer)
    revision_id = submit_revision(world, transfer.submission_id)
    (item,) = world.rows("SELECT * FROM review_items WHERE revision_id = :id", id=revision_id)
    assert item.organization_id == bob.organization_id


def test_an_offer_that_can_be_none_is_refused_by_field(world, offer, ann):
    submission = world.published(ann)
    for to, code in (("", "NOT_UUID"), ("bob@example.com", "NOT_UUID"), (ann.organization_id, "OWN_ORGANIZATION")):
        with pytest.raises(InvalidInput) as refusal:
            offer(ann, replace(ann, organization_id=to), submission)
        assert [(one.field, one.code) for one in refusal.value.violations] == [("/to_organization_id", code)]
    with pytest.raises(InvalidInput) as refusal:
        offer(ann, manager(world), submission, message="x" * 501)
    assert refusal.value.violations[0].field == "/message"


def test_an_offer_names_the_version_that_was_seen(world, offer, ann, bob):
    seen = world.published(ann)
    world.publish_call(
        ann,
        "MoveSubmission",
        submission_id=seen.submission_id,
        version=seen.version,
        move=pb.MOVE_DEPRECATE,
        comment="m",
    )
    with pytest.raises(VersionMismatch):
        offer(ann, bob, seen)


def test_nobody_is_flooded_with_offers(world, call, offer, ann, bob, ahead):
    submission = world.published(ann)
    for _ in range(10):
        transfer = offer(ann, bob, submission)
        call(bob, "DeclineTransfer", transfer_id=transfer.transfer_id)
    with pytest.raises(LimitExceeded) as refusal:
        offer(ann, bob, submission)
    assert refusal.value.reason == "DAILY_LIMIT"
    ahead(timedelta(hours=24, seconds=1))
    offer(ann, bob, submission)


def test_both_sides_need_directory_management(world, call, offer, ann, bob):
    transfer = offer(ann, bob)
    for person in (ann, bob):
        member = replace(person, directory_management=False)
        for method in ("ListTransfers", "GetTransfer", "CancelTransfer", "DeclineTransfer", "AcceptTransfer"):
            fields = {} if method == "ListTransfers" else {"transfer_id": transfer.transfer_id}
            with pytest.raises(PermissionDenied):
                call(member, method, **fields)


def test_pages_of_transfers(world, call, offer, ann, bob):
    made = [offer(ann, bob).transfer_id for _ in range(3)]
    token, seen = "", []
    while True:
        found = call(bob, "ListTransfers", page_size=2, page_token=token)
        seen += [one.transfer_id for one in found.transfers]
        token = found.next_page_token
        if not token:
            break
    assert seen == made[::-1]
    (one,) = call(
        bob, "ListTransfers", submission_id=call(bob, "GetTransfer", transfer_id=made[0]).transfer.submission_id
    ).transfers
    assert one.transfer_id == made[0]
    assert not call(bob, "ListTransfers", submission_id="none").transfers


def test_of_three_answers_at_once_one_counts(world, call, offer, ann, bob):
    for _ in range(3):
        transfer = offer(ann, bob)
        answers = {"CancelTransfer": ann, "DeclineTransfer": bob, "AcceptTransfer": bob}

        def answer(method, transfer=transfer, answers=answers):
            more = {"reviewer_access": NEW_ACCESS} if method == "AcceptTransfer" else {}
            try:
                return call(answers[method], method, transfer_id=transfer.transfer_id, **more).transfer.state
            except Conflict as refusal:
                return refusal.reason

        with ThreadPoolExecutor(3) as pool:
            told = list(pool.map(answer, answers))
        assert sorted(map(str, told))[1:] == ["TRANSFER_CLOSED"] * 2
        (row,) = world.rows("SELECT state FROM transfers WHERE transfer_id = :id", id=transfer.transfer_id)
        owner = bob if row.state == "accepted" else ann
        assert world.get(owner, transfer.submission_id).organization_id == owner.organization_id


def test_of_two_offers_at_once_one_is_open(world, offer, ann, bob):
    submission = world.published(ann)

    def try_offer(receiver):
        try:
            return offer(ann, receiver, submission).to_organization_id
        except Conflict as refusal:
            return refusal.reason

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(try_offer, (bob, manager(world))))
    assert told.count("TRANSFER_OPEN") == 1


def test_an_item_of_tool_drift_passes_on_and_is_looked_at_anew(world, call, offer, ann, bob):
    transfer = offer(ann, bob)
    item = ReviewItem(
        review_item_id=str(uuid4()), kind=ItemKind.DRIFT, state=ItemState.OPEN,
        submission_id=transfer.submission_id, revision_id=None, organization_id=ann.organization_id,
        opened_at=world.clock(), version=1,
    )  # fmt: skip
    world.database.run(lambda uow: review_items.add(uow.connection, item))
    accept(call, bob, transfer)
    (row,) = world.rows("SELECT * FROM review_items WHERE review_item_id = :id", id=item.review_item_id)
    assert (row.organization_id, row.version, row.state) == (bob.organization_id, 2, "open")
    of_bob = world.reviewer(organizations=(bob.organization_id,))
    with pytest.raises(PermissionDenied, match="OWN_ORGANIZATION"):
        world.review_call(of_bob, "ClaimReviewItem", review_item_id=item.review_item_id)


def test_who_may_be_the_next_owner_decides_nothing_either(world, call, offer, ann, bob):
    """While a server is offered to an organisation, its members act neither on the items nor on the server."""
    submission = world.published(ann)
    world.publish_call(ann, "PostMessage", submission_id=submission.submission_id, body="We sell it")
    item_id = world.open_item(submission.submission_id)
    insider = world.reviewer("Ina", lead=True, organizations=(bob.organization_id,))
    held = world.review_call(insider, "ClaimReviewItem", review_item_id=item_id).item
    transfer = offer(ann, bob, submission)

    seen = world.review_call(insider, "GetReviewItem", review_item_id=item_id)
    assert (seen.can_decide, seen.cannot_decide_reason) == (False, "OWN_ORGANIZATION")
    assert not seen.submission.moves
    answer = {"review_item_id": item_id, "version": held.version, "decision": "DECISION_ANSWER"}
    for method, fields in (
        ("ClaimReviewItem", {"review_item_id": item_id}),
        ("DecideReviewItem", answer),
        ("PostReviewMessage", {"review_item_id": item_id, "body": "hello"}),
        ("GetReviewerAccess", {"review_item_id": item_id}),
    ):
        with pytest.raises(PermissionDenied, match="OWN_ORGANIZATION"):
            world.review_call(insider, method, **fields)
    with pytest.raises(PermissionDenied, match="OWN_ORGANIZATION"):
        world.desk_call(insider, "AssignReviewItem", review_item_id=item_id, person_id=insider.person_id)
    with pytest.raises(PermissionDenied, match="OWN_ORGANIZATION"):
        world.move(insider, world.get(ann, submission.submission_id), "SUSPEND", "Because")

    call(bob, "DeclineTransfer", transfer_id=transfer.transfer_id)
    assert world.review_call(insider, "DecideReviewItem", **answer).item.decided_by_name == "Ina"


def test_who_may_be_the_next_owner_is_not_told_what_reviewers_propose(world, strict, offer, ann, bob):
    submission = world.published(ann)
    asked = {"revision_id": str(uuid4()), "before": submission.form.listing, "after": submission.form.listing}
    event = ListingEvent(event_id=str(uuid4()), listing_id=submission.submission_id, revision_submitted=asked)
    world.database.run(lambda uow: ListingEvents(world.clock).handle(event, uow))
    proposed = world.decide(world.reviewer("Rita"), submission.submission_id, "REJECT", "No", "POLICY")
    insider = world.reviewer("Ina", organizations=(bob.organization_id,))

    def told(**wanted):
        listed = world.review_call(insider, "ListReviewItems", page_size=100, **wanted).items
        return [(one.proposed_by_name, one.comment) for one in listed if one.review_item_id == proposed.review_item_id]

    assert told() == told(proposed=True) == [("Rita", "No")]
    offer(ann, bob, submission)
    assert (told(), told(proposed=True)) == ([("", "")], [])
    seen = world.review_call(insider, "GetReviewItem", review_item_id=proposed.review_item_id).item
    assert (seen.comment, seen.reason_code, seen.proposed_by, seen.proposed_by_name) == ("", "", "", "")


steps = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["offer a", "offer b", "offer c", "cancel", "decline", "accept", "expire", "delist", "relist"]),
    ),
    min_size=6,
    max_size=18,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
def test_whatever_is_tried_one_organisation_owns_everything(world, call, tried):
    """Against a model that knows owner, open offer and state alone."""
    people = {name: manager(world, name=name) for name in "abc"}
    owner, receiver, state = "a", None, "published"
    submission = world.published(people["a"])
    thread_before = len(world.thread(people["a"], submission.submission_id))
    told = 0
    for who, step in [("a", "offer b"), *tried]:
        person = people[who]
        (row,) = world.rows("SELECT version FROM submissions WHERE submission_id = :id", id=submission.submission_id)
        open_ones = world.rows(
            "SELECT transfer_id FROM transfers WHERE submission_id = :id ORDER BY offered_at DESC",
            id=submission.submission_id,
        )
        fields = {"transfer_id": str(open_ones[0].transfer_id) if open_ones else str(uuid4())}
        expected = {
            "offer": who == owner and state != "checking" and receiver is None and step[-1] != who,
            "cancel": who == owner and receiver is not None,
            "decline": who == receiver,
            "accept": who == receiver and state != "checking",
            "expire": receiver is not None,
            "delist": who == owner and state == "published",
            "relist": who == owner and state == "delisted",
        }[step.split()[0]]
        try:
            if step.startswith("offer"):
                call(person, "OfferTransfer", submission_id=submission.submission_id, version=row.version,
                     to_organization_id=people[step[-1]].organization_id)  # fmt: skip
            elif step == "expire":
                world.execute(
                    "UPDATE transfers SET expires_at = now() WHERE submission_id = :id AND state = 'offered'",
                    id=submission.submission_id,
                )
                assert Expiry(world.database, world.clock).expire_next() is expected
            elif step in ("delist", "relist"):
                world.move(person, pb.Submission(submission_id=submission.submission_id, version=row.version),
                           step.upper(), "because")  # fmt: skip
            else:
                more = {"reviewer_access": NEW_ACCESS} if step == "accept" else {}
                call(person, f"{step.capitalize()}Transfer", **fields, **more)
            took_place = expected if step == "expire" else True
        except DirectoryError:
            took_place = False
        assert took_place is expected, (who, step, owner, receiver, state)
        if not took_place:
            continue
        told += 1
        state = {"delist": "delisted", "relist": "checking"}.get(step, state)
        owner = receiver if step == "accept" else owner
        receiver = step[-1] if step.startswith("offer") else None if step not in ("delist", "relist") else receiver
    for name, person in people.items():
        listed = [one.submission_id for one in world.publish_call(person, "ListSubmissions").submissions]
        assert listed == ([submission.submission_id] if name == owner else [])
    thread = world.thread(people[owner], submission.submission_id)
    assert [entry.position for entry in thread] == list(range(1, thread_before + told + 1))
    items = world.rows(
        "SELECT DISTINCT organization_id FROM review_items WHERE submission_id = :id", id=submission.submission_id
    )
    assert [item.organization_id for item in items] == [people[owner].organization_id]
    accepted = [event.organization_id for event in world.events(submission.submission_id)]
    assert accepted[-1] == people[owner].organization_id
    if state == "checking":
        world.run_checks()  # leaves nothing for the next walk
