"""E-mails end in the letterbox and can be read there."""

import json
import os
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from embedded import ports
from letterbox.folder import MOST, Folder

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def letterbox(tmp_path: Path, eventually: Any) -> Iterator[tuple[str, int]]:
    """Address of the page, and port of the SMTP server."""
    http, smtp = ports.any_free(), ports.any_free()
    environment = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "LETTERBOX_HTTP_LISTEN": f"127.0.0.1:{http}",
        "LETTERBOX_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "LETTERBOX_FOLDER": str(tmp_path / "mails"),
    }
    process = subprocess.Popen([sys.executable, "-m", "letterbox"], env=environment)
    try:
        eventually(lambda: read(f"http://127.0.0.1:{http}/readyz"))
        yield f"http://127.0.0.1:{http}", smtp
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def test_what_is_sent_is_kept_and_shown(letterbox: tuple[str, int]) -> None:
    page, smtp = letterbox
    assert "Nothing came." in read(page)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = HOSTILE, "a@directory.example", "b@example.com"
    message.set_content(f"Hello {HOSTILE}")
    message.add_alternative("<p>Hello</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", smtp) as session:
        session.send_message(message)
    [mail] = json.loads(read(f"{page}/mails.json"))
    assert (mail["headers"]["to"], mail["text"].strip()) == ("b@example.com", f"Hello {HOSTILE}")
    for path in ("", f"/mails/{mail['name']}"):
        assert HOSTILE not in read(page + path)
        assert "&lt;script&gt;" in read(page + path)
    assert "<p>Hello</p>" in read(f"{page}/mails/{mail['name']}.eml")
    for nothing in ("/mails/x", "/mails/../secrets", "/mails/20260101T000000000000-000000"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            read(page + nothing)


def test_it_is_for_development_alone() -> None:
    environment = {"PATH": os.environ["PATH"], "LETTERBOX_FOLDER": "/tmp"}
    done = subprocess.run(
        [sys.executable, "-m", "letterbox"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ENVIRONMENT=development only" in done.stderr


def test_the_oldest_go(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number in range(MOST + 2):
        folder.keep(f"Subject: {number}\r\n\r\n.".encode())
    kept = folder.all()
    assert (len(kept), kept[0].header("Subject"), kept[-1].header("Subject")) == (MOST, str(MOST + 1), "2")
