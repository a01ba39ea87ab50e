"""What `python -m submissions icons` printed: which icons its forms and review items name."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

LONGEST_AGE = timedelta(days=1)
FEWEST_DAYS = 7
"""For how many days an icon is left alone after its last use, at least: far longer than the answer may be old, so that
an icon that was named since is one that was used since."""


class NamedIcons(BaseModel):
    """Ids of icons, and a moment before they were read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_at: AwareDatetime
    icon_ids: Annotated[frozenset[str], Field(strict=False)]


def read(text: str, now: datetime) -> NamedIcons:
    """The printed text's content. Raises ValueError for another text, and for one that is older than a day."""
    try:
        named = NamedIcons.model_validate_json(text)
    except ValidationError as error:
        raise ValueError("This is not what `python -m submissions icons` prints.") from error
    if abs(named.read_at - now) > LONGEST_AGE:
        raise ValueError(f"It was printed at {named.read_at:%Y-%m-%d %H:%M %Z}: it may be a day old. Print it again.")
    return named
