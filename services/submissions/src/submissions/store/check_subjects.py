"""What the checks look at, taken out of a submission's form."""

from __future__ import annotations

from dataclasses import replace

from chassis.destinations import Network, lies_within
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.submission_pb2 import SubmissionForm

from submissions.domain.checks import Subject
from submissions.store.completeness import problems
from submissions.store.submissions import Submission

_LINKS = ("documentation_url", "privacy_policy_url", "support_contact", "company_website")


def of(submission: Submission, networks: tuple[Network, ...]) -> Subject:
    """What the form declares; `networks` are those that the installation named for its servers."""
    form = submission.form or SubmissionForm()
    listing = form.listing
    return Subject(
        server_url=form.server_url,
        transport=_word(submission_pb2.Transport.Name(form.transport), "TRANSPORT_"),
        slug=form.slug,
        display_name=listing.display_name,
        tagline=listing.tagline,
        description=listing.description,
        api_ownership=_word(submission_pb2.ApiOwnership.Name(form.api_ownership), "API_OWNERSHIP_"),
        health_data=form.health_data,
        sponsored_content=form.sponsored_content,
        links={f"/listing/{name}": getattr(listing, name) for name in _LINKS},
        problems=problems(
            form, has_instructions=submission.has_instructions, has_credentials=submission.has_credentials
        ),
        authentication=_word(submission_pb2.AuthenticationMode.Name(form.authentication), "AUTHENTICATION_MODE_"),
        data_access=_word(submission_pb2.DataAccess.Name(form.data_access), "DATA_ACCESS_"),
        own_network=lies_within(form.server_url, networks),
    )


def with_words(submission: Submission, words: ListingContent) -> Subject:
    """What the form declares, with other words of the listing."""
    form = SubmissionForm()
    if submission.form is not None:
        form.CopyFrom(submission.form)
    form.listing.CopyFrom(words)
    return of(replace(submission, form=form), ())


def _word(name: str, prefix: str) -> str:
    word = name.removeprefix(prefix).lower()
    return "" if word == "unspecified" else word
