"""A stage for pages: the real routes, templates and guards over services that answer with hand-made messages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal

import gateway
import pytest
from chassis.errors import Unauthenticated
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import administration_service_pb2 as administration
from directory.authz.v1 import organization_pb2 as authz
from directory.listings.v1 import listing_pb2 as listings
from directory.listings.v1 import listings_service_pb2 as listing_calls
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.metrics.v1 import metrics_service_pb2 as metrics_calls
from directory.metrics.v1 import ranking_service_pb2 as ranking_calls
from directory.metrics.v1 import server_metrics_pb2 as metrics
from directory.notifications.v1 import activity_service_pb2 as activity_calls
from directory.submissions.v1 import review_desk_service_pb2 as desk_calls
from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1 import submission_pb2 as submissions
from directory.submissions.v1 import submissions_service_pb2 as submission_calls
from directory.submissions.v1 import transfers_service_pb2 as transfer_calls
from flask import Flask
from flask_wtf.csrf import generate_csrf
from gateway import guards, problems, signin, web
from gateway.access import Caller, denied
from gateway.bodies import MAX_BODY
from gateway.core import EXTENSION
from gateway.fanout import Fanout
from gateway.ranking import Ranking
from google.protobuf.timestamp_pb2 import Timestamp

ORGANIZATION = "018f0000-0000-7000-8000-000000000001"
PERSON = "018f0000-0000-7000-8000-000000000002"
SUBMISSION = "018f0000-0000-7000-8000-000000000003"
ITEM = "018f0000-0000-7000-8000-000000000004"
ICON = "018f0000-0000-7000-8000-000000000005"
REVISION = "018f0000-0000-7000-8000-000000000006"
NOW = datetime.now(UTC)


def at(**ago: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(NOW - timedelta(**ago))
    return stamp


def content(**changed: Any) -> ListingContent:
    values: dict[str, Any] = {
        "display_name": "Ledgerline",
        "tagline": "Invoices, payments and ledgers, answered in plain words",
        "description": "## What it does\n\nAsk about **open invoices** and cash flow.\n\n- Reads only\n- No set-up",
        "categories": ["finance", "productivity"],
        "documentation_url": "https://docs.ledgerline.example/mcp",
        "privacy_policy_url": "https://ledgerline.example/privacy",
        "support_contact": "support@ledgerline.example",
        "icon_id": ICON,
        "company_name": "Ledgerline GmbH",
        "company_website": "https://ledgerline.example",
    }
    return ListingContent(**(values | changed))


def form(**changed: Any) -> submissions.SubmissionForm:
    values: dict[str, Any] = {
        "server_url": "https://mcp.ledgerline.example/mcp",
        "transport": submissions.TRANSPORT_STREAMABLE_HTTP,
        "listing": content(),
        "slug": "ledgerline",
        "use_cases": ["Which invoices are overdue?", "Sum payments by customer", "Draft a reminder"],
        "data_access": submissions.DATA_ACCESS_READ,
        "authentication": submissions.AUTHENTICATION_MODE_OAUTH_DCR,
        "api_ownership": submissions.API_OWNERSHIP_OWN,
        "health_data": False,
        "sponsored_content": False,
    }
    return submissions.SubmissionForm(**(values | changed))


def submission(state: int = submissions.SUBMISSION_STATE_PUBLISHED, **changed: Any) -> submissions.Submission:
    values: dict[str, Any] = {
        "submission_id": SUBMISSION,
        "organization_id": ORGANIZATION,
        "kind": submissions.SUBMISSION_KIND_REMOTE_MCP,
        "state": state,
        "version": 7,
        "form": form(),
        "reviewer_access_provided": True,
        "display_name": "Ledgerline",
        "tagline": "Invoices, payments and ledgers, answered in plain words",
        "created_at": at(days=60),
        "updated_at": at(days=2),
        "state_changed_at": at(days=40),
    }
    return submissions.Submission(**(values | changed))


def thread() -> list[submissions.ThreadEntry]:
    def entry(position: int, **values: Any) -> submissions.ThreadEntry:
        return submissions.ThreadEntry(position=position, at=at(days=5 - position, hours=2), **values)

    return [
        entry(
            1,
            kind=submissions.THREAD_ENTRY_KIND_MOVE,
            author_role=submissions.ACTOR_ROLE_PUBLISHER,
            author_name="Olu Okafor",
            move=submissions.MOVE_SUBMIT,
            state=submissions.SUBMISSION_STATE_CHECKING,
        ),
        entry(
            2,
            kind=submissions.THREAD_ENTRY_KIND_FINDINGS,
            author_role=submissions.ACTOR_ROLE_SYSTEM,
            move=submissions.MOVE_PASS_CHECKS,
            state=submissions.SUBMISSION_STATE_IN_REVIEW,
            findings=[finding()],
        ),
        entry(
            3,
            kind=submissions.THREAD_ENTRY_KIND_DECISION,
            author_role=submissions.ACTOR_ROLE_REVIEWER,
            author_name="Directory review",
            move=submissions.MOVE_REQUEST_CHANGES,
            state=submissions.SUBMISSION_STATE_CHANGES_REQUESTED,
            body="The privacy policy does not say **how long** data is kept. Please add that.",
        ),
    ]


def finding(**changed: Any) -> submissions.Finding:
    values: dict[str, Any] = {
        "code": "TRANSPORT_SSE",
        "grade": submissions.FINDING_GRADE_WARN,
        "field": "/transport",
        "message": "HTTP with server-sent events is accepted, but streamable HTTP is better.",
    }
    return submissions.Finding(**(values | changed))


def server_metrics(**changed: Any) -> metrics_calls.GetServerMetricsResponse:
    days = []
    for number in range(30):
        day = metrics.DailyFigures(day=f"{(NOW - timedelta(days=30 - number)).date()}")
        if number not in (3, 4, 17):
            day.calls = 320 + (number * 37) % 190 + number * 9
            day.active_users = 60 + (number * 7) % 23 + number
            day.error_rate = 0.012 + ((number * 5) % 9) / 900
        if number > 2:
            day.rank = 14 - number // 4
            day.disconnect_rate = 0.018 + (number % 5) / 1000
        days.append(day)
    types = [
        metrics.ErrorTypeCount(error_type=name, count=count)
        for name, count in (("tool_error", 131), ("timeout", 40), ("-32602", 12), ("429", 9), ("502", 3))
    ]

    def window(length: int, calls: int) -> metrics.WindowFigures:
        return metrics.WindowFigures(
            days=length, calls=calls, error_rate=0.0173, tool_error_rate=0.0121, request_error_rate=0.0052,
            http_4xx_rate=0.0214, http_5xx_rate=0.0003, top_error_types=types,
        )  # fmt: skip

    def product(key: str, calls: int, latency: tuple[int, int, int]) -> metrics.ProductFigures:
        p50, p95, p99 = latency
        return metrics.ProductFigures(product=key, calls=calls, error_rate=0.011, p50_ms=p50, p95_ms=p95, p99_ms=p99)

    values: dict[str, Any] = {
        "server_id": SUBMISSION, "as_of": f"{(NOW - timedelta(days=1)).date()}", "computed_at": at(hours=9),
        "health": metrics.HEALTH_HEALTHY, "health_policy": "disconnect_rate/1", "rank": 7, "ranked_servers": 212,
        "trending": True, "active_users": 1843, "calls": 14211, "disconnect_rate": 0.0213, "error_rate": 0.0173,
        "windows": [window(1, 611), window(7, 4120), window(30, 14211)],
        "products": [
            product("claude_ai", 2810, (142, 610, 1730)),
            product("claude_code", 990, (131, 702, 12400)),
        ],
        "tools": [
            metrics.ToolFigures(tool=name, calls=calls, error_rate=0.02, tool_error_rate=0.014)
            for name, calls in (("list_invoices", 1822), ("get_invoice", 1201), ("search_customers", 640))
        ],
        "daily": days,
    }  # fmt: skip
    products = [
        ("claude_ai", "Claude.ai"),
        ("claude_desktop", "Claude Desktop"),
        ("claude_code", "Claude Code"),
        ("cowork", "Cowork"),
    ]
    return metrics_calls.GetServerMetricsResponse(
        metrics=metrics.ServerMetrics(**(values | changed)),
        products=[metrics_calls.Product(key=key, name=name) for key, name in products],
    )


def listing(**changed: Any) -> listings.Listing:
    values: dict[str, Any] = {
        "listing_id": SUBMISSION,
        "organization_id": ORGANIZATION,
        "state": listings.LISTING_STATE_LIVE,
        "slug": "ledgerline",
        "slug_locked": True,
        "live": content(),
        "server_url": "https://mcp.ledgerline.example/mcp",
        "transport": "streamable_http",
        "version": 4,
        "first_published_at": at(days=40),
        "live_since": at(days=40),
    }
    return listings.Listing(**(values | changed))


def review_item(**changed: Any) -> reviews.ReviewItem:
    values: dict[str, Any] = {
        "review_item_id": ITEM, "kind": reviews.REVIEW_ITEM_KIND_SUBMISSION, "state": reviews.REVIEW_ITEM_STATE_OPEN,
        "submission_id": SUBMISSION, "organization_id": ORGANIZATION, "display_name": "Ledgerline",
        "opened_at": at(hours=30), "due_at": at(hours=-138), "version": 2, "warnings": 1,
    }  # fmt: skip
    return reviews.ReviewItem(**(values | changed))


SAMPLES = SimpleNamespace(
    at=at, content=content, form=form, submission=submission, thread=thread, finding=finding, metrics=server_metrics,
    listing=listing, review_item=review_item,
    ORGANIZATION=ORGANIZATION, PERSON=PERSON, SUBMISSION=SUBMISSION, ITEM=ITEM,
    ICON=ICON, REVISION=REVISION, DIRECTORY=f"/organizations/{ORGANIZATION}/directory",
    PAGE=f"/organizations/{ORGANIZATION}/directory/submissions/{SUBMISSION}",
)  # fmt: skip


class Services:
    """Every stub at once: a call answers what was set under the method's name, or raises it, and is remembered."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "GetOrganization": administration.GetOrganizationResponse(),
            "ListThread": submission_calls.ListThreadResponse(entries=reversed(thread())),
            "GetListing": listing_calls.GetListingResponse(listing=listing()),
            "GetPublicListing": listing_calls.GetPublicListingResponse(listing=listing()),
            "GetServerMetrics": server_metrics(),
            "GetServerProbe": submission_calls.GetServerProbeResponse(),
            "GetChecks": submission_calls.GetChecksResponse(),
            "GetSubmission": submission_calls.GetSubmissionResponse(submission=submission()),
            "ListTransfers": transfer_calls.ListTransfersResponse(),
            "ListAccessTokens": access.ListAccessTokensResponse(),
            "ListOrganizationNames": access.ListOrganizationNamesResponse(names={ORGANIZATION: "Ledgerline GmbH"}),
            "ListReviewers": desk_calls.ListReviewersResponse(),
            "NoteReviewPresence": desk_calls.NoteReviewPresenceResponse(),
            "ListCannedResponses": desk_calls.ListCannedResponsesResponse(),
            "ListServersByRank": ranking_calls.ListServersByRankResponse(),
            "ListTrendingServers": ranking_calls.ListTrendingServersResponse(),
            "ListActivity": activity_calls.ListActivityResponse(),
        }
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        if name[0].islower():
            return self
        return lambda request, timeout=None: self._call(name, request)

    def last(self, name: str) -> Any:
        return next(request for method, request in reversed(self.asked) if method == name)

    def _call(self, name: str, request: Any) -> Any:
        self.asked.append((name, request))
        answer = self.answers[name]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class People:
    """The core's access with one person in one organisation."""

    def __init__(self) -> None:
        self.signed_in = True
        self.by: Literal["session", "access_token", "identity_provider"] = "session"
        self.membership = authz.Membership(
            organization=authz.Organization(
                organization_id=ORGANIZATION, name="Ledgerline GmbH", plan=authz.PLAN_ENTERPRISE
            ),
            role=authz.ROLE_OWNER,
            directory_management=True,
        )
        self.person = authz.Person(person_id=PERSON, email="olu@ledgerline.example", name="Olu Okafor")
        self.invitations: list[authz.Membership] = []
        self.accepted: list[str] = []

    def caller_or_none(self) -> Caller | None:
        return Caller(PERSON, self.person.name, self.person.email, self.by) if self.signed_in else None

    def caller(self) -> Caller:
        if not self.signed_in:
            raise Unauthenticated("SIGN_IN_REQUIRED", "Sign in.")
        return Caller(PERSON, self.person.name, self.person.email, self.by)

    def memberships(self) -> access.ListMembershipsResponse:
        held = [] if self.invitations else [self.membership]
        return access.ListMembershipsResponse(person=self.person, memberships=held, invitations=self.invitations)

    def accept(self, organization_id: str) -> None:
        self.accepted.append(organization_id)

    @contextmanager
    def acting(self, organization_id: str = "") -> Iterator[authz.Membership]:
        yield self.membership

    @contextmanager
    def managing(self, organization_id: str) -> Iterator[authz.Membership]:
        if not self.membership.directory_management:
            raise denied(self.membership)
        yield self.membership


