"""The HTTP API from a client's side: what the demo, the tests and `deploy/compose/verify` do their work by."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, Self

import httpx

Json = dict[str, Any]
_AWAY = (502, 503, 504)
_SECONDS = 30.0  # what takes effect a moment later does so by then


class RefusedError(Exception):
    """The API answered with a problem document."""

    def __init__(self, response: httpx.Response) -> None:
        problem = response.json() if "json" in response.headers.get("content-type", "") else {}
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:600]}"
        )
        self.status = response.status_code
        self.code = str(problem.get("code", ""))
        self.problem: Json = problem


class DirectoryClient:
    """One person's access, by a personal access token; `organization` is where their own submissions are.

    For `patience` seconds a request is repeated while the system is partly away. Each carries an idempotency key, so
    that one whose answer was lost still takes effect once.
    """

    def __init__(self, base_url: str, token: str, organization: str = "", *, patience: float = 0) -> None:
        self.organization = organization
        self._patience = patience
        self._http = httpx.Client(
            base_url=f"{base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request. Raises RefusedError for anything but success."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **options.pop("headers", {})}
        deadline = time.monotonic() + self._patience
        while True:
            try:
                response = self._http.request(method, path, headers=headers, **options)
                if response.is_success:
                    return response
                if response.status_code not in _AWAY or time.monotonic() > deadline:
                    raise RefusedError(response)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)  # a repetition with a deadline

    def read(self, path: str) -> Json:
        """The JSON of a GET."""
        return dict(self.call("GET", path).json())

    def below(self, path: str) -> str:
        """`path` below the organization."""
        return f"/organizations/{self.organization}{path}"

    def submission(self, submission_id: str) -> Json:
        """The submission with form, problems and findings."""
        return self.read(self.below(f"/submissions/{submission_id}"))

    def create(self, form: Json) -> Json:
        """A draft."""
        return dict(self.call("POST", self.below("/submissions"), json=form).json())

    def save(self, submission_id: str, changes: Json) -> Json:
        """Saves fields of the form over whatever is stored now."""
        return self._change("PATCH", self.below(f"/submissions/{submission_id}"), changes)

    def move(self, submission_id: str, move: str, comment: str = "") -> Json:
        """Takes a move of the lifecycle."""
        version = self.submission(submission_id)["version"]
        return dict(
            self.call(
                "POST",
                self.below(f"/submissions/{submission_id}/moves"),
                json={"move": move, "comment": comment},
                headers={"If-Match": f'"{version}"'},
            ).json()
        )

    def say(self, submission_id: str, body: str) -> None:
        """A message in the thread."""
        self.call("POST", self.below(f"/submissions/{submission_id}/messages"), json={"body": body})

    def upload_icon(self, image: bytes, content_type: str = "image/png") -> str:
        """The new icon's id."""
        headers = {"Content-Type": content_type}
        return str(self.call("POST", self.below("/icons"), content=image, headers=headers).json()["icon_id"])

    def listing(self, submission_id: str) -> Json:
        """The listing with its open revision."""
        return self.read(self.below(f"/submissions/{submission_id}/listing"))

    def edit_listing(self, submission_id: str, changes: Json) -> Json:
        """Saves edits of the listing."""
        return self._change("PATCH", self.below(f"/submissions/{submission_id}/listing"), changes)

    def submit_listing(self, submission_id: str, message: str = "") -> Json:
        """Sends the saved edits to review."""
        return self._change("POST", self.below(f"/submissions/{submission_id}/listing/submit"), {"message": message})

    def review_items(self, **filters: str) -> list[Json]:
        """The first page of the review queue."""
        return list(self.call("GET", "/review/items", params={"limit": "100", **filters}).json()["items"])

    def decide(self, submission_id: str, decision: str, comment: str = "", reason: str | None = None) -> Json:
        """Waits for the submission's open review item, claims it and decides."""
        item = wait_for(
            lambda: next((one for one in self.review_items() if one["submission_id"] == submission_id), None),
            f"a review item of {submission_id}",
            _SECONDS + self._patience,
        )
        path = f"/review/items/{item['review_item_id']}"
        claimed = self.call("POST", f"{path}/claim").json()
        body = {"decision": decision, "comment": comment} | ({"reason": reason} if reason else {})
        headers = {"If-Match": f'"{claimed["version"]}"'}
        return dict(self.call("POST", f"{path}/decision", json=body, headers=headers).json())

    def wait_for_state(self, submission_id: str, state: str) -> Json:
        """The submission, once it stands there."""
        return dict(
            wait_for(
                lambda: next((one for one in [self.submission(submission_id)] if one["state"] == state), None),
                f"submission {submission_id} to be {state}",
                _SECONDS + self._patience,
            )
        )

    def _change(self, method: str, path: str, body: Json) -> Json:
        target = path.removesuffix("/submit")
        etag = self.call("GET", target).headers["ETag"]
        return dict(self.call(method, path, json=body, headers={"If-Match": etag}).json())


def wait_for(check: Callable[[], Any], what: str, seconds: float = _SECONDS) -> Any:
    """The first answer of `check` that counts as true. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = check()
        if answer:
            return answer
        time.sleep(0.1)  # a poll with a deadline
    raise TimeoutError(f"Waited {seconds:.0f} s for {what}.")
