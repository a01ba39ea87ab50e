"""Versions as entity tags: `ETag: "7"` on answers, `If-Match: "7"` on writes, `If-None-Match` on reads."""

from __future__ import annotations

import re

from chassis.errors import InvalidInput, VersionMismatch
from flask import Response, request

_STRONG = re.compile(r'"(\d{1,18})"')


def tag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def required_version() -> int:
    """The version that the caller has seen, from If-Match.

    Raises InvalidInput IF_MATCH_REQUIRED (428) without one, VersionMismatch (412) for a tag that is none of ours.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        raise InvalidInput("IF_MATCH_REQUIRED", 'Send the ETag that you have seen, for example If-Match: "7".')
    found = _STRONG.fullmatch(header)
    if found is None:
        raise VersionMismatch("VERSION_MISMATCH", "If-Match holds no entity tag of this object; read it again.")
    return int(found[1])


def not_modified(version: int) -> Response | None:
    """304 where If-None-Match names this version."""
    header = request.headers.get("If-None-Match", "")
    tags = [one.strip().removeprefix("W/") for one in header.split(",")]
    if tag(version) not in tags:
        return None
    return Response(status=304, headers={"ETag": tag(version)})
