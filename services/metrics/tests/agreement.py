"""Whether an answer of the service says what the oracle says, field by field."""

import pytest

QUANTILE = 0.0055


def as_dict(metrics):
    """A ServerMetrics in the oracle's form."""

    def plain(message, names):
        return {name: getattr(message, name) for name in names}

    def optional(message, name):
        return getattr(message, name) if message.HasField(name) else None

    of_a_day = ("calls", "active_users", "error_rate", "rank", "disconnect_rate")
    rates = ("calls", "error_rate", "tool_error_rate", "request_error_rate", "http_4xx_rate", "http_5xx_rate")
    return {
        **plain(metrics, ("server_id", "as_of", "ranked_servers", "trending", "health", "messages_without_calls")),
        **{n: optional(metrics, n) for n in ("rank", "active_users", "calls", "disconnect_rate", "error_rate")},
        "windows": [
            {
                **plain(window, ("days", *rates)),
                "top_error_types": [(row.error_type, row.count) for row in window.top_error_types],
            }
            for window in metrics.windows
        ],
        "products": [
            plain(p, ("product", "calls", "error_rate", "p50_ms", "p95_ms", "p99_ms")) for p in metrics.products
        ],
        "tools": [plain(t, ("tool", "calls", "error_rate", "tool_error_rate")) for t in metrics.tools],
        "daily": [{"day": d.day, **{n: optional(d, n) for n in of_a_day}} for d in metrics.daily],
    }


def check_summary(summary, expected):
    """A summary says the same in every field; what is absent there is absent here."""
    names = ("rank", "active_users", "calls", "error_rate")
    found = {name: getattr(summary, name) if summary.HasField(name) else None for name in names}
    found |= {name: getattr(summary, name) for name in ("server_id", "health", "trending", "as_of")}
    assert found == {name: expected[name] for name in found}


def check(metrics, expected):
    found = as_dict(metrics)
    for product, wanted in zip(found["products"], expected["products"], strict=True):
        for name in ("p50_ms", "p95_ms", "p99_ms"):
            value = product.pop(name)
            assert value == pytest.approx(wanted[name], rel=QUANTILE, abs=1e-9), (value, name, wanted)
    wanted_products = [
        {k: v for k, v in row.items() if k not in ("p50_ms", "p95_ms", "p99_ms")} for row in expected["products"]
    ]
    for name, value in expected.items():
        wanted = wanted_products if name == "products" else value
        assert found[name] == wanted, (name, expected["server_id"])
