"""Addresses that forms are sent to and nobody can open.

After a refused form the browser shows such an address: opened again, sent to somebody or typed, it leads to the page
that the form is on. A form's address therefore lies below its page; a test walks the URL map.
"""

from urllib.parse import quote

from flask import current_app, request


def page_above(path: str) -> str:
    """The nearest address above `path` that can be opened; the start page when no other can."""
    routes = current_app.create_url_adapter(request)
    while routes is not None and (path := path.rpartition("/")[0]):
        if routes.test(path, method="GET"):
            return quote(path)
    return "/"
