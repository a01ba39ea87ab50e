"""The example people: each signs in once as a browser would, so that they have names, and can say what they see."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from embedded.errors import EmbeddedError

Json = dict[str, Any]

_WHY_NOT = {
    "PLAN_WITHOUT_DASHBOARD": "no dashboard on this plan",
    "DIRECTORY_MANAGEMENT_REQUIRED": "no dashboard without directory management",
}


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in."""

    person: Json
    http: httpx.Client

    def sees(self) -> str:
        """What the pages show to them, in a few words."""
        me = self._read("/me")
        parts = [self._organization(one) for one in me["organizations"]]
        if me["person"].get("staff_role", "none") not in ("", "none", None):
            parts.append(f"review desk: {self._read('/review/items')['open_count']} open")
        return "; ".join(parts) or "the public directory"

    def _organization(self, membership: Json) -> str:
        organization = membership["organization"]
        if not membership["directory_management"]:
            why = _WHY_NOT.get(membership["denied_reason"], membership["denied_reason"])
            return f"{organization['name']}: {why}"
        found = self._read(f"/organizations/{organization['organization_id']}/submissions")
        counts = {one["state"]: one["count"] for one in found["counts"]}
        return f"{organization['name']}: {sum(counts.values())} servers, {counts.get('published', 0)} published"

    def _read(self, path: str) -> Json:
        answer = self.http.get(f"/api/v1{path}")
        answer.raise_for_status()
        return dict(answer.json())


def sign_in(public_url: str, person: Json) -> Visitor:
    """A session of that person, by the sign-in page. Raises EmbeddedError."""
    http = httpx.Client(base_url=public_url, timeout=20, trust_env=False)
    page = http.get("/sign-in")
    chosen = http.post(page.headers["location"], data={"email": person["email"]})
    back = http.get(urljoin(public_url, chosen.headers.get("location", "/")))
    if not back.is_redirect:
        raise EmbeddedError(f"{person['email']} could not sign in: {back.status_code} {back.text[:300]}")
    return Visitor(person, http)
