"""Every code that a problem can bear, with its title. docs/api.md explains each; a test compares the two."""

from __future__ import annotations

from types import MappingProxyType

# Codes of the gateway itself.
_EDGE = {
    "SIGN_IN_REQUIRED": "Sign in, or send an access token",
    "TOKEN_INVALID": "The access token is not good",
    "TOKEN_SCOPE": "The access token is not for this",
    "SIGN_IN_FAILED": "Signing in did not work",
    "CSRF_FAILED": "The request does not come from a page of ours",
    "ROUTE_NOT_FOUND": "There is nothing here",
    "METHOD_NOT_ALLOWED": "This method is not possible here",
    "JSON_MALFORMED": "The body is not JSON",
    "JSON_TOO_DEEP": "The body is nested too deeply",
    "HEADER_INVALID": "A header is not well formed",
    "CONTENT_TYPE_UNSUPPORTED": "This content type is not taken here",
    "BODY_TOO_LARGE": "The body is too large",
    "REQUEST_INVALID": "The request breaks the API's schema",
    "BAD_REQUEST": "The request can't be understood",
    "IF_MATCH_REQUIRED": "Say which version you have seen",
    "RATE_LIMITED": "Too many requests",
    "DEADLINE_EXCEEDED": "A service did not answer in time",
    "UNAVAILABLE": "A service is not available at present",
    "INTERNAL": "Something went wrong on our side",
}

# Reasons of the chassis, which any service may send.
_CHASSIS = {
    "GRANT_INVALID": "The request could not be authorised",
    "GRANT_REQUIRED": "The request could not be authorised",
    "PEER_NOT_ALLOWED": "The request could not be authorised",
    "IDEMPOTENCY_KEY_REUSED": "The idempotency key was used for another request",
    "IDEMPOTENCY_KEY_INVALID": "The idempotency key is not well formed",
    "SERVICE_UNAVAILABLE": "A service is not available at present",
    "DATABASE_UNAVAILABLE": "A service is not available at present",
    "CANCELLED": "A service did not answer",
    "RESOURCE_EXHAUSTED": "A service is not available at present",
    "PAGE_TOKEN_INVALID": "The cursor is not one of ours",
}

_AUTHZ = {
    "ORGANIZATION_NOT_FOUND": "There is no such organisation",
    "PERSON_NOT_FOUND": "There is no such person",
    "PLAN_WITHOUT_DASHBOARD": "The organisation's plan has no dashboard",
    "DIRECTORY_MANAGEMENT_REQUIRED": "Directory management is needed",
    "OWNER_REQUIRED": "Only owners may do this",
    "PLAN_WITHOUT_CUSTOM_ROLES": "The organisation's plan has no custom roles",
    "PRIMARY_OWNER_REQUIRED": "There must be exactly one primary owner",
    "ACCESS_TOKEN_NOT_FOUND": "There is no such access token",
    "TOO_MANY_ACCESS_TOKENS": "As many access tokens as can be are there",
    "ALREADY_A_MEMBER": "They are a member already",
    "MEMBER_NOT_FOUND": "There is no such member",
    "CUSTOM_ROLE_NOT_FOUND": "There is no such custom role",
    "FIELDS_INVALID": "Fields break their rules",
    "NAME_TAKEN": "The name is taken",
    "TOO_MANY_MEMBERS": "As many members as can be are there",
}

