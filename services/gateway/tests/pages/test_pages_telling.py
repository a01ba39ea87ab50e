"""Notifications, activity, webhooks and badges, as people and their programs see them."""

import xml.etree.ElementTree as ET
from typing import Any

from chassis.errors import Conflict, InvalidInput, NotFound, Unavailable, VersionMismatch, Violation
from chassis.ids import new_id
from directory.listings.v1 import listing_pb2, listing_version_pb2
from directory.listings.v1 import listings_service_pb2 as listing_calls
from directory.metrics.v1 import ranking_service_pb2 as ranking
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.notifications.v1 import activity_service_pb2 as activity
from directory.notifications.v1 import preferences_service_pb2 as preferences
from directory.notifications.v1 import webhooks_service_pb2 as webhooks
from directory.submissions.v1 import submissions_service_pb2 as submission_calls

HOSTILE = "<script>alert('x')</script>"
WEBHOOK = "018f0000-0000-7000-8000-00000000000a"
DELIVERY = "018f0000-0000-7000-8000-00000000000b"


def endpoint(samples: Any, **changes: Any) -> webhooks.Webhook:
    settings = webhooks.WebhookSettings(url="https://hooks.example/in", description="Build bot", enabled=True)
    for name in ("url", "description", "event_types", "enabled"):
        if name in changes:
            value = changes.pop(name)
            settings.MergeFrom(webhooks.WebhookSettings(**{name: value}))
            if value is False:
                settings.ClearField(name)
    return webhooks.Webhook(webhook_id=WEBHOOK, settings=settings, version=3, created_at=samples.at(days=3), **changes)


def delivery(samples: Any, **changes: Any) -> webhooks.Delivery:
    values = {
        "delivery_id": DELIVERY,
        "message_id": new_id(),
        "event_type": "submission.status_changed",
        "state": "DELIVERY_STATE_FAILED",
        "attempts": 2,
        "created_at": samples.at(hours=1),
        "last_status_code": 500,
        "last_error": "The answer was 500.",
    }
    return webhooks.Delivery(**(values | changes))


def account(samples: Any) -> str:
    return f"/organizations/{samples.ORGANIZATION}"


def test_the_dashboard_shows_what_happened_last(stage: Any, samples: Any, text_of: Any) -> None:
    stage.services.answers["ListSubmissions"] = submission_calls.ListSubmissionsResponse()
    said = activity.Activity(
        summary=f"Ada published {HOSTILE}", submission_id=samples.SUBMISSION, occurred_at=samples.at(hours=2)
    )
    stage.services.answers["ListActivity"] = activity.ListActivityResponse(activities=[said])
    page = stage.get(samples.DIRECTORY)
    assert "Latest activity" in page
    assert HOSTILE not in page
    assert samples.PAGE in page
    assert stage.services.last("ListActivity").page_size == 5


def test_the_dashboard_is_there_without_the_activity(stage: Any, samples: Any) -> None:
    stage.services.answers["ListSubmissions"] = submission_calls.ListSubmissionsResponse()
    stage.services.answers["ListActivity"] = Unavailable("SERVICE_UNAVAILABLE", "Away.")
    assert "The activity is not available at present." in stage.get(samples.DIRECTORY)


def test_the_activity_has_pages(stage: Any, samples: Any) -> None:
    said = activity.Activity(summary="Ada published Ledgerline", occurred_at=samples.at(hours=2))
    stage.services.answers["ListActivity"] = activity.ListActivityResponse(activities=[said], next_page_token="more")
    page = stage.get(f"{samples.DIRECTORY}/activity")
    assert "Ada published Ledgerline" in page
    assert f"{samples.DIRECTORY}/activity?page=more" in page


def test_topics_that_are_ticked_are_on_and_all_others_off(stage: Any, samples: Any) -> None:
    chosen = [preferences.Preference(topic=number, email=number != 2) for number in range(1, 6)]
    stage.services.answers["GetPreferences"] = preferences.GetPreferencesResponse(preferences=chosen)
    stage.services.answers["SetPreferences"] = preferences.SetPreferencesResponse()
    page = stage.get(f"{account(samples)}/notifications")
    assert page.count('name="topic"') == 5
    assert page.count(" checked>") == 4
    stage.post(f"{account(samples)}/notifications", {"topic": ["1", "4"]})
    asked = stage.services.last("SetPreferences").preferences
    assert [each.topic for each in asked if each.email] == [1, 4]
    assert len(asked) == 5


