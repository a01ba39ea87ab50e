"""Single events as columns. An event is anything with the fields of directory.usage.v1.UsageEvent."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from metrics.domain.usage_columns import LARGEST_STATUS, Names, UsageColumns


class UsageEventLike(Protocol):
    """The fields that count."""

    @property
    def kind(self) -> int: ...
    @property
    def time_us(self) -> int: ...
    @property
    def server_id(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def tool(self) -> str: ...
    @property
    def account_hash(self) -> int: ...
    @property
    def outcome(self) -> int: ...
    @property
    def error_type(self) -> str: ...
    @property
    def http_status(self) -> int: ...
    @property
    def duration_us(self) -> int: ...
    @property
    def synthetic(self) -> bool: ...


def columns_of(events: Sequence[UsageEventLike]) -> UsageColumns:
    """Events as columns. Unknown numbers of enumerations become 0."""
    count = len(events)
    return UsageColumns(
        kind=np.fromiter((_small(e.kind) for e in events), np.uint8, count),
        time=np.fromiter((e.time_us for e in events), np.int64, count),
        server=Names.of([e.server_id for e in events]),
        product=Names.of([e.product for e in events]),
        tool=Names.of([e.tool for e in events]),
        account=np.fromiter((e.account_hash for e in events), np.uint64, count),
        outcome=np.fromiter((_small(e.outcome) for e in events), np.uint8, count),
        error_type=Names.of([e.error_type for e in events]),
        http_status=np.fromiter((min(e.http_status, LARGEST_STATUS) for e in events), np.uint16, count),
        duration_us=np.fromiter((e.duration_us for e in events), np.uint64, count),
        synthetic=np.fromiter((e.synthetic for e in events), np.bool_, count),
    )


def _small(number: int) -> int:
    return number if 0 <= number < 256 else 0
