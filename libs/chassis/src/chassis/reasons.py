"""What reasons of rejections and of requests for changes say to publishers: the same on pages and in e-mails.

By reason code: a name of the contract's RejectionReason or ChangeReason, without prefix. A test of the gateway compares
the codes with the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """`label` says what is wrong, without a full stop; `advice` what the publisher can do."""

    label: str
    advice: str


REASONS: Final[Mapping[str, Reason]] = {
    "POLICY": Reason(
        "Against the directory’s guidelines",
        "Read the directory’s guidelines, change what they do not allow, and submit anew; or appeal.",
    ),
    "NOT_WORKING": Reason(
        "Does not work as described", "Try every use case with the access that you gave reviewers, then submit anew."
    ),
    "SECURITY": Reason(
        "Unsafe for people or their data",
        "Remove what puts people or their data at risk, say in the thread what you changed, and submit anew.",
    ),
    "PRIVACY": Reason(
        "Privacy policy missing or insufficient",
        "Publish a policy that says what is collected, used, stored, shared and for how long.",
    ),
    "OWNERSHIP": Reason(
        "No right to the API or the name",
        "Show that you own the API and the name, or have the owner’s permission, and appeal.",
    ),
    "DUPLICATE": Reason(
        "The same server is listed already",
        "Edit the listing of the server that is there already instead of submitting it again.",
    ),
    "OTHER": Reason("Another reason, given in the comment", "The comment says what stands in the way."),
    "LISTING_WORDS": Reason(
        "Name, tagline or description",
        "Say in plain words what the server does, and promise nothing that it does not do.",
    ),
    "LISTING_DETAILS": Reason(
        "Categories, links or contact", "Choose the categories that fit, and see that every link opens for everybody."
    ),
    "ICON": Reason("The icon", "Upload a square icon of your own that is readable at small sizes."),
    "TOOL_WORDS": Reason(
        "Titles, descriptions or hints of tools",
        "Give each tool a title, a description of its use alone, and a hint whether it reads or destroys.",
    ),
    "TOOL_DESIGN": Reason(
        "What a tool does at once", "Split tools that both read and change things, and take no requests of any form."
    ),
    "AUTHENTICATION": Reason(
        "Signing in to the server",
        "See that people can sign in as the form says, from registration to refreshed tokens.",
    ),
    "REVIEWER_ACCESS": Reason(
        "Access for reviewers", "Give an account that works without a second factor and has data to look at."
    ),
    "SERVER_ERRORS": Reason(
        "Tools fail, or their errors help nobody", "Mend what fails, and let errors say what to do about them."
    ),
    "DOCUMENTATION": Reason(
        "The documentation",
        "Describe how to set the server up and what its tools need, on a page that everybody can open.",
    ),
    "PRIVACY_POLICY": Reason(
        "The privacy policy",
        "Name what is collected, how it is used, stored and shared, for how long, and whom to ask.",
    ),
    "DECLARATIONS": Reason(
        "What the form declares", "Let the form say what the server does: reading or writing, whose API, which data."
    ),
}
