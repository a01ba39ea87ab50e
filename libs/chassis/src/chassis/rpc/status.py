"""Kinds of errors as gRPC statuses and back: nothing of them is lost on the way."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from chassis import errors
from chassis.errors import DirectoryError, Violation

DOMAIN = "directory"
RETRY_INFO_KEY = "google.rpc.retryinfo-bin"

_CODES: dict[type[DirectoryError], int] = {
    errors.InvalidInput: code_pb2.INVALID_ARGUMENT,
    errors.Unauthenticated: code_pb2.UNAUTHENTICATED,
    errors.PermissionDenied: code_pb2.PERMISSION_DENIED,
    errors.NotFound: code_pb2.NOT_FOUND,
    errors.Conflict: code_pb2.FAILED_PRECONDITION,
    errors.VersionMismatch: code_pb2.ABORTED,
    errors.LimitExceeded: code_pb2.RESOURCE_EXHAUSTED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
    errors.Internal: code_pb2.INTERNAL,
}
_KINDS = {code: kind for kind, code in _CODES.items()}
# What gRPC itself says, without our details: the other side is away, late, or full.
_AWAY = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)


def to_status(error: DirectoryError) -> status_pb2.Status:
    """The status of an error: its kind as code, reason and metadata as ErrorInfo, violations as BadRequest, and when to
    come back (metadata `retry_after_seconds`) as RetryInfo."""
    status = status_pb2.Status(code=_code(error), message=error.message)
    _add(status, error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata))
    if error.violations:
        request = error_details_pb2.BadRequest()
        for violation in error.violations:
            request.field_violations.add(field=violation.field, description=violation.message, reason=violation.code)
        _add(status, request)
    if (retry := _retry_info(error)) is not None:
        _add(status, retry)
    return status


def to_grpc(error: DirectoryError) -> Any:
    """The status as a server ends a call with it. RetryInfo also stands in metadata of its own, where grpc-java and
    OpenTelemetry's exporter for Python look for it."""
    ended: Any = rpc_status.to_status(to_status(error))
    if (retry := _retry_info(error)) is not None:
        metadata = (*ended.trailing_metadata, (RETRY_INFO_KEY, retry.SerializeToString()))
        ended = ended._replace(trailing_metadata=metadata)
    return ended


def internal(request_id: str) -> status_pb2.Status:
    """The status of anything unexpected: it tells the request's id and nothing else."""
    return to_status(errors.Internal("INTERNAL", "internal error", request_id=request_id))


def from_rpc_error(error: Any) -> DirectoryError:
    """The error that the other side raised; Unavailable or Internal where gRPC itself failed."""
    status = _status_of(error)
    if status is not None:
        for detail in status.details:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info) and info.domain == DOMAIN:
                kind = _KINDS.get(status.code, errors.Internal)
                return kind(info.reason, status.message, violations=_violations(status), **info.metadata)
    code = error.code()
    if code in _AWAY:
        return errors.Unavailable(code.name, "A part of the directory does not answer. Try again later.")
    return errors.Internal("INTERNAL", f"The call failed with {code.name}.")


def _retry_info(error: DirectoryError) -> Any:
    seconds = error.metadata.get("retry_after_seconds", "")
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    info = error_details_pb2.RetryInfo()
    info.retry_delay.seconds = int(seconds)
    return info


def _code(error: DirectoryError) -> int:
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), code_pb2.INTERNAL)


def _add(status: status_pb2.Status, detail: Any) -> None:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status.details.append(packed)


def _status_of(error: Any) -> status_pb2.Status | None:
    try:
        status: status_pb2.Status | None = rpc_status.from_call(error)
    except ValueError:
        return None
    return status


def _violations(status: status_pb2.Status) -> list[Violation]:
    for detail in status.details:
        request = error_details_pb2.BadRequest()
        if detail.Unpack(request):
            return [Violation(each.field, each.reason, each.description) for each in request.field_violations]
    return []
