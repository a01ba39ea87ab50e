"""The server-rendered pages: one module a page group, and what they share by topic."""

from collections.abc import Callable

from flask import Flask
from flask.typing import ResponseReturnValue

from gateway.core import Core
from gateway.problems import Problem
from gateway.web import (
    account,
    dashboard,
    error_pages,
    listing_editor,
    public,
    rendering,
    review_decisions,
    review_desk,
    submission_form,
    submissions,
)


def register(app: Flask, core: Core) -> Callable[[Problem], ResponseReturnValue]:
    """Put the pages into the application; gives the page for errors."""
    rendering.register(app)
    review_decisions.register(review_desk.blueprint)
    submission_form.register(submissions.blueprint)
    for module in (public, dashboard, submissions, listing_editor, review_desk, account):
        app.register_blueprint(module.blueprint)
    return error_pages.render
