"""The submission form and the listing editor as people meet them: groups, labels, hints, choices.

Pointers are those of the submission form; the listing editor's begin below `/listing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Bytes; the services that take them say the same.
MAX_ICON: Final = 512 * 1024
MAX_DOCUMENT: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Field:
    """An input: its pointer, label, hint, and the control that the template draws."""

    pointer: str
    label: str
    hint: str = ""
    control: str = "text"
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the form."""

    key: str
    title: str
    about: str
    fields: tuple[Field, ...]


CONNECTION: Final = Group(
    "connection",
    "Connection",
    "Where clients reach your server.",
    (
        Field(
            "/server_url",
            "Server URL",
            "The https address of the MCP endpoint, without user name, password or fragment.",
            kind="url",
        ),
        Field("/transport", "Transport", control="choice"),
    ),
)
LISTING: Final = Group(
    "listing",
    "Listing",
    "What people see in the directory.",
    (
        Field("/listing/display_name", "Display name"),
        Field("/listing/tagline", "Tagline", "One line under the name."),
        Field("/listing/description", "Description", "Markdown. Headings, lists, links and tables work.", "textarea"),
        Field("/listing/categories", "Categories", "One to five.", "categories"),
        Field(
            "/listing/icon_id",
            "Icon",
            f"Square PNG, JPEG, WebP or SVG, 64 to 2,048 px, at most {MAX_ICON // 1024} KiB.",
            "icon",
        ),
        Field("/listing/documentation_url", "Documentation link", kind="url"),
        Field("/listing/privacy_policy_url", "Privacy policy link", kind="url"),
        Field("/listing/support_contact", "Support contact", "An e-mail address or an https link."),
        Field(
            "/slug",
            "URL slug",
            "3 to 60 of a–z, 0–9 and hyphens. It becomes your listing’s address and is permanent once published.",
        ),
    ),
)
USE: Final = Group(
    "use",
    "Use",
    "What people do with the server.",
    (
        Field("/use_cases", "Use cases", "At least three working examples, one each.", "use_cases"),
        Field("/data_access", "Reads or writes", "Checked against your tools’ annotations.", "choice"),
    ),
)
COMPANY: Final = Group(
    "company",
    "Company",
    "Who stands behind the server.",
    (
        Field("/listing/company_name", "Company name"),
        Field("/listing/company_website", "Company website", kind="url"),
    ),
)
AUTHENTICATION: Final = Group(
    "authentication",
    "Authentication",
    "How people sign in to your server.",
    (Field("/authentication", "Authentication", control="choice"),),
)
TEST: Final = Group(
    "test",
    "Test access",
    "How a reviewer tries your server. Needed unless there is no authentication. It is encrypted, and reviewers alone "
    "can read it; you cannot read it back either.",
    (
        Field(
            "/reviewer_access/instructions",
            "Instructions for reviewers",
            "Each step from signing in to a working example.",
            "textarea",
        ),
        Field(
            "/reviewer_access/credentials",
            "Credentials for reviewers",
            "A test account with data in it and without a second factor.",
            "textarea",
        ),
    ),
)
DATA: Final = Group(
    "data",
    "Data",
    "What the server works with.",
    (
        Field("/api_ownership", "Whose API does the server speak to?", control="choice"),
        Field("/health_data", "Does it handle health data?", control="yes_no"),
        Field("/sponsored_content", "Do its results carry sponsored content?", control="yes_no"),
    ),
)
COMPLIANCE: Final = Group(
    "compliance",
    "Compliance",
    "Please confirm each of these.",
    (
        Field(
            "/acknowledgements/guidelines", "The server follows the directory’s guidelines.", control="acknowledgement"
        ),
        Field(
            "/acknowledgements/first_party_api",
            "The API is our own, or we have permission to use it.",
            control="acknowledgement",
        ),
        Field(
            "/acknowledgements/financial_transactions",
            "No tool moves money or other assets.",
            control="acknowledgement",
        ),
        Field(
            "/acknowledgements/ai_media_generation",
            "No tool generates images, audio or video by AI.",
            control="acknowledgement",
        ),
        Field(
            "/acknowledgements/prompt_injection",
            "Descriptions and results contain no instructions to the model.",
            control="acknowledgement",
        ),
        Field(
            "/acknowledgements/conversation_data",
            "Conversation data is not collected beyond what the server needs.",
            control="acknowledgement",
        ),
        Field(
            "/acknowledgements/public_documentation",
            "The documentation is public by the day of publication.",
            control="acknowledgement",
        ),
    ),
)