class Stage:
    """The application, its services, and a browser without JavaScript."""

    def __init__(self) -> None:
        self.services, self.people = Services(), People()
        settings = SimpleNamespace(
            support_address="directory@example.org",
            address_limit=100_000,
            caller_limit=100_000,
            organization_limit=100_000,
            public_url="http://localhost",
        )
        app = Flask("gateway", root_path=gateway.__path__[0])
        app.secret_key = "a key of the stage"
        app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
        app.extensions[EXTENSION] = SimpleNamespace(
            settings=settings, backends=self.services, access=self.people, fanout=Fanout(4), ranking=None
        )
        guards.register(app, settings)
        app.register_blueprint(signin.blueprint)
        problems.register(app, public_url=settings.public_url, page=web.register(app))
        app.add_url_rule("/token", "token", generate_csrf)
        self.app, self.browser = app, app.test_client()

    def get(self, path: str, status: int = 200) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303) -> str:
        token = self.browser.get("/token").text
        answer = self.browser.post(path, data={"csrf_token": token, **(data or {})})
        answer.request.environ["wsgi.input"].close()  # a temporary file, where the form is large
        assert answer.status_code == status, answer.text[:3000]
        return answer.headers.get("Location", "") if status in (302, 303) else answer.text


@pytest.fixture(scope="session")
def built_stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.app.extensions[EXTENSION].fanout.close()


@pytest.fixture
def stage(built_stage: Stage) -> Stage:
    built_stage.services.__init__()
    built_stage.people.__init__()
    built_stage.app.extensions[EXTENSION].ranking = Ranking(built_stage.services)
    built_stage.browser = built_stage.app.test_client()
    return built_stage


@pytest.fixture
def samples() -> SimpleNamespace:
    return SAMPLES


@pytest.fixture
def text_of() -> Callable[[str], str]:
    """A page's words without its tags, spaces made single."""

    def plain(page: str) -> str:
        body = page.split("<main", 1)[-1].split("</main>", 1)[0]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", body)))

    return plain
