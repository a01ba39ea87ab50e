"""Blueprints with their guards: who may come as far as a view is said once for each noun."""

from __future__ import annotations

from typing import Any

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from gateway import guards
from gateway.api.document import PREFIX, SECURITY, operation_id

ORGANIZATION = f"{PREFIX}/organizations/<uuid:organization_id>"


def public(name: str, module: str, *, prefix: str = PREFIX) -> APIBlueprint:
    """For everybody."""
    blueprint = _blueprint(name, module, prefix)
    blueprint.before_request(guards.body)
    return blueprint


def personal(name: str, module: str) -> APIBlueprint:
    """For whoever is signed in; the view itself says for which organisation it acts."""
    return _guarded(name, module, PREFIX, guards.body)


def in_person(name: str, module: str) -> APIBlueprint:
    """For whoever is signed in, not for their access tokens; the view itself says for which organisation it acts."""
    return _guarded(name, module, PREFIX, guards.in_person, guards.body)


def of_members(name: str, module: str) -> APIBlueprint:
    """Below an organisation, for its members; the service says who of them may."""
    return _guarded(name, module, ORGANIZATION, guards.member, guards.body)


def of_managers(name: str, module: str, *, below: str = "") -> APIBlueprint:
    """Below an organisation, for members with directory management."""
    return _guarded(name, module, ORGANIZATION + below, guards.manager, guards.body)


def of_staff(name: str, module: str) -> APIBlueprint:
    """The review desk; the service says who is staff."""
    return _guarded(name, module, f"{PREFIX}/review", guards.desk, guards.body)


def _guarded(name: str, module: str, prefix: str, *checks: object) -> APIBlueprint:
    blueprint = _blueprint(name, module, prefix, security=SECURITY)
    blueprint.before_request(guards.signed_in)
    for check in checks:
        blueprint.before_request(check)  # type: ignore[type-var]
    return blueprint


def _blueprint(
    name: str, module: str, prefix: str, *, security: list[dict[str, list[Any]]] | None = None
) -> APIBlueprint:
    return APIBlueprint(
        f"api_{name}",  # pages have blueprints of the same nouns
        module,
        url_prefix=prefix,
        abp_tags=[Tag(name=name)],
        abp_security=security,
        operation_id_callback=operation_id,
    )
