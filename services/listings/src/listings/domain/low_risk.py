"""Which fields of a trusted publisher may go live without a person, and what a setting may choose of them.

The list is fixed here, so that no setting can let a name, a text or an icon past the reviewers:
docs/decisions/0013-what-may-go-live-without-a-person.md.
"""

from collections.abc import Collection

FIELDS = frozenset({"categories", "documentation_url", "privacy_policy_url", "support_contact"})
"""Fields of `directory.listings.v1.ListingContent`."""


def chosen(setting: str) -> frozenset[str]:
    """The fields of a comma separated setting, as JSON Pointers. Raises ValueError for one that is not of FIELDS."""
    names = {name.strip() for name in setting.split(",") if name.strip()}
    if unknown := sorted(names - FIELDS):
        raise ValueError(f"{', '.join(unknown)}: only {', '.join(sorted(FIELDS))} may go live without a person")
    return frozenset(f"/{name}" for name in names)


def covers(without_review: Collection[str], changed: Collection[str]) -> bool:
    """Whether every changed field (JSON Pointers) is of little risk and chosen."""
    return all(field in without_review and field.removeprefix("/") in FIELDS for field in changed)
