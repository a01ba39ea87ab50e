"""For which organisation a page acts; the membership stands in `g` for the frame of the page."""

from flask import g, request

from gateway import guards


def managing() -> None:
    """Before a page of the dashboard: the person has directory management in the organisation of the path."""
    g.membership = guards.act(organization_id(), managing=True)


def member() -> None:
    """Before a page that every member may open."""
    g.membership = guards.act(organization_id())


def organization_id() -> str:
    """The organisation of the path; empty where the path has none."""
    return str((request.view_args or {}).get("organization_id", ""))