_SUBMISSIONS = {
    "SUBMISSION_NOT_FOUND": "There is no such submission",
    "REVIEW_ITEM_NOT_FOUND": "There is no such review item",
    "FORM_INVALID": "Fields break their rules",
    "FORM_INCOMPLETE": "Fields are missing for submitting",
    "MOVE_NOT_POSSIBLE": "This move is not possible now",
    "VERSION_MISMATCH": "Somebody else changed it in between",
    "SLUG_LOCKED": "The slug is permanent",
    "SLUG_TAKEN": "The slug is taken",
    "SERVER_URL_TAKEN": "The server is submitted already",
    "DAILY_LIMIT": "Too many new submissions or offers today",
    "COMMENT_REQUIRED": "A comment is needed",
    "REASON_REQUIRED": "A reason is needed",
    "CLAIMED": "Somebody else holds the claim",
    "NOT_CLAIMED": "Claim the item first",
    "ALREADY_DECIDED": "The item was decided before",
    "OWN_ORGANIZATION": "The item is of your own organisation",
    "STAFF_REQUIRED": "Only staff of the directory may do this",
    "LEAD_REVIEWER_REQUIRED": "Only a lead reviewer may do this",
    "CHECKS_NOT_POSSIBLE": "The checks can't be run now",
    "CHECKS_TOO_OFTEN": "The checks ran a moment ago",
    "TOO_MANY_MESSAGES": "Many messages wait for an answer",
    "TRANSFER_NOT_FOUND": "There is no such transfer",
    "TRANSFER_OPEN": "The server is offered already",
    "TRANSFER_CLOSED": "The offer is not open any more",
    "TRANSFER_NOT_POSSIBLE": "The server can't change hands now",
    "DOCUMENT_INVALID": "This is no server.json",
    "REMOTE_NEEDED": "Choose one of the remotes",
    "DOCUMENT_UNREACHABLE": "The document could not be fetched",
    "FETCHES_BUSY": "Other documents are being fetched",
    "APPEALED_BEFORE": "The rejection was appealed before",
    "ANOTHER_REVIEWER_REQUIRED": "Another reviewer decides",
    "REJECTION_PROPOSED": "A rejection is proposed",
    "NOTHING_PROPOSED": "No rejection is proposed",
    "DECISION_NOT_POSSIBLE": "This is decided otherwise",
    "NOT_IN_BULK": "This needs a look of its own",
    "REVIEWER_NOT_FOUND": "There is no such reviewer",
    "CANNED_RESPONSE_NOT_FOUND": "There is no such canned response",
    "TITLE_TAKEN": "The title is taken",
    "NOT_SUBMITTED": "The submission is not handed in at present",
}

_LISTINGS = {
    "LISTING_NOT_FOUND": "There is no such listing",
    "CONTENT_INVALID": "Fields break their rules",
    "NOT_EDITABLE": "The listing can't be edited now",
    "NOTHING_TO_SUBMIT": "There are no edits to submit",
    "NO_OPEN_REVISION": "There is no open revision",
    "REVISION_NOT_FOUND": "There is no such revision",
    "REVISION_OPEN": "A revision is open",
    "NOT_RESTORABLE": "This revision can't be restored",
    "ICON_NOT_FOUND": "There is no such icon",
    "ICON_TOO_LARGE": "The icon is too large",
    "ICON_NOT_SQUARE": "The icon is not square",
    "ICON_SIZE": "The icon has a wrong size",
    "ICON_FORMAT": "The icon can't be read",
    "ICON_DAILY_LIMIT": "Too many icons today",
}

_METRICS = {
    "SERVER_NOT_FOUND": "There is no such server",
    "TOO_MANY": "More than a request may hold",
    "BROKER_SLOW": "The broker is slow",
    "BROKER_AWAY": "The broker is away",
    "TOO_MANY_STREAMS": "As many streams as can be are open",
    "USAGE_WRITE_REQUIRED": "The caller may not write usage",
}

_NOTIFICATIONS = {
    "SETTINGS_INVALID": "Fields break their rules",
    "WEBHOOK_NOT_FOUND": "There is no such webhook endpoint",
    "DELIVERY_NOT_FOUND": "There is no such delivery",
    "TOO_MANY_WEBHOOKS": "As many webhook endpoints as can be are there",
    "WEBHOOK_DISABLED": "The webhook endpoint is disabled",
    "DELIVERY_WAITING": "The delivery waits for its next attempt",
    "UNSUBSCRIBE_LINK_INVALID": "The link is not one of ours",
    "TESTS_TOO_OFTEN": "Too many test events",
    "REDELIVERIES_TOO_OFTEN": "Too much is sent again",
}

# Code -> title.
TITLES = MappingProxyType({**_EDGE, **_CHASSIS, **_AUTHZ, **_SUBMISSIONS, **_LISTINGS, **_METRICS, **_NOTIFICATIONS})
