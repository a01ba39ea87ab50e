"""Example work in a fresh system, done through the public API and the collector: `python -m embedded.demo`.

It can be interrupted and run again: what is there is left, what is missing is done.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from embedded import demo_authz, demo_people, demo_proxies, demo_servers
from embedded.demo_figures import Figures
from embedded.demo_people import Visitor
from embedded.demo_servers import FOLDER, DemoServer
from embedded.demo_stories import Storyteller
from embedded.directory_client import DirectoryClient, RefusedError
from embedded.errors import EmbeddedError
from embedded.steps import say, step

_ORGANIZATIONS = FOLDER.parent / "organizations.json"
_AT_ONCE = 5  # stories; most of their time is waiting for checks and events
_PATIENCE = 30.0
_TOKEN_DAYS = "1"  # noqa: S105  # how long it lasts


def seed(environment: Mapping[str, str]) -> None:
    """1. organisations and people  2. submissions and listings  3. traffic  4. figures  5. who sees what"""
    url, now = environment["PUBLIC_URL"], datetime.now(UTC)
    servers = demo_servers.load()
    with step("Example organisations and people"):
        owners, staff = clients(environment, servers)
        visitors = _sign_in(url, Path(environment["PEOPLE_FILE"]))
    with step(f"{len(servers)} example servers and their reviews"):
        ids = _tell(servers, Storyteller(owners, staff))
    with step("35 days of example traffic"):
        sent = demo_proxies.send(
            servers,
            ids,
            collector=environment["COLLECTOR_ADDRESS"],
            tls_dir=Path(environment["PROXY_TLS_DIR"]),
            run=_run(owners),
            now=now,
        )
    figures = Figures(json.loads(environment["METRICS_ENVIRONMENT"]))
    with step(f"{sent:,} events, counted"):
        figures.wait_until_counted()
    with step("Figures of the last 30 days"):
        figures.compute(now.date())
    _tell_who_sees_what(visitors, environment)


def clients(
    environment: Mapping[str, str], servers: Sequence[DemoServer]
) -> tuple[dict[str, DirectoryClient], dict[str, DirectoryClient]]:
    """Clients of the owners and of the reviewers, by e-mail address, with tokens that end tomorrow."""
    owners = sorted({(server.owner, server.organization) for server in servers})
    content = json.loads(_ORGANIZATIONS.read_text(encoding="utf-8"))
    reviewers = [one["email"] for one in content["staff"]]
    scopes = [[owner, "--organization", organization] for owner, organization in owners]
    scopes += [[reviewer, "--staff"] for reviewer in reviewers]
    commands = [
        ["import", str(_ORGANIZATIONS)],
        *(["token", "create", *scope, "--name", "Example work", "--days", _TOKEN_DAYS] for scope in scopes),
    ]
    tokens = demo_authz.run(commands, environment)[-len(scopes) :]
    url = environment["PUBLIC_URL"]
    made = {
        scope[0]: DirectoryClient(url, token, patience=_PATIENCE) for scope, token in zip(scopes, tokens, strict=True)
    }
    for owner, _ in owners:
        made[owner].organization = made[owner].read("/me")["organizations"][0]["organization"]["organization_id"]
    return {owner: made[owner] for owner, _ in owners}, {one: made[one] for one in reviewers}


def _sign_in(url: str, people: Path) -> list[Visitor]:
    return [demo_people.sign_in(url, person) for person in json.loads(people.read_text(encoding="utf-8"))]


def _tell(servers: Sequence[DemoServer], storyteller: Storyteller) -> dict[str, str]:
    existing = storyteller.existing()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # The last first: pages show what changed latest on top.
        told = [(one.slug, pool.submit(storyteller.tell, one, existing.get(one.slug))) for one in reversed(servers)]
        return {slug: future.result() for slug, future in told}


def _run(owners: Mapping[str, DirectoryClient]) -> str:
    """Tells this system from others on the same broker, and stays the same when the work is taken up again."""
    return min(owner.organization for owner in owners.values())[-12:]


def _tell_who_sees_what(visitors: Sequence[Visitor], environment: Mapping[str, str]) -> None:
    rows = [(one.person["email"], one.person["note"], one.sees()) for one in visitors]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    say("\n  Who can sign in, and what they see")
    for email, note, sees in rows:
        say(f"    {email:<{widths[0]}}  {note:<{widths[1]}}  {sees}")
    url = environment["PUBLIC_URL"]
    say(f"  Pages {url}   API {url}/api/v1   Sign-in {environment['OIDC_ISSUER']}")


if __name__ == "__main__":
    try:
        seed(os.environ)
    except (EmbeddedError, RefusedError, TimeoutError) as error:
        sys.exit(f"  {error}")
