"""The server-rendered pages: one module a page group, and what they share by topic."""

from collections.abc import Callable

from flask import Flask
from flask.typing import ResponseReturnValue

from gateway.problems import Problem
from gateway.web import (
    account,
    badges,
    crawlers,
    dashboard,
    error_pages,
    listing_editor,
    listing_history,
    notifications,
    preview,
    public,
    rendering,
    review_decisions,
    review_desk,
    review_running,
    submission_form,
    submission_import,
    submissions,
    transfers,
    webhooks,
)

# listing_history, review_decisions, review_running, preview, submission_form and submission_import put their routes
# into the blueprints of listing_editor, review_desk and submissions.
_MODULES = (
    public,
    crawlers,
    dashboard,
    submissions,
    submission_form,
    transfers,
    submission_import,
    preview,
    listing_editor,
    listing_history,
    review_desk,
    review_decisions,
    review_running,
    account,
    notifications,
    webhooks,
    badges,
)


def register(app: Flask) -> Callable[[Problem], ResponseReturnValue]:
    """Put the pages into the application; gives the page for errors."""
    rendering.register(app)
    for blueprint in dict.fromkeys(module.__dict__["blueprint"] for module in _MODULES):
        app.register_blueprint(blueprint)
    app.register_blueprint(notifications.unsubscribing)
    return error_pages.render
