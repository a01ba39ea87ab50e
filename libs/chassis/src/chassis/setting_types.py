"""Types of settings: what is wrong is told before a process starts. No message shows a value: it may be a secret."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from pydantic import AfterValidator, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from chassis.grants import GrantSigner, GrantVerifier
from chassis.rpc.tls import FILES

_LAST_PORT = 65_535


def split_listen(listen: str) -> tuple[str, int]:
    """`host:port` as its two parts. Raises ValueError for anything else."""
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not (port.isascii() and port.isdigit()) or int(port) > _LAST_PORT:
        raise ValueError("host:port is needed, with a port of 0 to 65535")
    return host.strip("[]"), int(port)


@contextmanager
def listening(variable: str, address: str) -> Iterator[None]:
    """Around what takes a port: one sentence with the setting's name ends the process where it cannot be had."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # the latter is gRPC's
        why = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        raise SystemExit(f"{variable} is wrong: nothing can listen at {address}{why}.") from None


def _listen(address: str) -> str:
    split_listen(address)
    return address


def _peer(address: str) -> str:
    if split_listen(address)[1] == 0:
        raise ValueError("host:port is needed, with a port of 1 to 65535")
    return address


def _brokers(addresses: str) -> str:
    for address in addresses.split(","):
        _peer(address.strip())
    return addresses


def _database(url: SecretStr) -> SecretStr:
    try:
        parts = make_url(url.get_secret_value())
        is_good = parts.get_backend_name() == "postgresql" and (parts.port is None or 1 <= parts.port <= _LAST_PORT)
    except (ArgumentError, ValueError):
        is_good = False
    if not is_good:
        raise ValueError("postgresql://user:password@host:port/database is needed")
    return url


def _web_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("must be an http or https URL")
    if "?" in url or "#" in url:
        raise ValueError("must have neither a query nor a fragment")
    return url.rstrip("/")


def _file(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ValueError("there is no such file that this process may read")
    return path


def _tls_folder(folder: Path) -> Path:
    if missing := [name for name in FILES if not os.access(folder / name, os.R_OK)]:
        raise ValueError(f"a folder with {', '.join(FILES)} is needed; what cannot be read is {', '.join(missing)}")
    return folder


def _opens(read: Callable[[Path], object], what: str) -> Callable[[Path], Path]:
    def check(path: Path) -> Path:
        try:
            read(_file(path))
        except (AttributeError, KeyError, TypeError, JoseError, UnicodeDecodeError, JSONDecodeError):
            raise ValueError(f"the file has no {what}") from None
        return path

    return check


Listen: TypeAlias = Annotated[str, AfterValidator(_listen)]
"""Where a server answers, `host:port`; port 0 is any that is free."""
Peer: TypeAlias = Annotated[str, AfterValidator(_peer)]
"""Where another process answers, `host:port`."""
BrokerAddresses: TypeAlias = Annotated[str, AfterValidator(_brokers)]
"""`host:port,...`, at least one."""
DatabaseUrl: TypeAlias = Annotated[SecretStr, AfterValidator(_database)]
"""postgresql://user:password@host:port/database"""
WebUrl: TypeAlias = Annotated[str, AfterValidator(_web_url)]
"""http or https, without query and fragment; a slash at its end is taken away."""
WebUrlOrNothing: TypeAlias = Annotated[str, AfterValidator(lambda url: _web_url(url) if url else "")]
ReadableFile: TypeAlias = Annotated[Path, AfterValidator(_file)]
TlsFolder: TypeAlias = Annotated[Path, AfterValidator(_tls_folder)]
"""Has the files that chassis.rpc.tls reads."""
GrantKeysFile: TypeAlias = Annotated[Path, AfterValidator(_opens(GrantVerifier, "JWK set (JSON) of public keys"))]
GrantSigningKeyFile: TypeAlias = Annotated[Path, AfterValidator(_opens(GrantSigner, "private key (JWK, JSON)"))]
