"""When a request has arrived as a whole: found from its bytes, before a thread is taken for it."""

from __future__ import annotations

from typing import Any, Final

from gunicorn.http import RequestParser
from gunicorn.http.body import ChunkedReader, LengthReader

from gateway.bodies import MAX_BODY

_END_OF_HEAD: Final = b"\r\n\r\n"
_LARGEST_HEAD: Final = 64 * 1024  # a request line and a token of 8 KiB each, and room for what proxies add
_LARGEST_CHUNK_LINE: Final = 1024
# The words that make a head worth a look: all others have no body.
_TELLING: Final = (b"content-length", b"transfer-encoding", b"expect")


class WholeRequests:
    """Takes the bytes of a connection as they come and gives requests out one by one, each with all of its body.

    What can never be whole, since it breaks the rules of HTTP or is larger than any request may be, is given out as
    far as it came: the parser and the application have the words for it. `is_cut_short` then says that nothing behind
    it can be understood.
    """

    def __init__(self, cfg: Any, client: Any) -> None:
        self._cfg = cfg
        self._client = client
        self._bytes = bytearray()
        self.is_cut_short = False
        self._begin()

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        """Append what arrived."""
        self._bytes += data

    def take(self) -> bytes | None:
        """The next request, or None while it is not whole."""
        if not self._end and not self._find_head():
            return None
        if self._is_chunked and not self._find_last_chunk():
            return None
        if len(self._bytes) < self._end:
            return None
        request = bytes(self._bytes[: self._end])
        del self._bytes[: self._end]
        self._begin()
        return request

    def _begin(self) -> None:
        self._searched = 0
        self._end = 0  # of what is known of the request so far; 0 before its head is there
        self._is_chunked = False
        self.wants_continue = False

    def _find_head(self) -> bool:
        while self._searched == 0 and self._bytes.startswith(b"\r\n"):  # RFC 9112, section 2.2
            del self._bytes[:2]
        at = self._bytes.find(_END_OF_HEAD, max(0, self._searched - len(_END_OF_HEAD)))
        self._searched = len(self._bytes)
        if at < 0:
            return self._searched > _LARGEST_HEAD and self._cut_short()
        self._end = at + len(_END_OF_HEAD)
        head = bytes(self._bytes[: self._end])
        if any(word in head.lower() for word in _TELLING):
            self._read_head(head)
        return True

    def _read_head(self, head: bytes) -> None:
        try:
            request = next(RequestParser(self._cfg, [head], self._client))
        except Exception:  # the thread's parser finds the same, and answers
            self._cut_short()
            return
        body = request.body.reader
        if isinstance(body, LengthReader) and body.length > MAX_BODY:
            self._cut_short()
            return
        self._is_chunked = isinstance(body, ChunkedReader)
        self._end += body.length if isinstance(body, LengthReader) else 0
        self.wants_continue = ("EXPECT", "100-continue") in ((name, value.lower()) for name, value in request.headers)

    def _find_last_chunk(self) -> bool:
        """Moves the end behind each chunk that is known, and at last behind the trailers (RFC 9112, section 7.1)."""
        while self._end <= len(self._bytes):
            line_end = self._bytes.find(b"\r\n", self._end, self._end + _LARGEST_CHUNK_LINE)
            if line_end < 0:
                return len(self._bytes) > self._end + _LARGEST_CHUNK_LINE and self._cut_short()
            try:
                size = int(self._bytes[self._end : line_end].partition(b";")[0], 16)
            except ValueError:
                return self._cut_short()
            if size == 0:
                return self._find_end_of_trailers(line_end)
            if size < 0 or line_end + size > 2 * MAX_BODY:
                return self._cut_short()
            self._end = line_end + 2 + size + 2
        return False

    def _find_end_of_trailers(self, line_end: int) -> bool:
        at = self._bytes.find(_END_OF_HEAD, line_end)
        if at < 0:
            return len(self._bytes) > line_end + _LARGEST_HEAD and self._cut_short()
        self._end = at + len(_END_OF_HEAD)
        self._is_chunked = False
        return True

    def _cut_short(self) -> bool:
        self._end = len(self._bytes)
        self._is_chunked = False
        self.is_cut_short = True
        return True
