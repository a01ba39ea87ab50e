"""Fills in the WebPs of icons that were stored before there was WebP, or by a server of the version before.

Any number of replicas may run: the worst is that two make the same picture.
"""

from chassis.errors import InvalidInput
from chassis.logs import get_logger
from chassis.process import Stop, repeat
from chassis.sql.database import Database

from listings.domain import icon_worker
from listings.store import icons

SECONDS_BETWEEN_ROUNDS = 60


class MissingWebps:
    """Goes through the icons without WebP, again and again: one that cannot be made holds up no other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = ""

    def run(self, stop: Stop) -> None:
        """A loop for `process.run`."""
        repeat(stop, self.fill_next, idle=SECONDS_BETWEEN_ROUNDS, waits="icons wait for their WebP")

    def fill_next(self) -> bool:
        """Fills in one icon's; False at the end of a round."""
        found = self._database.run_read(lambda connection: icons.next_without_webp(connection, after=self._last))
        if found is None:
            self._last = ""
            return False
        self._last, png = found
        try:
            images = icon_worker.decode_again(png)
        except InvalidInput as error:
            get_logger().error("icon stays without WebP", icon_id=self._last, reason=error.reason)
            return True
        self._database.run(lambda uow: icons.add_webps(uow, self._last, images))
        return True
