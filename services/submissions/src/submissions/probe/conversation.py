"""The conversation itself, by the official MCP client: start a session, list the tools, and judge what went wrong."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import Implementation

from submissions.domain.probe_report import Authorization, Cause, Gate, Reach, Report, Tool, bounded, plain
from submissions.probe.authorization import follow
from submissions.probe.guard import Guard, NotAllowedError
from submissions.probe.guarded_http import Exchange, GuardedTransport, client, tls_error

OTHER = {"streamable_http": "sse", "sse": "streamable_http"}
MOST_PAGES = 25
MOST_TOOLS = 1_000
_ANSWER_SECONDS = 8.0
# Firewalls that take a check for an attack answer so; a reviewer looks.
_TURNED_AWAY = (403, 429)
# Of 5xx the only one that repeating does not help: what answers does not know POST.
_NOT_IMPLEMENTED = 501
_ME = Implementation(name="mcp-directory-checks", version="1")


def converse(url: str, transport: str, guard: Guard, *, seconds: float) -> Report:
    """What speaking to the server brings, within `seconds`."""
    return anyio.run(_in_time, _Look(url, transport, guard), seconds)


class _Look:
    """One look. `found` is complete as soon as it is there: a server may still be slow to say good-bye."""

    def __init__(self, url: str, transport: str, guard: Guard) -> None:
        self._url = url
        self._transport = transport
        self._guard = guard
        self._started: Report | None = None
        self.found: Report | None = None
        self.without_mcp: Report | None = None

    async def declared(self) -> Report:
        """Over the declared transport; where that is no MCP, over the other one."""
        report = await self._over(self._transport)
        if report.reach is not Reach.NOT_MCP:
            return report
        self.without_mcp = report
        other = OTHER[self._transport]
        spoken = await self._over(other)
        if spoken.reach is not Reach.ALIVE_OPEN:
            return report
        return replace(spoken, reach=Reach.WRONG_TRANSPORT, spoken_transport=other, tools=(), tools_complete=True)

    async def _over(self, transport: str) -> Report:
        http = GuardedTransport(self._guard)
        try:
            await self._session(_streams(self._url, transport, http))
        except Exception as error:  # whatever a strange server makes the client stumble over is an answer too
            if self.found is None:
                return await self._judged(http, error)
        report, self.found = self.found or Report(Reach.NOT_MCP), None
        return report

    async def _session(self, streams: AbstractAsyncContextManager[Any]) -> None:
        async with Client(streams, read_timeout_seconds=_ANSWER_SECONDS, client_info=_ME) as session:
            info = session.server_info
            self._started = Report(
                Reach.ALIVE_OPEN,
                server_name=_short(info.name) if info else "",
                server_version=_short(info.version) if info else "",
                protocol_version=_short(session.protocol_version),
            )
            tools: list[Tool] = []
            complete = True
            if session.server_capabilities.tools is not None:
                tools, complete = await _tools(session)
            kept, all_kept = bounded(tools)
            self.found = replace(self._started, tools=kept, tools_complete=complete and all_kept)

    async def _judged(self, http: GuardedTransport, error: Exception) -> Report:
        report = _judged(http, error)
        if report.reach is Reach.ALIVE_GATED:
            challenge = next((each.challenge for each in http.exchanges if each.asks_who_is_there), "")
            # That stands if following it takes longer than there is time.
            late = Authorization(Gate.METADATA_UNREADABLE, "no answer in time")
            self.found = replace(report, authorization=late)
            async with client(GuardedTransport(self._guard)) as plain_http:
                return replace(report, authorization=await follow(plain_http, self._url, challenge))
        if report.reach is Reach.NOT_MCP and self._started is not None:
            return replace(self._started, tools_unreadable=True)
        return report


async def _in_time(look: _Look, seconds: float) -> Report:
    with anyio.move_on_after(seconds):
        return await look.declared()
    return look.without_mcp or look.found or Report(Reach.UNREACHABLE, Cause.TIMEOUT)


@asynccontextmanager
async def _streams(url: str, transport: str, http: GuardedTransport) -> AsyncIterator[Any]:

    def ours(headers: object = None, timeout: object = None, auth: object = None) -> httpx2.AsyncClient:
        return client(http)

    if transport == "sse":
        async with sse_client(url, httpx_client_factory=ours) as streams:
            yield streams
    else:
        async with client(http) as opened, streamable_http_client(url, http_client=opened) as streams:
            yield streams


async def _tools(session: Client) -> tuple[list[Tool], bool]:
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await session.list_tools(cursor=cursor)
        tools += [_tool(each.model_dump(by_alias=True, mode="json", exclude_none=True)) for each in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return tools, True
        if len(tools) > MOST_TOOLS:
            break
    return tools, False


def _tool(given: dict[str, Any]) -> Tool:
    told = plain(given)
    return Tool(
        name=told["name"],
        title=told.get("title") or "",
        description=told.get("description") or "",
        input_schema=told.get("inputSchema") or {},
        output_schema=told.get("outputSchema"),
        annotations=told.get("annotations") or {},
    )


def _short(text: str | None) -> str:
    return str(plain(text or ""))[:200]


def _judged(http: GuardedTransport, error: Exception) -> Report:
    if http.too_much:
        return Report(Reach.UNREACHABLE, Cause.TOO_LARGE)
    if any(each.asks_who_is_there for each in http.exchanges):
        return Report(Reach.ALIVE_GATED)
    for each in reversed(http.exchanges):
        if each.failure is not None:
            return _failed(each.failure)
    last = http.exchanges[-1] if http.exchanges else None
    if last is not None and 300 <= last.status < 400 and last.location:
        return Report(Reach.UNREACHABLE, Cause.REDIRECT, _host(last))
    if last is not None and _is_error_of_its_own(last.status):
        return Report(Reach.UNREACHABLE, Cause.SERVER_ERROR, str(last.status))
    if _is_late(error):
        return Report(Reach.UNREACHABLE, Cause.TIMEOUT)
    return Report(Reach.NOT_MCP)


def _is_error_of_its_own(status: int) -> bool:
    return (status >= 500 and status != _NOT_IMPLEMENTED) or status in _TURNED_AWAY


def _failed(failure: Exception) -> Report:
    if isinstance(failure, NotAllowedError):
        return Report(Reach.UNREACHABLE, failure.cause, failure.detail)
    if isinstance(failure, httpx2.TimeoutException):
        return Report(Reach.UNREACHABLE, Cause.TIMEOUT)
    if (error := tls_error(failure)) is not None:
        return Report(Reach.UNREACHABLE, Cause.TLS, _tls_words(error))
    if isinstance(failure, httpx2.ProtocolError):
        return Report(Reach.NOT_MCP)
    return Report(Reach.UNREACHABLE, Cause.CONNECTION)


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.partition(",")[0]
    return "what answers does not speak TLS as it should"


def _host(exchange: Exchange) -> str:
    try:
        return exchange.url.join(exchange.location).host[:253]
    except (httpx2.InvalidURL, ValueError):  # a name that IDNA does not allow is the latter
        return "an address that is none"


def _is_late(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_is_late(each) for each in error.exceptions)
    return isinstance(error, TimeoutError) or getattr(error, "code", None) == -32001
