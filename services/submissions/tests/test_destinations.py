"""Where the directory connects to, and where never: hostile addresses, names that change their mind, a canary."""

import socket
import ssl
import threading

import anyio
import httpx2
import pytest
from chassis import destinations
from chassis.destinations import literal, networks, refusal
from submissions.domain.probe_report import Cause, Reach
from submissions.probe.guard import Guard, NotAllowedError, guard
from submissions.probe.guarded_http import GuardedTransport, client
from submissions.probe.process import look

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:82a::200e", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_a_network_are_refused(address):
    assert refusal(literal(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_taken(address):
    assert refusal(literal(address)) == ""


@pytest.mark.parametrize("text", ["127.0.0.1/8", "localhost", "10.0.0.0/40", "::1/129"])
def test_networks_are_spelled_exactly(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the settings say which variable it is
        networks(text)


@pytest.mark.parametrize(
    ("url", "within"),
    [
        ("http://127.0.0.1:8000/mcp", True),
        ("https://127.1.2.3/", True),
        ("http://[::1]:8000/mcp", True),
        ("http://localhost:8000/mcp", False),
        ("http://127.0.0.1.nip.io/", False),
        ("http://10.0.0.1/", False),
        ("http://[::ffff:127.0.0.1]/", False),
        ("http://[broken/", False),
    ],
)
def test_named_networks_take_addresses_not_names(url, within):
    assert destinations.lies_within(url, networks("127.0.0.0/8, ::1/128")) is within


class Canary:
    """Listens on loopback, answers everybody, and counts who came."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.hosts: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                head = connection.recv(65_536).decode(errors="replace")
                self.hosts.append(head.lower().partition("host: ")[2].partition("\r\n")[0])
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.fixture
def canary():
    made = Canary()
    yield made
    made.socket.close()


def fetch(url, guarded):
    async def get():
        async with client(GuardedTransport(guarded)) as http:
            return await http.get(url)

    return anyio.run(get)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],
)
def test_the_canary_sees_nobody_whatever_loopback_is_called(canary, host):
    report = look(f"https://{host}:{canary.port}/mcp", "streamable_http")
    assert report.reach is Reach.UNREACHABLE
    assert report.cause in (Cause.ADDRESS_REFUSED, Cause.NAME_UNKNOWN)
    assert canary.hosts == []


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["fe80::1%lo"]],
)
def test_a_name_with_an_address_inside_a_network_is_refused_whole(canary, answers):
    with pytest.raises(NotAllowedError) as refused:
        fetch(f"https://rebound.acme.com:{canary.port}/", Guard(refusal, lambda host: answers))
    assert refused.value.cause is Cause.ADDRESS_REFUSED
    assert canary.hosts == []


def test_a_name_is_looked_up_once_and_what_it_says_later_counts_for_nothing():
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    guarded = Guard(refusal, lambda host: next(answers))
    first = guarded.addresses("rebinding.acme.com")
    assert guarded.addresses("REBINDING.acme.com.") == first == [literal("8.8.8.8")]


def test_the_connection_goes_to_the_checked_address_and_says_the_name(canary):
    asked = []

    def look_up(host):
        asked.append(host)
        return ["127.0.0.1"]

    guarded = Guard(lambda address: "", look_up, plain_http=True)
    assert fetch(f"http://does-not-exist.acme.com:{canary.port}/", guarded).status_code == 200
    assert asked == ["does-not-exist.acme.com"]
    assert canary.hosts == [f"does-not-exist.acme.com:{canary.port}"]


def test_plain_http_is_for_named_networks_alone(canary):
    with pytest.raises(NotAllowedError):
        fetch(f"http://127.0.0.1:{canary.port}/", Guard(lambda address: "", lambda host: ()))
    assert canary.hosts == []
    assert fetch(f"http://127.0.0.1:{canary.port}/", guard(networks("127.0.0.0/8"))).status_code == 200


def test_a_name_is_never_looked_up_where_networks_are_named():
    with pytest.raises(NotAllowedError):
        guard(networks("127.0.0.0/8")).addresses("localhost")


def test_a_certificate_has_to_be_for_the_name(certificates, answering):
    """SNI and the check of the certificate take the name, though the connection goes to an address."""
    trusting = ssl.create_default_context(cafile=str(certificates / "gateway" / "ca.pem"))
    port = answering(lambda *asked: (200, {}, b"{}"), certificates / "gateway").rpartition(":")[2]
    guarded = Guard(lambda address: "", lambda host: ["127.0.0.1"])

    async def get(name):
        async with client(GuardedTransport(guarded, tls=trusting)) as http:
            return (await http.get(f"https://{name}:{port}/")).status_code

    assert anyio.run(get, "gateway") == 200
    with pytest.raises(httpx2.ConnectError, match=r"(?i)certificate|hostname"):
        anyio.run(get, "other.acme.com")
