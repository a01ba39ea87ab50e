"""Clients that send or read slowly, or not at all, keep nobody else from being answered."""

import http.client
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from embedded import ports
from gateway.bodies import MAX_BODY
from gateway.http_server import LARGE_BODIES, LARGEST_BODY, THREADS, Server

STUCK = THREADS + 4
POST = b"POST / HTTP/1.1\r\nHost: directory.example\r\n"
GET = b"GET / HTTP/1.1\r\nHost: directory.example\r\n\r\n"
# Long enough for a machine that is busy with other tests, shorter than any wait of the server's.
IN_TIME = 30.0

Connect = Callable[..., socket.socket]


@contextmanager
def running(port: int, seconds: int, eventually: Callable[..., None]) -> Iterator[int]:
    script = Path(__file__).with_name("server_alone.py")
    process = subprocess.Popen([sys.executable, str(script), str(port), str(seconds)])
    try:
        eventually(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(timeout=IN_TIME)


def answers(port: int) -> bool:
    try:
        return ask(port) == (200, b"0")
    except OSError:
        return False


def ask(port: int, method: str = "GET", path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=IN_TIME)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def server(eventually: Callable[..., None]) -> Iterator[int]:
    with running(ports.any_free(), 600, eventually) as port:
        yield port


@pytest.fixture
def connect() -> Iterator[Connect]:
    """connect(port, first bytes): a connection that lasts as long as the test."""
    with ExitStack() as held:

        def make(port: int, data: bytes = b"") -> socket.socket:
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=IN_TIME))
            client.sendall(data)
            return client

        yield make


def read_answer(client: socket.socket) -> bytes:
    """One answer, by its Content-Length."""
    answer = http.client.HTTPResponse(client)
    answer.begin()
    return str(answer.status).encode() + b" " + answer.read()


def is_open(port: int, client: socket.socket) -> bool:
    """Whether the server still holds its end of the connection."""
    ends = f":{port:04X} ", f":{client.getsockname()[1]:04X} 01 "  # 01 is ESTABLISHED
    return any(all(end in line for end in ends) for line in Path("/proc/net/tcp").read_text().splitlines())


