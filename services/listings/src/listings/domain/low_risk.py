"""Which fields of a trusted publisher may go live without a person, and what a setting may choose of them.

The list is fixed here, so that no setting can let a name, a text or an icon past the reviewers:
docs/decisions/0013-what-may-go-live-without-a-person.md.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from chassis import destinations

from listings.domain.listing import Content, changed_fields

FIELDS = frozenset({"categories", "documentation_url", "privacy_policy_url", "support_contact"})
"""Fields of `directory.listings.v1.ListingContent`."""

_LINKS = ("documentation_url", "privacy_policy_url", "support_contact")


def chosen(setting: str) -> frozenset[str]:
    """The fields of a comma separated setting, as JSON Pointers. Raises ValueError for one that is not of FIELDS."""
    names = {name.strip() for name in setting.split(",") if name.strip()}
    if unknown := sorted(names - FIELDS):
        raise ValueError(f"{', '.join(unknown)}: only {', '.join(sorted(FIELDS))} may go live without a person")
    return frozenset(f"/{name}" for name in names)


def covers(without_review: Collection[str], live: Content, content: Content) -> bool:
    """Whether `content` changes nothing but fields of little risk that are chosen (JSON Pointers), and its new links
    need no look."""
    changed = changed_fields(live, content)
    of_little_risk = all(field in without_review and field.removeprefix("/") in FIELDS for field in changed)
    return of_little_risk and not _needs_a_look(content, changed)


def _needs_a_look(content: Content, changed: Collection[str]) -> bool:
    """Whether the checks of submissions would find something in the new links: hosts that the public cannot reach, or
    one page for documentation and privacy policy. Hosts in other letters are left to them."""
    links = {name: str(content.get(name, "")) for name in _LINKS if f"/{name}" in changed}
    hosts = [urlsplit(link).hostname or "" for link in links.values() if link.lower().startswith("https:")]
    if any(not host.isascii() or destinations.not_public(host.rstrip(".")) for host in hosts):
        return True
    pages = ("documentation_url", "privacy_policy_url")
    return any(name in links for name in pages) and content.get(pages[0]) == content.get(pages[1])
