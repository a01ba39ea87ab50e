"""The provider's signing key, kept in a file so that tokens outlive a restart."""

import json
import os
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

ALGORITHM = "RS256"


class SigningKey:
    """An RSA key with its id (`kid`), the RFC 7638 thumbprint."""

    def __init__(self, key: RSAKey) -> None:
        self.private = key
        self.id = key.thumbprint()

    def header(self, kind: str) -> dict[str, str]:
        """The header of a token of that kind (`typ`)."""
        return {"alg": ALGORITHM, "kid": self.id, "typ": kind}

    def jwks(self) -> dict[str, Any]:
        """The public half as a JSON Web Key Set."""
        public = self.private.as_dict(private=False)
        return {"keys": [{**public, "kid": self.id, "use": "sig", "alg": ALGORITHM}]}


def load_or_create(path: Path) -> SigningKey:
    """The key of the file (a private RSA JWK), which is made on first use and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(RSAKey.generate_key(2048).as_dict(private=True)))
        os.replace(unfinished, path)
    return SigningKey(RSAKey.import_key(json.loads(path.read_text())))
