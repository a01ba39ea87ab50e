"""What happens to each example server, done through the HTTP API by its owner and the reviewers.

Every part looks at what is there before it does anything, so that it can be interrupted anywhere and run again.
"""

from collections import Counter
from collections.abc import Mapping

from embedded.demo_icons import icon
from embedded.demo_servers import DemoServer, Edit, Json, Step
from embedded.directory_client import DirectoryClient, RefusedError, wait_for

_DECISIONS = ("approve", "request_changes", "reject")
_LEAD_MOVES = ("suspend", "reinstate", "revoke")


class Storyteller:
    """`owners` by e-mail address, bound to their organisations; `staff` by e-mail address."""

    def __init__(self, owners: Mapping[str, DirectoryClient], staff: Mapping[str, DirectoryClient]) -> None:
        self._owners, self._staff = owners, staff

    def existing(self) -> dict[str, str]:
        """The submissions that are there already: ids by slug."""
        found = {}
        for owner in self._owners.values():
            for listed in owner.read(owner.below("/submissions?limit=100"))["submissions"]:
                form = owner.submission(listed["submission_id"])["form"]
                found[str(form.get("slug"))] = str(listed["submission_id"])
        return found

    def tell(self, server: DemoServer, submission_id: str | None) -> str:
        """Brings a server from wherever it stands to the end of its story; its id."""
        story = _Story(server, self._owners[server.owner], self._staff)
        submission_id = submission_id or story.create()
        story.submission_steps(submission_id)
        story.listing_edits(submission_id)
        return submission_id


class _Story:
    def __init__(self, server: DemoServer, owner: DirectoryClient, staff: Mapping[str, DirectoryClient]) -> None:
        self._server, self._owner, self._staff = server, owner, staff

    def create(self) -> str:
        form = {**self._server.form, "listing": dict(self._server.form["listing"])}
        if "use_cases" in form:  # a form that was only just begun has no icon yet
            form["listing"]["icon_id"] = self._owner.upload_icon(icon(self._server.display_name), "image/svg+xml")
        return str(self._owner.create(form)["submission_id"])

    def submission_steps(self, submission_id: str) -> None:
        """Takes those steps that the thread does not show yet."""
        thread = self._owner.read(self._owner.below(f"/submissions/{submission_id}/thread?limit=200"))["entries"]
        told = Counter(_mark(entry) for entry in thread if not entry.get("revision_id"))
        for step in self._server.steps:
            mark = ("message", step.text) if step.do in ("say", "reviewer_says") else (step.do, "")
            if told[mark]:
                told[mark] -= 1
            else:
                self._take(submission_id, step)

    def listing_edits(self, submission_id: str) -> None:
        """The revisions, one after the other; number 1 is what came with the approval."""
        if self._server.edits:
            wait_for(lambda: self._is_live(submission_id), f"the listing {self._server.slug} to be live")
        for number, edit in enumerate(self._server.edits, start=2):
            self._bring_to_end(submission_id, number, edit)

    def _take(self, submission_id: str, step: Step) -> None:
        owner = self._owner
        if step.do == "submit":
            self._submit(submission_id, step)
        elif step.do == "say":
            owner.say(submission_id, step.text)
        elif step.do in _DECISIONS:
            self._staff[step.by].decide(submission_id, step.do, step.text, step.reason)
        elif step.do in _LEAD_MOVES:
            self._move_as_lead(submission_id, step)
        elif step.do == "reviewer_says":
            path = f"/review/items/{self._open_item(submission_id)}/messages"
            self._staff[step.by].call("POST", path, json={"body": step.text})
        elif step.do == "claim":
            self._staff[step.by].call("POST", f"/review/items/{self._open_item(submission_id)}/claim")
        else:
            owner.move(submission_id, step.do, step.text)

    def _submit(self, submission_id: str, step: Step) -> None:
        if step.changes:
            self._owner.save(submission_id, step.changes)
        self._owner.move(submission_id, "submit")
        wait_for(
            lambda: self._owner.submission(submission_id)["state"] != "checking",
            f"the checks of {self._server.slug}",
        )

    def _move_as_lead(self, submission_id: str, step: Step) -> None:
        version = self._owner.submission(submission_id)["version"]
        self._staff[step.by].call(
            "POST",
            f"/review/submissions/{submission_id}/moves",
            json={"move": step.do, "comment": step.text},
            headers={"If-Match": f'"{version}"'},
        )

    def _open_item(self, submission_id: str) -> str:
        reviewer = next(iter(self._staff.values()))
        item = next((one for one in reviewer.review_items() if one["submission_id"] == submission_id), None)
        return str(item["review_item_id"]) if item else ""

    def _is_live(self, submission_id: str) -> bool:
        try:
            return bool(self._owner.listing(submission_id)["state"] == "live")
        except RefusedError as refused:
            if refused.status == 404:  # the event is on its way
                return False
            raise

    def _bring_to_end(self, submission_id: str, number: int, edit: Edit) -> None:
        while (state := self._state_of(submission_id, number)) != edit.end:
            if state == "":
                self._owner.edit_listing(submission_id, edit.changes)
            elif state == "editing" and edit.end == "discarded":
                self._discard(submission_id)
            elif state == "editing":
                self._owner.submit_listing(submission_id, edit.message)
            elif state == "pending":
                self._decide(submission_id, number, edit)
            else:
                raise RuntimeError(f"Revision {number} of {self._server.slug} is {state}, not {edit.end}.")

    def _decide(self, submission_id: str, number: int, edit: Edit) -> None:
        """Decides, unless an attempt before this one did; waits until the listing knows."""

        def is_decided() -> bool:
            return self._state_of(submission_id, number) != "pending"

        name = f"revision {number} of {self._server.slug}"
        wait_for(lambda: is_decided() or self._open_item(submission_id), f"the review item of {name}")
        if not is_decided():
            decision = {"applied": "approve", "rejected": "reject"}.get(edit.end, "request_changes")
            self._staff[edit.by].decide(submission_id, decision, edit.comment, edit.reason)
        wait_for(is_decided, f"the decision on {name} to arrive")

    def _state_of(self, submission_id: str, number: int) -> str:
        path = self._owner.below(f"/submissions/{submission_id}/listing/revisions?limit=100")
        states = {int(one["number"]): str(one["state"]) for one in self._owner.read(path)["revisions"]}
        return states.get(number, "")

    def _discard(self, submission_id: str) -> None:
        path = self._owner.below(f"/submissions/{submission_id}/listing")
        etag = self._owner.call("GET", path).headers["ETag"]
        self._owner.call("DELETE", f"{path}/revision", headers={"If-Match": etag})


def _mark(entry: Json) -> tuple[str, str]:
    if entry["kind"] == "message":
        return "message", str(entry["body"])
    return str(entry["move"]), ""
