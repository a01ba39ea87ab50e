"""What an operator gets wrong is refused before the gateway starts."""

from typing import Any

import pytest
from pydantic import ValidationError


@pytest.mark.parametrize(
    "wrong",
    [
        {"trusted_proxies": -1},
        {"caller_limit": 0},
        {"organization_limit": 0},
        {"address_limit": 0},
        {"oidc_client_id": ""},
        {"public_url": "https://directory.example.com/?a=b"},
        {"oidc_internal_url": "identity:8090"},
        {"authz_address": "authz"},
        {"http_listen": "0.0.0.0:80000"},
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_named(edge_settings: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        edge_settings(**wrong)
    assert [problem["loc"][0] for problem in refused.value.errors()] == list(wrong)


def test_the_provider_may_be_asked_where_browsers_go(edge_settings: Any) -> None:
    assert edge_settings(oidc_internal_url="").oidc_internal_url == ""
    assert edge_settings(public_url="https://directory.example.com/").public_url == "https://directory.example.com"
