"""The HTTP transport under the MCP client: every request goes through the guard and counts against one budget.

It connects to the checked address itself, with the name in SNI and Host, follows nothing, keeps no connection for
another request (it might serve another name), and remembers what happened for whoever has to judge it.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio.to_thread
import httpx2
from chassis.destinations import Address

from submissions.domain.probe_report import Cause
from submissions.probe.guard import Guard, NotAllowedError

BUDGET_BYTES = 2 * 1024 * 1024
MOST_REQUESTS = 40
_PLAIN = frozenset({"", "identity"})
_TIMEOUT = httpx2.Timeout(8.0, connect=5.0)


@dataclass
class Exchange:
    """A request and what came of it; `status` 0 when nothing did."""

    method: str
    url: httpx2.URL
    status: int = 0
    challenge: str = ""
    location: str = ""
    failure: Exception | None = None

    @property
    def asks_who_is_there(self) -> bool:
        """Whether the answer is that the client has to authenticate."""
        return self.status == 401 or (self.status == 403 and bool(self.challenge))


class TooMuchError(httpx2.TransportError):
    """More than the budget, or packed."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Give one to an `httpx2.AsyncClient`; `exchanges` and `too_much` tell afterwards what happened."""

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._inner = httpx2.AsyncHTTPTransport(
            verify=tls or ssl.create_default_context(),
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        self._left = BUDGET_BYTES
        self.exchanges: list[Exchange] = []
        self.too_much = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As httpx2 asks of transports."""
        exchange = Exchange(request.method, request.url)
        self.exchanges.append(exchange)
        try:
            response = await self._answer(request)
        except Exception as failure:
            exchange.failure = failure
            raise
        exchange.status = response.status_code
        exchange.challenge = response.headers.get("www-authenticate", "")
        exchange.location = response.headers.get("location", "")
        return response

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()

    def spend(self, size: int) -> None:
        """Take bytes off the budget. Raises TooMuchError when it is used up."""
        self._left -= size
        if self._left < 0:
            self.too_much = True
            raise TooMuchError("the answers are larger than the budget")

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.too_much or len(self.exchanges) > MOST_REQUESTS:
            raise TooMuchError("there is no budget left")
        secure = request.url.scheme == "https"
        if not secure and not (request.url.scheme == "http" and self._guard.plain_http):
            raise NotAllowedError(Cause.REDIRECT, request.url.host)
        addresses = await anyio.to_thread.run_sync(self._guard.addresses, _name(request), abandon_on_cancel=True)
        response = await self._first_that_answers(request, addresses)
        if response.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
            await response.aclose()
            self.too_much = True
            raise TooMuchError("the answer is packed")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(response, self),
            extensions=response.extensions,
        )

    async def _first_that_answers(self, request: httpx2.Request, addresses: list[Address]) -> httpx2.Response:
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_addressed(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_addressed(request, addresses[-1]))


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, response: httpx2.Response, transport: GuardedTransport) -> None:
        self._response = response
        self._transport = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_raw():
            self._transport.spend(len(chunk))
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


def client(transport: GuardedTransport) -> httpx2.AsyncClient:
    """A client that takes nothing from the environment, follows nothing and asks for plain answers."""
    return httpx2.AsyncClient(
        transport=transport,
        headers={"Accept-Encoding": "identity", "User-Agent": "mcp-directory-checks/1"},
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )


def tls_error(failure: BaseException | None) -> ssl.SSLError | None:
    """The error of TLS that a failed request comes of; None where it comes of something else."""
    while failure is not None and not isinstance(failure, ssl.SSLError):
        failure = failure.__cause__ or failure.__context__
    return failure


def _addressed(request: httpx2.Request, address: Address) -> httpx2.Request:
    # The headers hold the name already; SNI and the certificate's check take it from the extension.
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": _name(request)},
    )


def _name(request: httpx2.Request) -> str:
    """As it stands in the Host header: decoded, the resolver might encode it by older rules, to another name."""
    return request.url.raw_host.decode("ascii")
