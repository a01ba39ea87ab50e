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

# review_decisions and submission_form add routes to another module's blueprint, which stands here twice.
_BLUEPRINTS = (
    public.blueprint,
    dashboard.blueprint,
    submissions.blueprint,
    submission_form.blueprint,
    listing_editor.blueprint,
    review_desk.blueprint,
    review_decisions.blueprint,
    account.blueprint,
)


def register(app: Flask, core: Core) -> Callable[[Problem], ResponseReturnValue]:
    """Put the pages into the application; gives the page for errors."""
    rendering.register(app)
    for blueprint in dict.fromkeys(_BLUEPRINTS):
        app.register_blueprint(blueprint)
    return error_pages.render
