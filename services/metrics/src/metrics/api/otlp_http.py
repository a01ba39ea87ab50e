"""OTLP over HTTP: POST /v1/traces (https://opentelemetry.io/docs/specs/otlp/#otlphttp)."""

import hmac
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from gzip import GzipFile
from hashlib import sha256
from io import BytesIO
from typing import Any

from chassis import errors, request_id
from chassis.errors import DirectoryError, InvalidInput, PermissionDenied, Unauthenticated, Unavailable
from chassis.logs import get_logger
from chassis.rpc.status import to_status
from cheroot.errors import MaxSizeExceeded
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from werkzeug import Request, Response

from metrics.api.collector_metrics import REFUSED, refusals_counted
from metrics.api.otlp_exports import LARGEST_EXPORT, OtlpExports
from metrics.api.otlp_traces_api import parse_protobuf
from metrics.api.usage_batches import RETRY_SECONDS

PEER = "metrics.peer"  # in the WSGI environment: the name in the client's certificate
WAY = "otlp_http"
_PATH = "/v1/traces"
_PROTOBUF, _JSON = "application/x-protobuf", "application/json"
_COMPRESSIONS = ("gzip", "deflate")
_TOO_LARGE = f"Send at most {LARGEST_EXPORT} bytes at once, as they are without compression."
_DEEPEST = 100
_STATUSES: dict[type[DirectoryError], int] = {
    errors.InvalidInput: 400,
    errors.Unauthenticated: 401,
    errors.PermissionDenied: 403,
    errors.NotFound: 404,
    errors.LimitExceeded: 429,
    errors.Unavailable: 503,
}


class _Refused(Exception):  # noqa: N818  # a status of HTTP that no kind of error stands for
    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, headers


class OtlpHttp:
    """The WSGI application. Who calls shows a certificate of a peer in `peers`, or one of the tokens."""

    def __init__(self, exports: OtlpExports, peers: frozenset[str], tokens: Sequence[str]) -> None:
        self._exports, self._peers = exports, peers
        self._tokens = [_digest(token) for token in tokens]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        with request_id.bind(request.headers.get("x-request-id", "")) as bound:
            return self._answer(request, bound)(environ, start_response)

    def _answer(self, request: Request, bound: str) -> Response:
        form = _JSON if request.mimetype == _JSON else _PROTOBUF
        try:
            return _encoded(self._export(request), form, 200)
        except _Refused as refused:
            REFUSED.labels(WAY, refused.status).inc()
            told = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message=refused.words)
            answer = _encoded(told, form, refused.status)
            answer.headers.extend({name.replace("_", "-"): value for name, value in refused.headers.items()})
            return answer
        except DirectoryError as error:
            get_logger().info("export refused", reason=error.reason, peer=request.environ.get(PEER, ""))
            status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
            answer = _encoded(to_status(error), form, status)
            if seconds := error.metadata.get("retry_after_seconds"):
                answer.headers["Retry-After"] = seconds
            if status == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        except Exception:
            get_logger().exception("export failed", peer=request.environ.get(PEER, ""))
            return _encoded(to_status(errors.Internal("INTERNAL", "internal error", request_id=bound)), form, 500)

    @refusals_counted(WAY)
    def _export(self, request: Request) -> Message:
        if request.path != _PATH:
            raise _Refused(404, f"Traces are taken at {_PATH}; there is nothing else.")
        if request.method != "POST":
            raise _Refused(405, "Use POST.", Allow="POST")
        self._admit(request)
        if request.mimetype not in (_PROTOBUF, _JSON):
            raise _Refused(415, f"Send {_PROTOBUF} or {_JSON}.")
        raw = _body(request)
        return self._exports.take(raw, parse_json if request.mimetype == _JSON else parse_protobuf, WAY)

    def _admit(self, request: Request) -> None:
        peer = request.environ.get(PEER, "")
        if peer in self._peers:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given = _digest(token.strip())
            if any(hmac.compare_digest(given, known) for known in self._tokens):
                return
        if peer:
            raise PermissionDenied("USAGE_WRITE_REQUIRED", "This certificate may not write usage.", peer=peer)
        raise Unauthenticated("USAGE_WRITE_REQUIRED", "Show a client certificate or a token that may write usage.")


def parse_json(raw: bytes) -> ExportTraceServiceRequest:
    """OTLP's JSON: protobuf's, but for ids in hexadecimal digits, which nothing here looks at: they are read as base64,
    which such digits are as well. Raises InvalidInput FIELDS_INVALID."""
    try:
        if not isinstance(given := json.loads(raw), dict):
            raise TypeError("not an object")
        request = ExportTraceServiceRequest()
        return json_format.ParseDict(given, request, ignore_unknown_fields=True, max_recursion_depth=_DEEPEST)
    except (json_format.ParseError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise InvalidInput("FIELDS_INVALID", "The body is no ExportTraceServiceRequest in JSON.") from error


def _body(request: Request) -> bytes:
    raw = _received(request.environ["wsgi.input"])
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", *_COMPRESSIONS):
        raise _Refused(415, "Send the body as it is, or with gzip or deflate.", Accept_Encoding="gzip, deflate")
    if encoding in _COMPRESSIONS:
        raw = _decompressed(raw, encoding)
    if len(raw) > LARGEST_EXPORT:
        raise _Refused(413, _TOO_LARGE)
    return raw


def _received(body: Any) -> bytes:
    """Up to one byte beyond the limit, from the server's own reader: it knows where a body of chunks ends."""
    try:
        raw: bytes = body.read(LARGEST_EXPORT + 1)
    except MaxSizeExceeded as error:
        raise _Refused(413, _TOO_LARGE) from error
    except TimeoutError as error:
        raise Unavailable(
            "BODY_SLOW", "The body took too long to arrive.", retry_after_seconds=RETRY_SECONDS
        ) from error
    except (OSError, ValueError) as error:
        raise _Refused(400, "The body could not be read to its end.") from error
    # of a declared length; a body of chunks that is cut off cannot be read at all
    if len(raw) <= LARGEST_EXPORT and getattr(body, "remaining", None):
        raise _Refused(400, "The body ends before its Content-Length.")
    return raw


def _decompressed(raw: bytes, encoding: str) -> bytes:
    """Never more than one byte beyond the limit, whatever the body would grow to."""
    try:
        if encoding == "gzip":
            return GzipFile(fileobj=BytesIO(raw)).read(LARGEST_EXPORT + 1)
        reader = zlib.decompressobj()
        found = reader.decompress(raw, LARGEST_EXPORT + 1)
        if len(found) <= LARGEST_EXPORT and not reader.eof:
            raise EOFError
    except EOFError as error:
        raise _Refused(400, "The body ends in the middle of its compression.") from error
    except (OSError, zlib.error) as error:
        raise _Refused(400, "The body is not compressed as Content-Encoding says.") from error
    return found


def _encoded(message: Message, form: str, status: int) -> Response:
    body = json_format.MessageToJson(message) if form == _JSON else message.SerializeToString()
    return Response(body, status, content_type=form)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
