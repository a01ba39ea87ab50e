"""Key files of grants: the private key that signs (a JWK) and the public keys that verify (a JWK set), Ed25519."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey


def create(signing_key_file: Path, keys_file: Path) -> bool:
    """Makes both files; False, and nothing done, when both exist already."""
    if signing_key_file.exists() and keys_file.exists():
        return False
    key = _new_key()
    _write(keys_file, {"keys": [_public(key)]}, mode=0o644)
    _write(signing_key_file, _private(key), mode=0o600)
    return True


def rotate(signing_key_file: Path, keys_file: Path) -> str:
    """Signs with a new key from now on; its id.

    Processes read the files again when they change, so the order matters:
    1. The new public key joins the one in use; older ones leave, since grants last a minute.
    2. The new private key takes over.
    """
    key = _new_key()
    present = json.loads(signing_key_file.read_text())["kid"]
    kept = [entry for entry in json.loads(keys_file.read_text())["keys"] if entry["kid"] == present]
    _write(keys_file, {"keys": [_public(key), *kept]}, mode=0o644)  # 1
    _write(signing_key_file, _private(key), mode=0o600)  # 2
    return str(key.thumbprint())


def _new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True)


def _public(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


def _private(key: OKPKey) -> dict[str, Any]:
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _write(path: Path, content: dict[str, Any], *, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    os.replace(unfinished, path)
