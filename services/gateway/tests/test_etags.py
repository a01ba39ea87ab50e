import pytest
from chassis.errors import InvalidInput, VersionMismatch
from flask import Flask
from gateway import etags

app = Flask(__name__)


@pytest.mark.parametrize(("header", "version"), [('"7"', 7), (' "0" ', 0)])
def test_the_version_comes_from_if_match(header: str, version: int) -> None:
    with app.test_request_context(headers={"If-Match": header}):
        assert etags.required_version() == version


@pytest.mark.parametrize("header", [None, "", "*"])
def test_without_a_version_the_write_is_refused(header: str | None) -> None:
    with (
        app.test_request_context(headers={} if header is None else {"If-Match": header}),
        pytest.raises(InvalidInput, match="IF_MATCH_REQUIRED"),
    ):
        etags.required_version()


@pytest.mark.parametrize("header", ["7", 'W/"7"', '"seven"', '"7", "8"', '"-7"', f'"{"9" * 19}"'])
def test_a_tag_that_is_none_of_ours_does_not_match(header: str) -> None:
    with app.test_request_context(headers={"If-Match": header}), pytest.raises(VersionMismatch):
        etags.required_version()


@pytest.mark.parametrize("header", ['"7"', 'W/"7"', '"6", "7"'])
def test_if_none_match_answers_304(header: str) -> None:
    with app.test_request_context(headers={"If-None-Match": header}):
        response = etags.not_modified(7)
        assert response is not None
        assert (response.status_code, response.headers["ETag"]) == (304, '"7"')
        assert etags.not_modified(8) is None
