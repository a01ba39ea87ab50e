"""What the two batch databases share: conditions of the counts, and their rows as a result."""

from collections.abc import Iterable, Mapping

from benchmarks.totals import lines_of

CALLS = {
    "calls": "kind = 1",
    "tool_errors": "kind = 1 AND outcome = 2",
    "request_errors": "kind = 1 AND outcome = 3",
    "auth_rejected": "kind = 1 AND outcome = 4",
    "http_4xx": "kind = 1 AND http_status BETWEEN 400 AND 499",
    "http_5xx": "kind = 1 AND http_status BETWEEN 500 AND 599",
    "messages": "kind = 2",
    "removals": "kind = 3",
}
_OF_NAMES = ("calls", "tool_errors", "request_errors")


def lines(rows: Mapping[str, Iterable[tuple]]) -> list[str]:
    """The result from the rows of each rollup."""
    counts = {}
    for server, day, *amounts in rows["server"]:
        counts |= {("server", server, day, measure): n for measure, n in zip(CALLS, amounts, strict=True)}
    for what in ("product", "tool"):
        for *key, calls, tool_errors, request_errors, _, _, _, _, _ in rows[what]:
            amounts = (calls, tool_errors, request_errors)
            counts |= {(what, *key, measure): n for measure, n in zip(_OF_NAMES, amounts, strict=True)}
    counts |= {("error_type", *key): calls for *key, calls in rows["error_type"]}
    return lines_of(counts, rows["durations"], rows["accounts"])
