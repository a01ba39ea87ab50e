"""What people are told by e-mail."""

from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.errors import InvalidInput, Unavailable
from chassis.ids import new_id
from chassis.process import Stop
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import AppliedBySetting, DecisionVoided, ListingEvent, RevisionClosed
from directory.notifications.v1 import activity_service_pb2 as activity_pb
from directory.notifications.v1 import preferences_service_pb2 as pb
from directory.submissions.v1.review_service_pb2 import Decision
from directory.submissions.v1.submission_events_pb2 import (
    RevisionDecided,
    SubmissionEvent,
    ToolDriftDecided,
    ToolDriftOutcome,
    TransferChanged,
)
from directory.submissions.v1.transfer_pb2 import TransferState
from notifications.store import mails


def send(directory: Any, mail_server: Any) -> None:
    directory.address()
    sender = directory.mail_sender(mail_server.port)
    while sender.send_some(Stop()):
        pass


def recipients(mail_server: Any) -> list[str]:
    return sorted(str(mail["To"]) for mail in mail_server.taken)


def test_every_manager_hears_of_a_decision(directory: Any, mail_server: Any) -> None:
    submission_id = new_id()
    directory.happens(directory.moved(submission_id, "REQUEST_CHANGES", comment="Use <b>words</b>.\nAnd a title."))
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]
    mail = mail_server.taken[0]
    assert mail["Subject"] == "Reviewers request changes to Ledgerline"
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    page = f"https://directory.example/organizations/{directory.organization}/directory/submissions/{submission_id}"
    assert page in text
    assert page in html
    assert "> Use <b>words</b>.\n> And a title." in text
    assert "Use &lt;b&gt;words&lt;/b&gt;.<br>And a title." in html
    assert "Northwind &lt;Tools&gt;" in html


WHY = {"reason_code": "ICON", "comment": "Too small."}
ASKED_OF_EDIT = RevisionDecided(decision=Decision.DECISION_REQUEST_CHANGES, **WHY)
ASKED_OF_TOOLS = ToolDriftDecided(outcome=ToolDriftOutcome.TOOL_DRIFT_OUTCOME_CHANGES_REQUESTED, **WHY)


@pytest.mark.parametrize(
    "decided",
    [{}, {"revision_decided": ASKED_OF_EDIT}, {"tool_drift_decided": ASKED_OF_TOOLS}],
    ids=["submission", "edit", "tools"],
)
def test_a_decision_comes_with_its_reason_and_what_can_be_done(
    directory: Any, mail_server: Any, decided: dict[str, Any]
) -> None:
    event = directory.moved(new_id(), "REQUEST_CHANGES", **WHY)
    event.MergeFrom(SubmissionEvent(**decided))
    directory.happens(event)
    send(directory, mail_server)
    text, html = (
        mail_server.taken[0].get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")
    )
    said = "Reason: The icon. Upload a square icon of your own that is readable at small sizes."
    assert f"\n\n{said}\n\n> Too small.\n\n" in text
    assert f"<p>{said}</p><blockquote>Too small.</blockquote>" in html


def test_a_reason_that_is_newer_than_this_code_is_left_to_the_comment(directory: Any, mail_server: Any) -> None:
    directory.happens(directory.moved(new_id(), "REJECT", reason_code="NEWER", comment="Not this."))
    send(directory, mail_server)
    text = mail_server.taken[0].get_body(("plain",)).get_content()
    assert "> Not this." in text
    assert "Reason" not in text


def test_whom_a_server_is_offered_to_is_led_to_its_offers(directory: Any, mail_server: Any) -> None:
    receiving = new_id()
    event = directory.moved(new_id(), "PUBLISH")
    event.transfer_changed.CopyFrom(
        TransferChanged(
            transfer_id="t",
            state=TransferState.TRANSFER_STATE_OFFERED,
            from_organization_id=directory.organization,
            to_organization_id=receiving,
            display_name="Ledgerline",
        )
    )
    directory.happens(event)
    send(directory, mail_server)
    [text, _] = [
        mail.get_body(("plain",)).get_content()
        for mail in mail_server.taken
        if mail["Subject"] == "Another organisation offers you Ledgerline"
    ]
    assert f"See it: https://directory.example/organizations/{receiving}/directory/transfers\n" in text.replace(
        "\r\n", "\n"
    )


@pytest.mark.parametrize("state", ["OFFERED", "DECLINED", "CANCELED", "ACCEPTED"])
def test_who_takes_a_step_of_a_transfer_has_no_mail_about_it(directory: Any, mail_server: Any, state: str) -> None:
    """Ada did it, for whichever side; events of before do not say who."""
    for doer in ("ada", ""):
        mail_server.taken.clear()
        event = directory.moved(new_id(), "PUBLISH", publisher_id=doer)
        event.transfer_changed.CopyFrom(
            TransferChanged(
                transfer_id="t",
                state=f"TRANSFER_STATE_{state}",
                from_organization_id=directory.organization,
                to_organization_id=new_id(),
                display_name="Ledgerline",
            )
        )
        directory.happens(event)
        send(directory, mail_server)
        assert set(recipients(mail_server)) == ({"bob@example.com"} if doer else {"ada@example.com", "bob@example.com"})


