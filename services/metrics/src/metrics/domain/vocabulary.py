"""Names as small numbers. Every batch brings its own dictionaries of mostly the same names: each is looked at once."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from metrics.domain.packing import NAMES
from metrics.domain.usage_columns import TOOL_ERROR, Names, UsageColumns

OTHER = "other"
LONGEST_LABEL = 64
NOTHING = 0

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def server_id_or_none(text: str) -> str | None:
    """The UUID in lower case, or None where it is none."""
    lowered = text.lower()
    return lowered if _UUID.fullmatch(lowered) else None


def label(text: str) -> str:
    """A name as it is stored: `other` where there is none, it is too long or holds control characters."""
    if not text or len(text) > LONGEST_LABEL or not text.isprintable():
        return OTHER
    return text


def _error_type(text: str) -> str | None:
    return label(text) if text else None


class Vocabulary(dict[str, int]):
    """Texts, as they come, to the number of the name that is stored for them; NOTHING where there is no such name."""

    def __init__(self, name_of: Callable[[str], str | None]) -> None:
        super().__init__()
        self.names = [""]
        self.name_of = name_of

    def __missing__(self, text: str) -> int:
        name = self.name_of(text)
        if name is None:
            code = NOTHING
        elif name != text:
            code = self[name]
        else:
            code = len(self.names)
            if code >= NAMES:
                raise OverflowError("there are no more numbers for names")
            self.names.append(name)
        if len(text) <= LONGEST_LABEL:  # longer ones are no names and may be any number: they would fill memory
            self[text] = code
        return code

    def coded(self, names: Names) -> Names:
        """The same texts by their numbers here."""
        numbers = np.fromiter(map(self.__getitem__, names.values), np.int32, len(names.values))
        return Names(numbers[names.codes] if len(numbers) else names.codes, self.names)


class Vocabularies:
    """Those of the four columns of names. They only grow, until they are told to forget."""

    def __init__(self) -> None:
        self.server = Vocabulary(server_id_or_none)
        self.product = Vocabulary(label)
        self.tool = Vocabulary(label)
        self.error_type = Vocabulary(_error_type)

    def forget(self, most: int) -> bool:
        """Makes those anew that know more than so many texts: numbers change their meaning. Whether servers' do."""
        for column in ("product", "tool", "error_type"):
            known: Vocabulary = getattr(self, column)
            if len(known) > most:
                setattr(self, column, Vocabulary(known.name_of))
        if len(self.server) <= most:
            return False
        self.server = Vocabulary(server_id_or_none)
        return True

    @property
    def largest(self) -> int:
        """How many texts the largest one knows."""
        return max(map(len, (self.server, self.product, self.tool, self.error_type)))

    def coded(self, columns: UsageColumns) -> UsageColumns:
        """The same events, their names by their numbers here."""
        return replace(
            columns,
            server=self.server.coded(columns.server),
            product=self.product.coded(columns.product),
            tool=self.tool.coded(columns.tool),
            error_type=self.error_type.coded(columns.error_type),
        )

    def error_codes(
        self, codes: NDArray[np.int32], outcome: NDArray[np.uint8], status: NDArray[np.uint16]
    ) -> NDArray[np.int32]:
        """Names errors that came without a type: `tool_error`, the HTTP status from 400, or `unknown`."""
        unnamed = codes == NOTHING
        if not unnamed.any():
            return codes
        statuses, which = np.unique(status, return_inverse=True)
        by_status = [self.error_type[str(each) if each >= 400 else "unknown"] for each in statuses.tolist()]
        found = np.where(outcome == TOOL_ERROR, self.error_type["tool_error"], np.array(by_status, np.int32)[which])
        return np.where(unnamed, found, codes)
