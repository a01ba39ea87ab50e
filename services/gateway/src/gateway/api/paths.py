"""What stands in the paths. Anything that is no UUID there is answered 404 by routing."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel


class OrganizationPath(BaseModel):
    """An organisation."""

    organization_id: UUID


class InvitationPath(BaseModel):
    """What the caller is invited to: an organisation that is not theirs yet."""

    invited_to: UUID


class MemberPath(OrganizationPath):
    """A member of an organisation."""

    person_id: UUID


class CustomRolePath(OrganizationPath):
    """A custom role of an organisation."""

    custom_role_id: UUID


class SubmissionPath(OrganizationPath):
    """A submission of an organisation; its listing and figures bear the same id."""

    submission_id: UUID


class TransferPath(OrganizationPath):
    """A transfer from or to an organisation."""

    transfer_id: UUID


class RevisionPath(SubmissionPath):
    """A revision of a listing."""

    revision_id: UUID


class WebhookPath(OrganizationPath):
    """A webhook endpoint of an organisation."""

    webhook_id: UUID


class DeliveryPath(WebhookPath):
    """A delivery to a webhook endpoint."""

    delivery_id: UUID


class ReviewItemPath(BaseModel):
    """An item of the review desk."""

    review_item_id: UUID


class CannedResponsePath(BaseModel):
    """A canned response of the review desk."""

    canned_response_id: UUID


class ReviewedSubmissionPath(BaseModel):
    """A submission, seen from the review desk."""

    submission_id: UUID


class TokenPath(BaseModel):
    """An access token of the caller's."""

    access_token_id: UUID


class IconPath(BaseModel):
    """An icon at one of its sizes."""

    icon_id: UUID
    size: int


class SlugPath(BaseModel):
    """A listing's path in the directory."""

    slug: str
