"""The public page before it is public, for its publisher and reviewers: of a draft, or of an edit that is not live."""

from uuid import UUID

from chassis.errors import NotFound
from directory.listings.v1.listing_pb2 import Listing
from directory.listings.v1.listings_service_pb2 import GetListingRequest
from directory.submissions.v1.submission_pb2 import Submission, Transport
from directory.submissions.v1.submissions_service_pb2 import GetSubmissionRequest
from flask import Response, make_response, url_for

from gateway import edits
from gateway.core import core
from gateway.web import connecting, review_desk, successors
from gateway.web.rendering import page
from gateway.web.submissions import blueprint


@blueprint.get("/<uuid:submission_id>/preview")
def preview(organization_id: UUID, submission_id: UUID) -> Response:
    """As the publisher's saved words would look: those of the form, or of the latest edits once there is a listing."""
    backends = core().backends
    submission = backends.submissions.GetSubmission(GetSubmissionRequest(submission_id=str(submission_id))).submission
    try:
        found = backends.listings.GetListing(GetListingRequest(listing_id=str(submission_id))).listing
    except NotFound:
        shown = _of_form(submission)
    else:
        shown = Listing()
        shown.CopyFrom(found)
        shown.live.CopyFrom(edits.latest_content(found))
    back = url_for("submissions.detail", organization_id=organization_id, submission_id=submission_id)
    return _page(shown, back=back)


@review_desk.blueprint.get("/<uuid:review_item_id>/preview")
def preview_item(review_item_id: UUID) -> Response:
    """As the page would look if the reviewer approved."""
    found = review_desk.found_item(review_item_id)
    shown = _of_form(found.submission)
    if found.item.revision_id:
        shown.live.CopyFrom(found.after)
    return _page(shown, back=url_for("review.item", review_item_id=review_item_id))


def _of_form(submission: Submission) -> Listing:
    form = submission.form
    transport = Transport.Name(form.transport).removeprefix("TRANSPORT_").lower() if form.transport else ""
    return Listing(
        listing_id=submission.submission_id,
        slug=form.slug,
        live=form.listing,
        server_url=form.server_url,
        transport=transport,
    )


def _page(shown: Listing, *, back: str) -> Response:
    body = page(
        "public/listing.html",
        section="",
        crumbs=(("Preview", ""),),
        listing=shown,
        rank=None,
        is_trending=False,
        command=connecting.command(shown),
        configuration=connecting.configuration(shown),
        successor_address=successors.address(shown.deprecation),
        preview_of=back,
    )
    response = make_response(body)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