@pytest.mark.parametrize(
    "sent", [b"", b"G", POST, POST + b"Content-Length: 9\r\n\r\n1", POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\n1"]
)
def test_more_silent_clients_than_threads_stop_nobody(server: int, connect: Connect, sent: bytes) -> None:
    for _ in range(STUCK):
        connect(server, sent)
    assert ask(server) == (200, b"0")


def test_more_dripping_clients_than_threads_stop_nobody(server: int, connect: Connect) -> None:
    clients = [connect(server, POST + b"X-Slow: ") for _ in range(STUCK)]
    clients += [connect(server, POST + b"Content-Length: 900\r\n\r\n") for _ in range(STUCK)]
    for _ in range(20):
        for client in clients:
            client.sendall(b"1")
        assert ask(server) == (200, b"0")


def test_more_clients_that_do_not_read_than_threads_stop_nobody(server: int, connect: Connect) -> None:
    for _ in range(STUCK):
        connect(server, GET.replace(b"/ ", b"/large ", 1))
    assert ask(server) == (200, b"0")


def test_a_large_answer_arrives_as_a_whole(server: int) -> None:
    assert ask(server, path="/large") == (200, b"x" * 2**24)


def test_more_kept_connections_than_threads_stop_nobody(server: int, connect: Connect) -> None:
    for _ in range(STUCK):
        assert read_answer(connect(server, GET)) == b"200 0"
    assert ask(server) == (200, b"0")


def test_where_there_is_no_room_for_another_client_the_oldest_that_is_silent_goes(
    server: int, connect: Connect
) -> None:
    first = connect(server, b"G")
    for _ in range(600):
        connect(server, b"G")
    assert ask(server) == (200, b"0")
    assert first.recv(100) == b""


@pytest.mark.parametrize("sent", [b"", POST, POST + b"Content-Length: 900\r\n\r\n"])
def test_a_request_that_does_not_end_is_not_waited_for(
    eventually: Callable[..., None], connect: Connect, sent: bytes
) -> None:
    with running(ports.any_free(), 1, eventually) as port:
        client = connect(port, sent)

        def is_closed() -> bool:
            try:
                client.sendall(b"1")
                return bool(select.select([client], [], [], 0)[0]) and client.recv(100) == b""
            except ConnectionError:
                return True

        eventually(is_closed)


def test_an_answer_that_is_not_read_is_not_kept(eventually: Callable[..., None], connect: Connect) -> None:
    with running(ports.any_free(), 1, eventually) as port:
        client = connect(port, GET.replace(b"/ ", b"/large ", 1))
        assert client.recv(12) == b"HTTP/1.1 200"
        assert is_open(port, client)
        eventually(lambda: not is_open(port, client))


def test_what_is_in_hand_is_answered_before_the_end(eventually: Callable[..., None], connect: Connect) -> None:
    with running(ports.any_free(), 600, eventually) as port:
        idle, dripping = connect(port), connect(port, POST)
        assert ask(port, path="/stop") == (200, b"0")
        assert idle.recv(1) == dripping.recv(1) == b""


@pytest.mark.parametrize("head", [b"", b"Expect: 100-continue\r\n"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_in_small_pieces_arrives(server: int, connect: Connect, is_chunked: bool, head: bytes) -> None:
    size = 512 * 1024
    pieces = [b"i" * 1024] * (size // 1024)
    if is_chunked:
        head += b"Transfer-Encoding: chunked\r\n"
        pieces = [b"400;a=b\r\n%b\r\n" % piece for piece in pieces] + [b"0\r\n", b"X-Trailer: t\r\n", b"\r\n"]
    else:
        head += b"Content-Length: %d\r\n" % size
    client = connect(server, POST + head + b"\r\n")
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if b"Expect" in head:
        assert client.recv(len(b"HTTP/1.1 100 Continue\r\n\r\n")) == b"HTTP/1.1 100 Continue\r\n\r\n"
    for piece in pieces:
        client.sendall(piece)
    assert read_answer(client) == b"200 %d" % size
    client.sendall(GET)
    assert read_answer(client) == b"200 0"


def test_requests_that_come_at_once_are_answered_in_their_order(server: int, connect: Connect) -> None:
    client = connect(server, POST + b"Content-Length: 3\r\n\r\nabc" + GET + POST + b"Content-Length: 2\r\n\r\nab")
    received = b""
    while received.count(b"HTTP/1.1 200 OK") < 3 or not received.endswith(b"2"):
        received += client.recv(1000)
    assert [part[-1:] for part in received.split(b"HTTP/1.1 200 OK")[1:]] == [b"3", b"0", b"2"]


def test_of_large_bodies_few_are_held_at_once(server: int, connect: Connect, eventually: Callable[..., None]) -> None:
    large = POST + b"Content-Length: %d\r\n\r\n" % (2 * MAX_BODY) + b"x" * (MAX_BODY + 1)
    clients = [connect(server, large) for _ in range(LARGE_BODIES)]
    clients.append(connect(server, large))

    def held() -> list[bool]:
        return [is_open(server, client) for client in clients]

    eventually(lambda: held().count(False) == 1)
    left = next(client for client, is_held in zip(clients[::-1], held()[::-1], strict=True) if is_held)
    left.sendall(b"x" * (MAX_BODY - 1))
    assert read_answer(left) == b"200 %d" % (2 * MAX_BODY)


@pytest.mark.parametrize("path", [b"/", b"/unread"])
def test_nothing_behind_a_body_that_is_too_large_is_taken_for_a_request(
    server: int, connect: Connect, path: bytes
) -> None:
    client = connect(server, POST.replace(b"/", path, 1) + b"Content-Length: %d\r\n\r\n" % LARGEST_BODY + GET)
    received = b""
    while data := client.recv(1000):
        received += data
    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET\r\n\r\n", b"400"),
        (POST + b"Content-Length: x\r\n\r\n", b"400"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nx\r\n", b"400"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_refused(server: int, connect: Connect, sent: bytes, status: bytes) -> None:
    assert connect(server, sent).recv(12)[9:] == status


def test_a_head_without_end_is_not_kept(server: int, connect: Connect, eventually: Callable[..., None]) -> None:
    client = connect(server)

    def is_cut_off() -> bool:
        try:
            client.sendall(b"X" * 65536)
        except OSError:
            return True
        return False

    eventually(is_cut_off)


def test_a_port_that_is_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SystemExit, match=f"^HTTP_LISTEN is wrong: nothing can listen at {address}"):
            Server(address, lambda *_: [])
