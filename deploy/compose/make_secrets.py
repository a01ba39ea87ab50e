"""Certificates, keys and passwords of a new installation: `make_secrets.py OUT` fills OUT/<service>/, once.

Each folder becomes one service's /run/secrets. What is there is kept; certificates near their end are renewed.
"""

import os
import shutil
import sys
from pathlib import Path

from embedded.certificates import make_certificates
from embedded.keys import account_key, make_grant_keys, sealing_key, secret, webhook_key

DATABASES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")
SERVICE_USER = 10001


def main(out: Path) -> None:
    kept = out / "authz" / ".made"  # the volume of the service that signs grants also keeps what others are copied from
    kept.mkdir(mode=0o700, exist_ok=True)
    make_certificates(kept)
    grant_keys = make_grant_keys(kept)
    client_secret = secret(kept, "oidc-client-secret")
    passwords = {name: secret(kept, f"password-{name}") for name in (*DATABASES, "administrator")}

    for name in (*DATABASES, "proxy"):
        for part in ("ca.pem", "cert.pem", "key.pem"):
            write(out / name / "tls" / part, (kept / name / part).read_text())
    for name in DATABASES:
        write(out / name / f"database_url_{name}", f"postgresql://{name}:{passwords[name]}@postgres:5432/{name}")
        write(out / name / "grant_keys.json", grant_keys.public_keys.read_text())
        write(out / "postgres" / f"password_{name}", passwords[name], readable=True)
    write(out / "postgres" / "postgres_password", passwords["administrator"], readable=True)
    write(out / "authz" / "grant_signing_key.json", grant_keys.signing_key.read_text())
    write(out / "submissions" / "sealing_keys", sealing_key(kept))
    write(out / "notifications" / "sealing_keys", webhook_key(kept))
    write(out / "metrics" / "account_keys", account_key(kept))
    write(out / "gateway" / "session_key", secret(kept, "session-key"))
    write(out / "gateway" / "oidc_client_secret", client_secret)
    write(out / "identity" / "identity_client_secret", client_secret)
    shutil.chown(out / "identity", SERVICE_USER, SERVICE_USER)  # the provider keeps its own key there


def write(path: Path, text: str, *, readable: bool = False) -> None:
    """PostgreSQL reads its folder as a user whose number differs between images; all others are one user."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o444 if readable else 0o400)
    if not readable:
        os.chown(path, SERVICE_USER, SERVICE_USER)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
