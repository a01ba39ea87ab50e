"""The story of a server by HTTP: submit, approve, publish, edit, approve the edit."""

from typing import Any

Json = dict[str, Any]


def test_smoke(system: Any) -> None:
    client = system.client(system.token("owner@ours.example", organization="Ours"))
    answer = client.get("/me")
    assert answer.status_code == 200, answer.text
    print(answer.json())
    assert client.get("/vocabulary").status_code == 200