def test_a_look_at_the_link_stops_nothing_and_one_click_does(stage: Any) -> None:
    stage.people.signed_in = False
    stage.services.answers["GetUnsubscription"] = preferences.GetUnsubscriptionResponse(topic=1, email=True)
    stage.services.answers["Unsubscribe"] = preferences.UnsubscribeResponse(topic=1)
    assert "Stop e-mails about “Status”" in stage.get("/unsubscribe/a-token")
    assert [name for name, _ in stage.services.asked] == ["GetUnsubscription"]
    # As mail programs post it: without a cookie and a token of ours.
    answer = stage.app.test_client().post("/unsubscribe/a-token", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "E-mails are stopped" in answer.text
    assert stage.services.last("Unsubscribe").token == "a-token"


def test_a_link_that_is_none_says_so(stage: Any) -> None:
    refused = InvalidInput("UNSUBSCRIBE_LINK_INVALID", "This link is not complete. Use the one in the e-mail.")
    stage.services.answers["GetUnsubscription"] = refused
    assert "This link is not complete" in stage.get("/unsubscribe/x", 404)


def test_a_secret_is_on_the_page_that_made_it_alone(stage: Any, samples: Any) -> None:
    services = stage.services.answers
    services["CreateWebhook"] = webhooks.CreateWebhookResponse(webhook=endpoint(samples), secret="whsec_once")
    services["ListDeliveries"] = webhooks.ListDeliveriesResponse()
    services["GetWebhook"] = webhooks.GetWebhookResponse(webhook=endpoint(samples))
    made = stage.post(
        f"{account(samples)}/webhooks",
        {"url": " https://hooks.example/in ", "description": "Build bot", "event_type": ["server.health_changed"]},
        201,
    )
    assert "whsec_once" in made
    asked = stage.services.last("CreateWebhook").settings
    assert (asked.url, list(asked.event_types), asked.enabled) == (
        "https://hooks.example/in",
        ["server.health_changed"],
        True,
    )
    page = stage.get(f"{account(samples)}/webhooks/{WEBHOOK}")
    assert "whsec_" not in page
    assert "Nothing was sent yet." in page


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(stage: Any, samples: Any) -> None:
    wrong = Violation("/url", "NOT_SERVER_URL", "Give a full address.")
    stage.services.answers["CreateWebhook"] = InvalidInput("SETTINGS_INVALID", "Wrong.", violations=[wrong])
    stage.services.answers["ListWebhooks"] = webhooks.ListWebhooksResponse()
    page = stage.post(f"{account(samples)}/webhooks", {"url": HOSTILE, "description": "Kept"}, 422)
    assert 'id="field-url-error1"' in page
    assert 'value="Kept"' in page
    assert HOSTILE not in page


def test_the_log_says_what_came_of_each_message(stage: Any, samples: Any, text_of: Any) -> None:
    services = stage.services.answers
    services["GetWebhook"] = webhooks.GetWebhookResponse(
        webhook=endpoint(samples, enabled=False, disabled_reason="DISABLED_REASON_GONE")
    )
    services["ListDeliveries"] = webhooks.ListDeliveriesResponse(deliveries=[delivery(samples)], next_page_token="n")
    page = stage.get(f"{account(samples)}/webhooks/{WEBHOOK}")
    text = text_of(page)
    assert "It answered 410 Gone." in text
    assert "The answer was 500." in text
    assert "Send a test event" not in text
    assert f"/webhooks/{WEBHOOK}?page=n" in page


def test_a_delivery_can_be_sent_again(stage: Any, samples: Any) -> None:
    services = stage.services.answers
    attempt = webhooks.DeliveryAttempt(at=samples.at(hours=1), status_code=500, duration_ms=12, response=HOSTILE)
    services["GetDelivery"] = webhooks.GetDeliveryResponse(
        delivery=delivery(samples), payload='{"type": "x"}', attempts=[attempt]
    )
    services["Redeliver"] = webhooks.RedeliverResponse()
    place = f"{account(samples)}/webhooks/{WEBHOOK}/deliveries/{DELIVERY}"
    page = stage.get(place)
    assert HOSTILE not in page
    assert "after 12 ms" in page
    assert stage.post(place).endswith(place)
    services["Redeliver"] = Conflict("WEBHOOK_DISABLED", "Enable the endpoint first.")
    assert "Enable the endpoint first." in stage.post(place, status=409)


def test_changes_name_the_version_that_was_seen(stage: Any, samples: Any) -> None:
    services = stage.services.answers
    services["UpdateWebhook"] = webhooks.UpdateWebhookResponse()
    services["DeleteWebhook"] = webhooks.DeleteWebhookResponse()
    services["RotateSecret"] = VersionMismatch("VERSION_MISMATCH", "Changed.")
    services["GetWebhook"] = webhooks.GetWebhookResponse(webhook=endpoint(samples))
    services["ListDeliveries"] = webhooks.ListDeliveriesResponse()
    place = f"{account(samples)}/webhooks/{WEBHOOK}"
    stage.post(place, {"version": "3", "url": "https://hooks.example/in"})
    assert stage.services.last("UpdateWebhook").version == 3
    assert stage.services.last("UpdateWebhook").settings.enabled is False
    stage.post(f"{place}/delete", {"version": "3"})
    assert stage.services.last("DeleteWebhook").version == 3
    assert "it changed meanwhile" in stage.post(f"{place}/secret", {"version": "2"}, 412)


def badge_of(stage: Any, path: str = "/badges/ledgerline.svg", **headers: str) -> Any:
    return stage.app.test_client().get(path, headers=headers)


def publish(stage: Any, samples: Any, **changes: Any) -> None:
    stage.people.signed_in = False
    listing = samples.listing(live=samples.content(**changes))
    stage.services.answers["GetPublicListing"] = listing_calls.GetPublicListingResponse(listing=listing)
    stage.services.answers["GetServerBadge"] = ranking.GetServerBadgeResponse(health=metrics.HEALTH_HEALTHY, rank=1234)


def test_a_badge_says_the_health_to_eyes_and_readers(stage: Any, samples: Any) -> None:
    publish(stage, samples, display_name=f'A & B "{HOSTILE}')
    answer = badge_of(stage)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    picture = ET.fromstring(answer.text)
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == f'Health of A & B "{HOSTILE}: Healthy'
    assert picture.attrib["aria-label"] == title.text
    assert picture.find(".//{http://www.w3.org/2000/svg}script") is None
    assert "#1,234" not in answer.text
    assert "Healthy · #1,234" in badge_of(stage, "/badges/ledgerline.svg?rank=1").text


def test_a_badge_is_kept_by_caches_and_embedded_anywhere(stage: Any, samples: Any) -> None:
    publish(stage, samples)
    answer = badge_of(stage)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert badge_of(stage, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    stage.services.answers["GetServerBadge"] = ranking.GetServerBadgeResponse(health=metrics.HEALTH_DEGRADED)
    changed = badge_of(stage, **{"If-None-Match": answer.headers["ETag"]})
    assert (changed.status_code, "Degraded" in changed.text) == (200, True)


def test_what_never_was_listed_has_no_badge(stage: Any) -> None:
    for call in ("GetPublicListing", "GetVersion"):
        stage.services.answers[call] = NotFound("LISTING_NOT_FOUND", "There is no such listing.")
    assert badge_of(stage).status_code == 404


def test_the_badge_of_what_left_the_directory_is_a_picture_that_does_not_say_why(stage: Any, samples: Any) -> None:
    """Whether its publisher or the directory took it off is the same to everybody else."""
    stage.services.answers["GetPublicListing"] = NotFound("LISTING_NOT_FOUND", "There is no such listing.")
    shown = []
    for state in (listing_pb2.LISTING_STATE_SUSPENDED, listing_pb2.LISTING_STATE_DELISTED):
        version = listing_version_pb2.ListingVersion(slug="ledgerline", state=state)
        stage.services.answers["GetVersion"] = listing_calls.GetVersionResponse(version=version)
        answer = badge_of(stage, "/badges/ledgerline.svg?rank=1")
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        shown.append(answer.text)
    assert "Health of ledgerline: not listed" in shown[0]
    assert shown[0] == shown[1]
    assert stage.services.last("GetVersion").taken_off_too


def test_without_metrics_the_badge_says_so_for_a_moment(stage: Any, samples: Any) -> None:
    publish(stage, samples)
    stage.services.answers["GetServerBadge"] = Unavailable("SERVICE_UNAVAILABLE", "Away.")
    answer = badge_of(stage)
    assert "not available" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=30"


def test_the_metrics_page_has_the_badge_to_copy(stage: Any, samples: Any) -> None:
    page = stage.get(samples.PAGE)
    picture = "http://localhost/badges/ledgerline.svg"
    assert f"[![MCP health]({picture})](http://localhost/directory/ledgerline)" in page
    assert f"&lt;img src=&#34;{picture}&#34;" in page.replace('"', "&#34;")