def test_mails_about_a_submission_are_one_thread_and_can_be_stopped_with_one_click(
    directory: Any, mail_server: Any
) -> None:
    submission_id = new_id()
    for move in ("APPROVE", "SUSPEND"):
        directory.happens(directory.moved(submission_id, move))
    send(directory, mail_server)
    assert len({str(mail["References"]) for mail in mail_server.taken}) == 1
    assert len({str(mail["Message-ID"]) for mail in mail_server.taken}) == 4
    mail = next(mail for mail in mail_server.taken if mail["To"] == "bob@example.com")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"\r\nList-Unsubscribe: {mail['List-Unsubscribe']}\r\n".encode() in mail_server.sent, "no encoded words"
    token = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("https://directory.example/unsubscribe/")

    look = pb.GetUnsubscriptionRequest(token=token)
    assert directory.unsubscribing.GetUnsubscription(look).email is True
    for _ in range(2):
        stopped = directory.unsubscribing.Unsubscribe(pb.UnsubscribeRequest(token=token))
        assert stopped.topic == activity_pb.TOPIC_FEEDBACK
    assert directory.unsubscribing.GetUnsubscription(look).email is False
    mail_server.taken.clear()
    directory.happens(directory.moved(submission_id, "REJECT"))
    directory.happens(directory.moved(submission_id, "PASS_CHECKS", actor="SYSTEM"))
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "ada@example.com", "bob@example.com"]


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "\u00e9"])
def test_a_forged_link_stops_nothing(directory: Any, token: str) -> None:
    for call, request in (
        (directory.unsubscribing.Unsubscribe, pb.UnsubscribeRequest(token=token)),
        (directory.unsubscribing.GetUnsubscription, pb.GetUnsubscriptionRequest(token=token)),
    ):
        with pytest.raises(InvalidInput, match="UNSUBSCRIBE_LINK_INVALID"):
            call(request)


def test_a_sealed_secret_is_no_link(directory: Any) -> None:
    token = directory.keys.seal(new_id(), "whsec_x").decode()
    with pytest.raises(InvalidInput, match="UNSUBSCRIBE_LINK_INVALID"):
        directory.unsubscribing.Unsubscribe(pb.UnsubscribeRequest(token=token))


def test_nobody_is_told_what_they_did_themselves(directory: Any, mail_server: Any) -> None:
    directory.happens(directory.moved(new_id(), "PUBLISH", publisher_id="ada", publisher_name="Ada"))
    send(directory, mail_server)
    assert recipients(mail_server) == ["bob@example.com"]
    assert mail_server.taken[0]["Subject"] == "Ada published Ledgerline"


def of_a_listing(directory: Any, **event: Any) -> ListingEvent:
    return ListingEvent(
        event_id=new_id(),
        occurred_at=datetime.now(UTC),
        listing_id=new_id(),
        organization_id=directory.organization,
        **event,
    )


def test_whose_edit_went_live_at_once_is_not_told_so(directory: Any, mail_server: Any) -> None:
    closed = RevisionClosed(
        live=ListingContent(display_name="Ledgerline"),
        applied_by_setting=AppliedBySetting(submitted_by_id="ada", submitted_by_name="Ada"),
    )
    directory.happens(of_a_listing(directory, revision_closed=closed))
    send(directory, mail_server)
    assert recipients(mail_server) == ["bob@example.com"]
    assert mail_server.taken[0]["Subject"] == "Ada changed the listing of Ledgerline; it is live"


def test_who_was_told_of_an_approval_is_told_that_it_came_too_late(directory: Any, mail_server: Any) -> None:
    directory.happens(of_a_listing(directory, decision_voided=DecisionVoided(revision_id="r")))
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]
    assert "came too late and changes nothing" in mail_server.taken[0]["Subject"]


def test_what_is_no_news_is_not_mailed(directory: Any, mail_server: Any) -> None:
    directory.happens(directory.moved(new_id(), "CREATE"))
    directory.happens(directory.moved(new_id(), "APPROVE", occurred_at=datetime(2020, 1, 1, tzinfo=UTC)))
    send(directory, mail_server)
    assert mail_server.taken == []
    assert len(directory.query("SELECT 1 FROM activities")) == 2


def test_an_address_that_is_refused_for_good_is_given_up(directory: Any, mail_server: Any) -> None:
    mail_server.answers["bob@example.com"] = ["550 no such mailbox"]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com"]
    [bob] = directory.query("SELECT * FROM mails WHERE person_id = 'bob'")
    assert (bob.state, bob.attempts, bob.last_error) == ("failed", 1, "550 no such mailbox")
    directory.clock.forward(days=3)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com"]


