"""A request is given out when all of it is there, whatever the pieces that it comes in."""

import pytest
from gateway.bodies import MAX_BODY
from gateway.whole_requests import WholeRequests
from gunicorn.config import Config

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
SIZED = POST + b"Content-Length: %d\r\n\r\n%b" % (len(GET), GET)
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n4;name=value\r\n\r\n\r\n\r\n1\r\n0\r\n0\r\n\r\n"
TRAILING = POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: a\r\n\r\n"
STREAM = [GET, SIZED, CHUNKED, GET, TRAILING, GET]
COUNTED_TWICE = POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"
TOO_LARGE = POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1)
CHUNK_TOO_LARGE = POST + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n"
NO_CHUNK = POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 2000


def taken(requests: WholeRequests) -> list[bytes]:
    return list(iter(requests.take, None))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_pieces_make_the_same_requests(size: int) -> None:
    requests, stream, found = WholeRequests(Config(), ("127.0.0.1", 1)), b"".join(STREAM), []
    for start in range(0, len(stream), size):
        requests.add(stream[start : start + size])
        found += taken(requests)
    assert (found, len(requests), requests.is_cut_short) == (STREAM, 0, False)


@pytest.mark.parametrize("request_", [GET, SIZED, CHUNKED, TRAILING])
def test_a_request_waits_for_its_last_byte(request_: bytes) -> None:
    requests = WholeRequests(Config(), ("127.0.0.1", 1))
    requests.add(request_[:-1])
    assert requests.take() is None
    requests.add(request_[-1:])
    assert requests.take() == request_


@pytest.mark.parametrize("sent", [COUNTED_TWICE, TOO_LARGE, CHUNK_TOO_LARGE, NO_CHUNK, b"G" * 100_000])
def test_what_will_never_be_whole_is_given_out_at_once_and_ends_the_connection(sent: bytes) -> None:
    requests = WholeRequests(Config(), ("127.0.0.1", 1))
    requests.add(sent)
    assert (requests.take(), requests.is_cut_short) == (sent, True)
