"""Mutual TLS from a folder with ca.pem, cert.pem and key.pem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc

FILES = ("ca.pem", "cert.pem", "key.pem")


def server_credentials(tls_dir: Path) -> grpc.ServerCredentials:
    """Clients must show a certificate of the CA. The files are read again at the handshake after a change."""
    present = [stamps(tls_dir)]

    def newest() -> grpc.ServerCertificateConfiguration | None:
        newest_stamps = stamps(tls_dir)
        if newest_stamps == present[0]:
            return None
        configuration = _server_configuration(tls_dir)
        present[0] = newest_stamps
        return configuration

    # The stub does not know that None means "no change".
    return grpc.dynamic_ssl_server_credentials(
        _server_configuration(tls_dir),
        newest,  # type: ignore[arg-type]
        require_client_authentication=True,
    )


def channel_credentials(tls_dir: Path) -> grpc.ChannelCredentials:
    """What a client shows, and the CA that it believes."""
    ca, certificate, key = _read(tls_dir)
    return grpc.ssl_channel_credentials(root_certificates=ca, private_key=key, certificate_chain=certificate)


def peer_name(context: grpc.ServicerContext) -> str:
    """The first DNS name of the client's certificate; empty where it has none."""
    names: dict[str, Any] = dict(context.auth_context())
    for name in names.get("peer_dns", ()):
        return bytes(name).decode()
    return ""


def _server_configuration(tls_dir: Path) -> grpc.ServerCertificateConfiguration:
    ca, certificate, key = _read(tls_dir)
    return grpc.ssl_server_certificate_configuration([(key, certificate)], root_certificates=ca)


def _read(tls_dir: Path) -> tuple[bytes, bytes, bytes]:
    ca, certificate, key = ((tls_dir / name).read_bytes() for name in FILES)
    return ca, certificate, key


def stamps(tls_dir: Path) -> list[tuple[int, int]]:
    """Changes when a file of the folder does."""
    statuses = [(tls_dir / name).stat() for name in FILES]
    return [(status.st_mtime_ns, status.st_ino) for status in statuses]
