"""From columns to what is added to the rollups, without a Python loop over events.

Sorting is what costs in grouping, so each event becomes one to three 64-bit numbers that hold its groups and measures;
they wait until a flush, are sorted at once, and the lengths of the runs are the counts (`numpy.unique` would hash,
which is slower)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.domain import packing
from metrics.domain.day_maps import AccountDays, AccountSights
from metrics.domain.latency_histogram import buckets_of
from metrics.domain.packing import Ints, joined
from metrics.domain.rollup_counts import Counts, Histograms, Runs
from metrics.domain.screening import Screened, screen
from metrics.domain.usage_columns import REQUEST_ERROR, TOOL_ERROR, UsageColumns
from metrics.domain.vocabulary import Vocabularies

DAY_US = 86_400 * 1_000_000
_FORGET_NAMES, _MOST_NAMES = packing.NAMES // 4, packing.NAMES // 2


@dataclass(frozen=True)
class Deltas:
    """What to add to the rollups. Codes are places in the lists of names."""

    events: int
    servers: list[str]
    products: list[str]
    tools: list[str]
    error_types: list[str]
    by_server: Counts
    by_product: Counts
    durations: Histograms
    by_tool: Counts
    by_error_type: Counts
    accounts: AccountDays


class UsageDeltas:
    """Gathers events until a flush; what it learned of names and accounts outlives the flush. Not safe for threads."""

    def __init__(self) -> None:
        self._names, self._sights = Vocabularies(), AccountSights()
        self._begin()

    def _begin(self) -> None:
        self.events = 0
        self._days: dict[int, int] = {}
        self._by_product: list[Ints] = []
        self._by_tool: list[Ints] = []
        self._by_error_type: list[Ints] = []

    def written(self) -> None:
        """What was gathered is in the database: only then may repeats of it be left out."""
        self._begin()
        self._sights.written()
        if self._names.forget(_FORGET_NAMES):
            # what accounts did is remembered by the servers' codes
            self._sights = AccountSights()

    @property
    def sights(self) -> int:
        """Account sights that are not written yet."""
        return self._sights.new

    @property
    def full(self) -> bool:
        """Whether the numbers for names or days may not do for another batch: it is time to write."""
        return self._names.largest > _MOST_NAMES or len(self._days) > packing.DAYS // 2

    def add(
        self, columns: UsageColumns, arrived_us: NDArray[np.int64] | int, raw_account: NDArray[np.bool_] | None = None
    ) -> Screened:
        """Takes the rows that count; it must not be full. Where it raises, it took none."""
        screened = screen(self._names.coded(columns), arrived_us, raw_account=raw_account)
        if not len(screened):
            return screened
        rows, keep = screened.all_columns, screened.keep
        day, account = rows.time // DAY_US, rows.account
        measure = packing.measures(rows.kind, rows.outcome, rows.http_status)
        if keep is not None:
            # rows that do not count become nobody's, of no meaning: that is cheaper than taking ten columns apart
            day = np.where(keep, day, day[keep.argmax()])
            account, measure = np.where(keep, account, 0), np.where(keep, measure, packing.NO_MEASURE)
        place = joined(rows.server.codes.astype(np.int64), (packing.DAY, self._day_codes(day)))
        bucket = buckets_of(rows.duration_us)
        by_product = joined(
            place, (packing.NAME, rows.product.codes), (packing.BUCKET, bucket), (packing.MEASURE, measure)
        )
        calls = np.flatnonzero(packing.is_call(measure))
        by_tool = joined(
            place[calls],
            (packing.NAME, rows.tool.codes[calls]),
            (packing.OUTCOME, packing.outcomes(measure[calls])),
        )
        by_error_type = self._errors(rows, place, calls)
        self._sights.add(rows.server.codes, account, day, rows.kind)
        self._by_product.append(by_product if keep is None else by_product[keep])
        self._by_tool.append(by_tool)
        self._by_error_type.append(by_error_type)
        self.events += len(screened)
        return screened

    def _errors(self, rows: UsageColumns, place: Ints, calls: NDArray[np.intp]) -> Ints:
        outcome = rows.outcome[calls]
        failed = calls[(outcome == TOOL_ERROR) | (outcome == REQUEST_ERROR)]
        codes = self._names.error_codes(rows.error_type.codes[failed], rows.outcome[failed], rows.http_status[failed])
        return joined(place[failed], (packing.NAME, codes))

    def _day_codes(self, day: Ints) -> Ints:
        first, last = int(day.min()), int(day.max())
        if last - first + len(self._days) >= packing.DAYS:
            raise OverflowError("there are no more numbers for days")
        codes = [self._days.setdefault(each, len(self._days)) for each in range(first, last + 1)]
        return np.array(codes, np.int64)[day - first if last > first else 0]

    def reduce(self) -> Deltas:
        """The sums of everything gathered."""
        names, days = self._names, np.array(list(self._days), np.int64)
        of_products = Runs.of(self._by_product, days)
        by_product, durations = of_products.by_product()
        return Deltas(
            self.events,
            names.server.names,
            names.product.names,
            names.tool.names,
            names.error_type.names,
            of_products.by_server(),
            by_product,
            durations,
            Runs.of(self._by_tool, days).by_tool(),
            Runs.of(self._by_error_type, days).by_error_type(),
            self._sights.new_days(),
        )