SUBMISSION: Final = (CONNECTION, LISTING, USE, COMPANY, AUTHENTICATION, TEST, DATA, COMPLIANCE)

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "/transport": {
        "TRANSPORT_STREAMABLE_HTTP": "Streamable HTTP",
        "TRANSPORT_SSE": "HTTP with server-sent events (accepted with a warning)",
    },
    "/data_access": {
        "DATA_ACCESS_READ": "It reads data",
        "DATA_ACCESS_WRITE": "It writes data",
        "DATA_ACCESS_BOTH": "It reads and writes data",
    },
    "/authentication": {
        "AUTHENTICATION_MODE_OAUTH_DCR": "OAuth with dynamic client registration",
        "AUTHENTICATION_MODE_OAUTH_CIMD": "OAuth with a client ID metadata document",
        "AUTHENTICATION_MODE_OAUTH_PLATFORM_CREDENTIALS": "OAuth with client credentials that the platform holds",
        "AUTHENTICATION_MODE_CUSTOM_CONNECTION": "Each person enters a connection of their own",
        "AUTHENTICATION_MODE_NONE": "No authentication",
    },
    "/api_ownership": {
        "API_OWNERSHIP_OWN": "Our own API",
        "API_OWNERSHIP_PARTNER_WITH_PERMISSION": "A partner’s API, with permission",
        "API_OWNERSHIP_THIRD_PARTY": "Somebody else’s API",
    },
}


def _below_listing(group: Group, *, without: frozenset[str] = frozenset()) -> Group:
    fields = tuple(
        Field(field.pointer.removeprefix("/listing"), field.label, field.hint, field.control, field.kind)
        for field in group.fields
        if field.pointer.startswith("/listing/") and field.pointer not in without
    )
    return Group(group.key, group.title, group.about, fields)


# What an edit of a listing may change: the requirement's two groups, and the name by itself.
NAME_EDIT: Final = Group(
    "name", "Display name", "", (Field("/display_name", "Display name", "Needs re-review; see the note."),)
)
LISTING_EDIT: Final = _below_listing(LISTING, without=frozenset({"/listing/display_name"}))
COMPANY_EDIT: Final = _below_listing(COMPANY)
EDITOR: Final = (NAME_EDIT, LISTING_EDIT, COMPANY_EDIT)

# With the groups that are named as a whole in front of their fields.
_PLACES: Final = {
    pointer: number
    for number, pointer in enumerate(
        dict.fromkeys(
            each
            for group in SUBMISSION
            for field in group.fields
            for each in (field.pointer.rpartition("/")[0], field.pointer)
            if each not in ("", "/listing")
        )
    )
}
_LABELS: Final = {field.pointer: field.label for group in SUBMISSION for field in group.fields} | {
    "/listing": "Listing",
    "/acknowledgements": "Acknowledgements",
    "/reviewer_access": "Test access",
    "/comment": "Comment",
    "/successor": "What takes its place",
    "/to_organization_id": "Id of the other organisation",
    "/document": "The document",
    "/file": "Its file",
    "/remote": "Remote",
    "/body": "Message",
    "/message": "Message",
    "/reason": "Reason",
    "/name": "Name",
    "/email": "E-mail address",
    "/days": "Good for (days)",
    "/url": "URL",
    "/event_types": "Events",
}


def label(pointer: str) -> str:
    """The label of the field that a pointer names, in the form or the listing editor; entries of a list are
    numbered: `/use_cases/2` is `Use cases, no. 3`."""
    for candidate in (pointer, f"/listing{pointer}"):
        if candidate in _LABELS:
            return _LABELS[candidate]
    stem, _, last = pointer.rpartition("/")
    if last.isdigit() and stem:
        return f"{label(stem)}, no. {int(last) + 1}"
    return pointer.rpartition("/")[2].replace("_", " ").capitalize()


def lead(pointer: str) -> str:
    """The label as it leads a line, before a colon: without the mark that ends it as a sentence."""
    return label(pointer).rstrip("?.")


def place(pointer: str) -> tuple[int, int] | None:
    """Where a field stands in the form, for sorting; an entry of a list behind its field. None for other fields."""
    stem, _, last = pointer.rpartition("/")
    if last.isdigit() and stem:
        of_list = place(stem)
        return (of_list[0], int(last) + 1) if of_list else None
    for candidate in (pointer, f"/listing{pointer}"):
        if candidate in _PLACES:
            return _PLACES[candidate], 0
    return None


def too_large(limit: int) -> str:
    """What is said of a file or text with more bytes than `limit`, by the server and by the page's script."""
    return f"This is too large: give at most {limit // 1024:,} KiB."


def input_id(pointer: str) -> str:
    """The id of a field's input, for labels and for links from summaries of errors."""
    return "field" + pointer.replace("/", "-").replace("_", "-")
