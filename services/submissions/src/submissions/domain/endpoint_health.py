"""How a published server answers the directory, look after look, and when its publisher is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from submissions.domain.checks import Grade
from submissions.domain.probe_findings import probe_findings
from submissions.domain.probe_report import Cause, Gate, Reach, Report

# Where a look says nothing about the server.
_NOT_LOOKED = {
    Cause.UNFINISHED: "The last look could not be finished, through no fault of the server that is known.",
    Cause.RESERVED_NAME: "Nobody speaks to the server: its name is kept for documentation and tests.",
    Cause.OTHER_NETWORK: "Nobody speaks to the server: this installation only speaks to servers in networks that its "
    "operator named.",
}


class EndpointHealth(StrEnum):
    """What a look found; the values are stored."""

    ALIVE = "alive"
    GATED = "gated"
    NOT_MCP = "not_mcp"
    UNREACHABLE = "unreachable"

    @property
    def fails(self) -> bool:
        """Whether people cannot use the server."""
        return self in (EndpointHealth.NOT_MCP, EndpointHealth.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the looks have found so far. `failures` counts daily looks in a row; `told` is what the publisher knows."""

    health: EndpointHealth | None = None
    since: datetime | None = None
    failures: int = 0
    told: EndpointHealth | None = None


def found(report: Report, *, authentication: str) -> EndpointHealth | None:
    """The health that a look found; None when nobody spoke to the server, or the look could not be finished.

    `authentication` is the declared mode: with `custom_connection` each person brings a connection of their own, and a
    401 need not lead anywhere.
    """
    if report.reach is Reach.LEFT_OUT or report.cause is Cause.UNFINISHED:
        return None
    if report.reach is Reach.UNREACHABLE:
        return EndpointHealth.UNREACHABLE
    if report.reach is Reach.ALIVE_GATED:
        leads = report.authorization is not None and report.authorization.gate is Gate.GOOD
        return EndpointHealth.GATED if leads or authentication == "custom_connection" else EndpointHealth.NOT_MCP
    return EndpointHealth.ALIVE if report.saw_tools else EndpointHealth.NOT_MCP


def remark(report: Report, *, transport: str, authentication: str) -> str:
    """What the look stumbled over and what to do, in a sentence for people; empty where nothing was."""
    if report.cause in _NOT_LOOKED:
        return _NOT_LOOKED[report.cause]
    found = probe_findings(report, transport=transport, authentication=authentication, data_access="")
    stumbled = report.reach is Reach.UNREACHABLE
    of_endpoint = (each for each in found if each.field or each.code == "TOOLS_UNREADABLE")
    return next((each.message for each in of_endpoint if stumbled or each.grade is Grade.BLOCK), "")


def after_look(
    standing: Standing, health: EndpointHealth, *, now: datetime, daily: bool, failures_told: int
) -> Standing:
    """The standing after a look.

    Only daily looks count as failures: who looks by hand again and again, to see whether a repair worked, hurries
    nothing. The publisher is told of failures once `failures_told` came in a row, of everything else at once; the first
    good look is no news.
    """
    since = standing.since if health is standing.health else now
    failures = standing.failures + daily if health.fails else 0
    after = replace(standing, health=health, since=since, failures=failures)
    if not health.fails or failures >= failures_told:
        after = replace(after, told=_told(standing.told, health))
    return after


def is_news(before: Standing, after: Standing) -> bool:
    """Whether the publisher is to be told: a first look at a server that answers goes without saying."""
    if after.told is None or after.told is before.told:
        return False
    return before.told is not None or after.told.fails


def _told(before: EndpointHealth | None, health: EndpointHealth) -> EndpointHealth:
    """Who knows of one kind of failure need not be told of another."""
    return before if before is not None and before.fails and health.fails else health