def test_what_is_refused_for_now_comes_later_and_is_the_same_message(directory: Any, mail_server: Any) -> None:
    mail_server.answers["bob@example.com"] = ["451 later", "451 later"]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com"]
    [bob] = directory.query("SELECT * FROM mails WHERE person_id = 'bob'")
    assert (bob.state, bob.attempts, bob.last_error) == ("waiting", 1, "451 later")
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com"]
    for _ in range(2):
        directory.clock.forward(minutes=6)
        send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]
    assert mail_server.taken[-1]["Message-ID"] == f"<{bob.mail_id}@directory.example>"


def test_who_has_left_gets_nothing_of_what_waits(directory: Any, mail_server: Any) -> None:
    mail_server.answers["bob@example.com"] = ["451 later"]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    send(directory, mail_server)
    directory.managers.persons = [("ada", "ada@example.com")]
    directory.clock.forward(minutes=6)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com"]
    [bob] = directory.query("SELECT * FROM mails WHERE person_id = 'bob'")
    assert (bob.state, bob.last_error) == ("failed", "no recipient any more")


def test_what_waits_goes_out_when_authz_is_back(directory: Any, mail_server: Any) -> None:
    mail_server.answers["bob@example.com"] = ["451 later"]
    directory.happens(directory.moved(new_id(), "APPROVE"))
    send(directory, mail_server)
    directory.clock.forward(minutes=6)
    directory.managers.is_away = True
    with pytest.raises(Unavailable):
        send(directory, mail_server)
    directory.managers.is_away = False
    directory.clock.forward(minutes=6)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]


def test_a_server_that_is_away_loses_nothing(directory: Any, mail_server: Any) -> None:
    directory.happens(directory.moved(new_id(), "APPROVE"))
    mail_server.stop()
    send(directory, mail_server)
    assert {row.state for row in directory.query("SELECT state FROM mails")} == {"waiting"}
    mail_server.start()
    directory.clock.forward(minutes=2)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]


def test_after_the_last_attempt_it_is_over(directory: Any, mail_server: Any) -> None:
    mail_server.answers["bob@example.com"] = ["451 later"] * 20
    directory.happens(directory.moved(new_id(), "APPROVE"))
    for _ in range(12):
        send(directory, mail_server)
        directory.clock.forward(days=1, minutes=1)
    [bob] = directory.query("SELECT * FROM mails WHERE person_id = 'bob'")
    assert (bob.state, bob.attempts) == ("failed", 9)


def test_what_a_sender_took_and_never_sent_is_sent_by_another(directory: Any, mail_server: Any) -> None:
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.address()
    directory.database.run(lambda uow: mails.take(uow, now=directory.clock(), most=10))
    send(directory, mail_server)
    assert mail_server.taken == []
    directory.clock.forward(minutes=6)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]


def test_a_slow_server_gets_no_message_twice(directory: Any, mail_server: Any) -> None:
    take = mail_server.handle_DATA

    async def slowly(*session: Any) -> str:
        directory.clock.forward(minutes=3)
        return str(await take(*session))

    mail_server.handle_DATA = slowly
    directory.happens(directory.moved(new_id(), "APPROVE"))
    send(directory, mail_server)
    assert len(mail_server.taken) == 1, "the second would be sent when its lease may be over"
    directory.clock.forward(minutes=3)
    send(directory, mail_server)
    assert recipients(mail_server) == ["ada@example.com", "bob@example.com"]


def test_preferences_are_a_persons_own_for_one_organization(directory: Any, mail_server: Any) -> None:
    choice = pb.Preference(topic=activity_pb.TOPIC_STATUS, email=False)
    with directory.signed_in():
        chosen = directory.preferences.SetPreferences(pb.SetPreferencesRequest(preferences=[choice])).preferences
        assert {each.topic: each.email for each in chosen} == {
            activity_pb.TOPIC_STATUS: False,
            activity_pb.TOPIC_FEEDBACK: True,
            activity_pb.TOPIC_LISTING: True,
            activity_pb.TOPIC_HEALTH: True,
            activity_pb.TOPIC_WEBHOOKS: True,
        }
    with directory.signed_in("another"):
        theirs = directory.preferences.GetPreferences(pb.GetPreferencesRequest()).preferences
        assert all(each.email for each in theirs)
    directory.happens(directory.moved(new_id(), "WITHDRAW"))
    send(directory, mail_server)
    assert recipients(mail_server) == ["bob@example.com"]
    with directory.signed_in(), pytest.raises(InvalidInput, match="SETTINGS_INVALID"):
        directory.preferences.SetPreferences(pb.SetPreferencesRequest(preferences=[pb.Preference(email=True)]))
