"""The OpenAPI document: valid, complete, and every view guarded."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

PUBLIC = {
    "/api/v1/vocabulary",
    "/api/v1/problems",
    "/api/v1/problems/{code}",
    "/api/v1/directory",
    "/api/v1/directory/{slug}",
    "/api/v1/trending",
    "/api/v1/icons/{icon_id}/{size}.png",
    "/api/v1/icons/{icon_id}/{size}.webp",
    "/v0.1/servers",
    "/v0.1/servers/{namespace}/{slug}/versions",
    "/v0.1/servers/{namespace}/{slug}/versions/{version}",
}


@pytest.fixture(scope="module")
def app(make_application: Callable[..., OpenAPI]) -> OpenAPI:
    return make_application()


@pytest.fixture(scope="module")
def document(app: OpenAPI) -> Any:
    return app.test_client().get("/api/v1/openapi.json").json


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(path, method, one) for path, item in document["paths"].items() for method, one in item.items()]


def test_the_document_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_names_every_route_below_api(app: OpenAPI, document: Any) -> None:
    routes = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/", "/v0.1/")) and rule.rule != "/api/v1/openapi.json"
    }
    assert {(path, method) for path, method, _ in operations(document)} == routes


def test_everything_but_the_public_part_asks_who_is_there(document: Any) -> None:
    unguarded = {path for path, _, operation in operations(document) if "security" not in operation}
    assert unguarded == PUBLIC


def test_every_error_is_a_problem(document: Any) -> None:
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (path, method, status)


def test_every_write_but_making_a_secret_can_be_repeated(document: Any) -> None:
    writes = [one for one in operations(document) if one[1] != "get"]
    without = [
        (path, method)
        for path, method, one in writes
        if "Idempotency-Key" not in {parameter["name"] for parameter in one["parameters"]}
    ]
    secrets = "/api/v1/organizations/{organization_id}/webhooks"
    assert sorted(without) == [
        (secrets, "post"),
        (f"{secrets}/{{webhook_id}}/secret", "post"),
        ("/api/v1/tokens", "post"),
    ]
    assert not any("x-not-repeatable" in one for _, _, one in writes)


def test_limits_of_the_contract_stand_in_the_schemas(document: Any) -> None:
    content = document["components"]["schemas"]["ListingContentPatch"]["properties"]
    assert content["tagline"]["maxLength"] == 200
    assert content["categories"]["maxItems"] == 5
    assert document["components"]["schemas"]["SavedSubmission"]["additionalProperties"] is False


def test_operation_ids_are_unique(document: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
