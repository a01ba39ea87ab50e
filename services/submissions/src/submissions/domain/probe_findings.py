"""What is found when a server is spoken to: the report, judged against what the publisher declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from submissions.domain.checks import Finding, Grade
from submissions.domain.probe_report import Authorization, Cause, Gate, Reach, Report
from submissions.domain.tool_findings import tool_findings

SPOKEN = {"streamable_http": "streamable HTTP", "sse": "HTTP with server-sent events"}
_OAUTH = frozenset({"oauth_dcr", "oauth_cimd", "oauth_platform_credentials"})
_URL, _TRANSPORT, _MODE = "/server_url", "/transport", "/authentication"

# By cause: code, grade, sentence. {detail} is what the report says in a few words.
_UNREACHABLE: Mapping[Cause, tuple[str, Grade, str]] = {
    Cause.ADDRESS_REFUSED: (
        "SERVER_ADDRESS_REFUSED",
        Grade.BLOCK,
        "{detail} leads to an address inside a network. Give the server an address on the internet.",
    ),
    Cause.TLS: (
        "SERVER_TLS",
        Grade.BLOCK,
        "The connection could not be made safe ({detail}). Give the server a valid certificate for its name.",
    ),
    Cause.REDIRECT: (
        "SERVER_REDIRECTS",
        Grade.BLOCK,
        "The server sends clients on to {detail}, and they lose their authorization on the way. Submit the address "
        "that answers by itself.",
    ),
    Cause.TOO_LARGE: (
        "SERVER_ANSWER_TOO_LARGE",
        Grade.BLOCK,
        "The server's answers are larger than clients take, or packed although plain ones were asked for. Shorten "
        "descriptions and schemas, and answer plainly.",
    ),
    Cause.NAME_UNKNOWN: (
        "SERVER_NAME_UNKNOWN",
        Grade.NOTE,
        "The name {detail} could not be looked up. Check its DNS entry.",
    ),
    Cause.CONNECTION: (
        "SERVER_UNREACHABLE",
        Grade.NOTE,
        "No connection to the server could be made. Check that it runs and lets everybody connect.",
    ),
    Cause.TIMEOUT: (
        "SERVER_TIMEOUT",
        Grade.NOTE,
        "The server did not answer in time. Check that it runs and how long its first answer takes.",
    ),
    Cause.SERVER_ERROR: (
        "SERVER_ERROR",
        Grade.NOTE,
        "The server answered with an error of its own (HTTP {detail}). Look into its log.",
    ),
    Cause.UNFINISHED: (
        "CHECK_UNFINISHED",
        Grade.NOTE,
        "The check of the live server could not be finished. The reviewer tries the server by hand.",
    ),
}
_LEFT_OUT: Mapping[Cause, str] = {
    Cause.RESERVED_NAME: "Nobody spoke to the server: its name is kept for documentation and tests. The reviewer "
    "needs an address that answers.",
    Cause.OTHER_NETWORK: "Nobody spoke to the server: this installation only speaks to servers in networks that its "
    "operator named. The reviewer tries the server by hand.",
}
_GATES: Mapping[Gate, tuple[str, str]] = {
    Gate.NO_RESOURCE_METADATA: (
        "AUTHENTICATION_METADATA_MISSING",
        "The server answers 401 without saying where clients authenticate, neither in WWW-Authenticate nor at a "
        "well-known address. Serve protected-resource metadata (RFC 9728), and name its address in "
        "WWW-Authenticate as resource_metadata.",
    ),
    Gate.METADATA_UNREADABLE: (
        "AUTHENTICATION_METADATA_UNREADABLE",
        "The protected-resource metadata could not be read ({detail}). Serve it as JSON, without a redirect, to "
        "everybody.",
    ),
    Gate.OTHER_RESOURCE: (
        "AUTHENTICATION_RESOURCE_DIFFERS",
        "The protected-resource metadata is about another resource than the server URL. Set its resource to the "
        "server URL exactly.",
    ),
    Gate.NO_AUTHORIZATION_SERVER: (
        "AUTHENTICATION_SERVER_MISSING",
        "The protected-resource metadata names no authorization server. Name it in authorization_servers.",
    ),
    Gate.SERVER_METADATA_UNREADABLE: (
        "AUTHENTICATION_SERVER_UNREADABLE",
        "The metadata of the authorization server could not be read ({detail}). Serve them as RFC 8414 or OpenID "
        "Connect discovery say, with its authorization and token endpoints.",
    ),
    Gate.OTHER_ISSUER: (
        "AUTHENTICATION_ISSUER_DIFFERS",
        "The metadata of the authorization server name another issuer. Make the issuer the same in both documents.",
    ),
    Gate.NO_PKCE: (
        "AUTHENTICATION_NO_PKCE",
        "The authorization server does not say that it takes PKCE with S256, so clients refuse it. Add S256 to "
        "code_challenge_methods_supported.",
    ),
}


def probe_findings(report: Report, *, transport: str, authentication: str, data_access: str) -> list[Finding]:
    """Everything that a look at the server found, in no order.

    `transport`, `authentication` and `data_access` are what the form declares, in the contract's lower-case words.
    """
    return [*_reach(report, transport), *_authentication(report, authentication), *_tools(report, data_access)]


def _reach(report: Report, transport: str) -> Iterator[Finding]:
    if report.reach is Reach.UNREACHABLE:
        code, grade, text = _UNREACHABLE[report.cause]
        yield Finding(code, grade, _URL, text.format(detail=report.detail))
    elif report.reach is Reach.LEFT_OUT and report.cause in _LEFT_OUT:
        yield Finding("CHECK_LEFT_OUT", Grade.NOTE, _URL, _LEFT_OUT[report.cause])
    elif report.reach is Reach.WRONG_TRANSPORT:
        declared, spoken = SPOKEN.get(transport, transport), SPOKEN.get(report.spoken_transport, "another one")
        text = (
            f"The form says {declared}, and the server speaks {spoken}. Choose {spoken}, or submit the other address."
        )
        yield Finding("TRANSPORT_WRONG", Grade.BLOCK, _TRANSPORT, text)
    elif report.reach is Reach.NOT_MCP:
        text = "What answers at the server URL does not speak MCP. Give the address of the MCP endpoint itself."
        yield Finding("SERVER_NOT_MCP", Grade.BLOCK, _URL, text)


def _authentication(report: Report, declared: str) -> Iterator[Finding]:
    if report.reach is Reach.ALIVE_OPEN and declared in _OAUTH:
        text = (
            "The server shows its tools to everybody, and the form says that it asks for authentication. If it asks "
            "later, tell the reviewer when; otherwise choose no authentication."
        )
        yield Finding("AUTHENTICATION_NOT_ASKED", Grade.WARN, _MODE, text)
    if report.reach is not Reach.ALIVE_GATED or report.authorization is None:
        return
    if declared == "none":
        text = "The server asks for authentication, and the form says that it does not. Choose how people authenticate."
        yield Finding("AUTHENTICATION_ASKED", Grade.BLOCK, _MODE, text)
    if declared == "custom_connection":
        return  # each person brings a connection of their own: nothing to discover
    gate = report.authorization
    if gate.gate in _GATES:
        code, text = _GATES[gate.gate]
        yield Finding(code, Grade.BLOCK, _MODE, text.format(detail=gate.detail))
    else:
        yield from _registration(gate, declared)
    yield from _strict_clients(gate)


def _registration(found: Authorization, declared: str) -> Iterator[Finding]:
    if declared == "oauth_dcr" and not found.registers_clients:
        text = (
            "The form says dynamic client registration, and the authorization server names no registration_endpoint. "
            "Offer one, or choose another way."
        )
        yield Finding("AUTHENTICATION_NO_REGISTRATION", Grade.BLOCK, _MODE, text)
    if declared == "oauth_cimd" and not found.reads_client_documents:
        text = (
            "The form says client ID metadata documents, and the authorization server does not say that it reads "
            "them. Set client_id_metadata_document_supported, or choose another way."
        )
        yield Finding("AUTHENTICATION_NO_CLIENT_DOCUMENTS", Grade.BLOCK, _MODE, text)


def _strict_clients(found: Authorization) -> Iterator[Finding]:
    """What some clients forgive and others do not."""
    if found.wider_resource:
        text = (
            "The protected-resource metadata is about an address above the server URL, and some clients refuse "
            "that. Set its resource to the server URL exactly."
        )
        yield Finding("AUTHENTICATION_RESOURCE_WIDER", Grade.WARN, _MODE, text)
    if found.only_well_known:
        text = (
            "The protected-resource metadata was found at its well-known address, and not through "
            "WWW-Authenticate. Clients of the protocol's version 2025-06-18 look there alone: name its address in "
            "it as resource_metadata."
        )
        yield Finding("AUTHENTICATION_METADATA_NOT_NAMED", Grade.NOTE, _MODE, text)


def _tools(report: Report, data_access: str) -> Iterator[Finding]:
    if report.reach is Reach.ALIVE_GATED:
        text = (
            "The server asks for authentication first, so its tools were not looked at. The reviewer looks at them "
            "with the access for reviewers."
        )
        yield Finding("TOOLS_NOT_SEEN", Grade.NOTE, "", text)
    elif report.tools_unreadable:
        text = (
            "The server starts a session, but its list of tools could not be read. Answer tools/list as the "
            "protocol says."
        )
        yield Finding("TOOLS_UNREADABLE", Grade.BLOCK, "", text)
    elif report.saw_tools:
        yield from tool_findings(report.tools, complete=report.tools_complete, data_access=data_access)
