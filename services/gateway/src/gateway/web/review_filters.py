"""What the queue's page is asked for, in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from directory.submissions.v1 import review_service_pb2 as reviews
from directory.submissions.v1.review_service_pb2 import ListReviewItemsRequest
from werkzeug.datastructures import MultiDict

from gateway.web import forms, review_words, words

MINE: Final = "mine"
NOBODYS: Final = "nobody"
# What an item bears, as the request's field of the same name and in words.
MARKS: Final[Mapping[str, str]] = {
    "overdue": "Overdue",
    "replied": "Publisher wrote",
    "appealed": "Appealed",
    "proposed": "Rejection proposed",
    "with_publisher": "With the publisher",
}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The filters as the page shows them; whatever an address says that is none of the choices is left out."""

    kind: int = 0
    state: int = reviews.REVIEW_ITEM_STATE_OPEN
    whose: str = ""
    """Empty for everybody's, MINE, NOBODYS, or a person id."""
    mark: str = ""
    category: str = ""
    organization: str = ""
    order: int = reviews.REVIEW_ORDER_OLDEST
    search: str = ""

    @classmethod
    def of(cls, asked: MultiDict[str, str]) -> QueueFilter:
        """The filters of an address."""
        state = forms.known_number(asked.get("state"), review_words.REVIEW_ITEM_STATES)
        order = forms.known_number(asked.get("order"), review_words.REVIEW_ORDERS)
        mark, category = asked.get("mark", ""), asked.get("category", "")
        return cls(
            kind=forms.known_number(asked.get("kind"), review_words.REVIEW_ITEM_KINDS),
            state=state or reviews.REVIEW_ITEM_STATE_OPEN,
            whose=asked.get("whose", "")[:64],
            mark=mark if mark in MARKS else "",
            category=category if category in words.categories() else "",
            organization=asked.get("organization", "")[:64],
            order=order or reviews.REVIEW_ORDER_OLDEST,
            search=asked.get("search", "")[:200],
        )

    @property
    def is_open(self) -> bool:
        """Whether items are shown that still can be decided."""
        return self.state == reviews.REVIEW_ITEM_STATE_OPEN

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is not as the page begins."""
        return bool({name for name in self.query() if name != "order"})

    def query(self) -> dict[str, Any]:
        """The address's parameters, without those that say what goes without saying."""
        beginning = QueueFilter()
        names = ("kind", "state", "whose", "mark", "category", "organization", "order", "search")
        return {name: getattr(self, name) for name in names if getattr(self, name) != getattr(beginning, name)}

    def request(self, *, page_size: int, page_token: str) -> ListReviewItemsRequest:
        """What the service is asked for."""
        marks: dict[str, Any] = {self.mark: True} if self.mark else {}
        return ListReviewItemsRequest(
            kind=self.kind,  # type: ignore[arg-type]  # a number of the enum
            state=self.state,  # type: ignore[arg-type]
            order=self.order,  # type: ignore[arg-type]
            search=self.search,
            mine=self.whose == MINE,
            unclaimed=self.whose == NOBODYS,
            held_by="" if self.whose in (MINE, NOBODYS) else self.whose,
            category=self.category,
            organization_id=self.organization,
            page_size=page_size,
            page_token=page_token,
            **marks,
        )
