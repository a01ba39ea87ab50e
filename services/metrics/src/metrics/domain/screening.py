"""Which rows of a batch count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from metrics.domain.usage_columns import AUTH_REJECTED, CONNECTOR_REMOVED, OK, TOOL_CALL, UsageColumns
from metrics.domain.vocabulary import NOTHING

OLDEST_US = 35 * 86_400 * 1_000_000
FUTURE_US = 5 * 60 * 1_000_000
# Why a row may not count, in the order in which it is asked.
REASONS = ("raw_account", "unknown_kind", "bad_server_id", "unknown_outcome", "late", "future")


@dataclass(frozen=True)
class Screened:
    """Which rows count, all where `keep` is None; and how many did not, by reason. Synthetic ones are no fault."""

    all_columns: UsageColumns
    keep: NDArray[np.bool_] | None = None
    synthetic: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many count."""
        return len(self.all_columns) - self.synthetic - sum(self.rejected.values())

    @property
    def columns(self) -> UsageColumns:
        """The rows that count."""
        return self.all_columns if self.keep is None else self.all_columns.taken(np.flatnonzero(self.keep))


def screen(
    columns: UsageColumns, arrived_us: NDArray[np.int64] | int, *, raw_account: NDArray[np.bool_] | None = None
) -> Screened:
    """Finds the rows that may not count.

    Args:
        columns: a batch, its names coded by a vocabulary.
        arrived_us: when it reached the broker, for all or for each row; age is measured against it, so that a worker
            that lags or reads again decides the same.
        raw_account: rows that carried a raw account id, which nobody may send to the topic.
    """
    keep: NDArray[np.bool_] | None = None
    synthetic = 0
    if columns.synthetic.any():
        keep = ~columns.synthetic
        synthetic = len(columns) - int(keep.sum())
    rejected: dict[str, int] = {}
    for reason, bad in _faults(columns, arrived_us, raw_account):
        # hardly any batch has a fault; looking whether there is one is much cheaper than taking rows out
        if not bad.any():
            continue
        hit = bad if keep is None else bad & keep
        if count := int(hit.sum()):
            rejected[reason] = count
            keep = ~hit if keep is None else keep & ~hit
    return Screened(columns, keep, synthetic, rejected)


def _faults(
    columns: UsageColumns, arrived_us: NDArray[np.int64] | int, raw_account: NDArray[np.bool_] | None
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    if raw_account is not None:
        yield "raw_account", raw_account
    # uint8 wraps around: 0 becomes 255
    yield "unknown_kind", columns.kind - np.uint8(TOOL_CALL) > CONNECTOR_REMOVED - TOOL_CALL
    yield "bad_server_id", columns.server.codes == NOTHING
    unknown = columns.outcome - np.uint8(OK) > AUTH_REJECTED - OK
    yield "unknown_outcome", unknown & (columns.kind == TOOL_CALL)
    # compared with bounds, never as a difference: a time near the ends of int64 must not wrap around
    yield "late", columns.time < arrived_us - OLDEST_US
    yield "future", columns.time > arrived_us + FUTURE_US
