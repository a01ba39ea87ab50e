"""The OpenAPI 3.1 document at /api/v1/openapi.json, and what each problem code means.

Views state what is theirs; what follows from a view's shape (its problems, its headers) is added here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from chassis.errors import InvalidInput, NotFound, Violation
from flask import Response, json
from flask.json.provider import DefaultJSONProvider
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel, Field, ValidationError

from gateway.api.answers import Answer
from gateway.bodies import escaped, members
from gateway.problems import MEDIA_TYPE
from gateway.reasons import TITLES

PREFIX = "/api/v1"
SECURITY: list[dict[str, list[Any]]] = [{"access_token": []}, {"session": []}]
# Marks of an operation, replaced here by what they stand for.
IF_MATCH = {"x-if-match": True}
ETAG = {"x-etag": "conditional"}
# Where the answer holds more than what the version counts.
PLAIN_ETAG = {"x-etag": "plain"}
WRITES_VERSION = {**IF_MATCH, **ETAG}
# A write that no Idempotency-Key makes repeatable.
NOT_REPEATABLE = {"x-not-repeatable": True}

_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_SECURITY_SCHEMES: dict[str, Any] = {
    "access_token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal access token (mcpd_...) or an access token of the identity provider.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "directory_session",
        "description": "The cookie of a sign-in (__Host-directory on https). Writes also need X-CSRFToken.",
    },
}
_CODES = {
    "literal_error": "UNKNOWN_VALUE",
    "extra_forbidden": "UNKNOWN_FIELD",
    "missing": "REQUIRED",
    "uuid_parsing": "NOT_UUID",
    "string_too_short": "TOO_SHORT",
    "string_too_long": "TOO_LONG",
    "too_short": "TOO_FEW_ITEMS",
    "too_long": "TOO_MANY_ITEMS",
    "greater_than_equal": "OUT_OF_RANGE",
    "less_than_equal": "OUT_OF_RANGE",
}
# Where the library's own words name our classes.
_WORDS = dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "Give a JSON object")


def operation_id(*, name: str, path: str, method: str) -> str:
    """An operation is called what its function is called; a test sees to it that names are unique."""
    return name


blueprint = APIBlueprint(
    "api_problems", __name__, url_prefix=PREFIX, abp_tags=[Tag(name="problems")], operation_id_callback=operation_id
)


class FieldError(BaseModel):
    """A field that breaks its rule."""

    pointer: str
    code: str
    detail: str


class StaleField(BaseModel):
    """A field of a save that came too late: what was sent, and what is saved now."""

    pointer: str
    yours: Any
    current: Any


class Problem(BaseModel):
    """An error (RFC 9457). Branch on `code`; texts may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = None
    possible_moves: list[str] | None = None
    differences: list[StaleField] | None = None
    parameters: dict[str, str] | None = None
    error: str | None = Field(
        default=None, description="`detail` again, below /v0.1 alone: as registry clients expect."
    )


class CodePath(BaseModel):
    """Which code."""

    code: str


class Code(BaseModel):
    """A problem code."""

    code: str
    title: str


class Codes(BaseModel):
    """All problem codes."""

    codes: list[Code]


class _StrictJson(DefaultJSONProvider):
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return super().loads(s, parse_constant=_refuse_constant, object_pairs_hook=members, **kwargs)


def application(name: str) -> OpenAPI:
    """A Flask application whose views are validated by their annotations."""
    app = OpenAPI(
        name,
        info=Info(
            title="Directory",
            version="1.0.0",
            description="Submissions, listings, review and figures of a directory of remote MCP servers.",
        ),
        security_schemes=_SECURITY_SCHEMES,
        validation_error_callback=refuse,
        doc_ui=False,
    )
    app.json = _StrictJson(app)
    app.openapi_version = "3.1.1"
    return app


def register(app: OpenAPI) -> None:
    """Add the document's own routes; call it after every other blueprint."""
    app.register_api(blueprint)
    text: list[str] = []

    @app.get(f"{PREFIX}/openapi.json", doc_ui=False)
    def openapi() -> Answer:
        if not text:
            text.append(json.dumps(complete(app.api_doc)))
        return Response(text[0], mimetype=_JSON)


@blueprint.get("/problems", responses={200: Codes})
def list_codes() -> Answer:
    """Every code that a problem can bear."""
    return {"codes": [{"code": code, "title": title} for code, title in sorted(TITLES.items())]}


@blueprint.get("/problems/<code>", responses={200: Code})
def get_code(path: CodePath) -> Answer:
    """What a problem's `type` leads to."""
    title = TITLES.get(path.code)
    if title is None:
        raise NotFound("ROUTE_NOT_FOUND", "There is no such code.")
    return {"code": path.code, "title": title}


def refuse(error: ValidationError) -> NoReturn:
    """What a request breaks of the schema, all at once. Raises InvalidInput REQUEST_INVALID."""
    violations = [
        Violation(_pointer(problem["loc"]), _CODES.get(problem["type"], "WRONG_TYPE"), f"{_said(problem)}.")
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    raise InvalidInput("REQUEST_INVALID", "The request breaks the API's schema.", violations=violations)


def _said(problem: Mapping[str, Any]) -> str:
    return _WORDS.get(problem["type"]) or str(problem["msg"])


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The generated document with everything that follows from an operation's shape."""
    schemas = document["components"]["schemas"]
    schemas.pop("ValidationErrorModel", None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    own = schemas["Problem"].pop("$defs", {})
    if taken := own.keys() & schemas.keys():
        raise RuntimeError(f"two schemas of the API's document are called {', '.join(taken)}")
    schemas.update(own)
    # Each schema carries copies of the schemas that it refers to; they stand among the components already.
    for schema in schemas.values():
        schema.pop("$defs", None)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            _complete_operation(path, method, operation)
    document["servers"] = [{"url": "/"}]
    return document


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    is_write = method != "get"
    guarded = "security" in operation
    body = operation.get("requestBody")
    parameters = operation.setdefault("parameters", [])
    statuses = {400, 429, 500, 503}
    if guarded:
        statuses |= {401, 403}
    if "{" in path or any(parameter["name"].endswith("_id") for parameter in parameters):
        statuses.add(404)
    if parameters or body:
        statuses.add(422)
    if body:
        statuses |= {413, 415}
        if method == "patch":
            body["content"][_MERGE_PATCH] = body["content"][_JSON]
    if is_write:
        statuses.add(409)
        if not operation.pop("x-not-repeatable", False):
            parameters.append(_header("Idempotency-Key", "Repeating a write with the same key takes effect once."))
        parameters.append(_header("X-CSRFToken", "Needed where the session cookie is used."))
    if operation.pop("x-if-match", False):
        statuses |= {412, 428}
        parameters.append(_header("If-Match", 'The ETag that you have seen, for example "7".', required=True))
    etag = operation.pop("x-etag", "")
    if etag:
        _describe_etag(operation, parameters, conditional=method == "get" and etag == "conditional")
    generated = {status: answer for status, answer in operation["responses"].items() if status != "422"}
    problems = {
        str(status): {"description": "A problem.", "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status in sorted(statuses)
    }
    operation["responses"] = {**generated, **problems}


def _describe_etag(operation: dict[str, Any], parameters: list[Any], *, conditional: bool) -> None:
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer["headers"] = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
    if conditional:
        parameters.append(_header("If-None-Match", "An ETag; 304 where it is still the present one."))
        operation["responses"]["304"] = {"description": "Not modified"}


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name == "Idempotency-Key":
        schema |= {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{escaped(str(part))}" for part in location)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
