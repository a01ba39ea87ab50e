"""What every posted form of a page goes through: an effect that happens once, and where to go afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid5

from chassis.rpc import client
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response


@contextmanager
def once(step: str) -> Iterator[None]:
    """Calls inside take effect once for a form, however often it is sent; each step of one form has its own name."""
    try:
        form_key = UUID(request.form.get("once", ""))
    except ValueError:
        yield
        return
    with client.idempotency_key(str(uuid5(form_key, step))):
        yield


def then(message: str, endpoint: str, *, tone: str = "good", anchor: str | None = None, **values: Any) -> Response:
    """Redirect after a POST, with a message on the next page."""
    flash(message, tone)
    return redirect(url_for(endpoint, _anchor=anchor, **values), code=303)
