"""What views of the API give. Flask's own alias cannot be resolved where the document is made from them."""

from __future__ import annotations

from typing import Any, TypeAlias

from flask import Response

# A body, or a body with status, or with status and headers.
Answer: TypeAlias = Response | dict[str, Any] | tuple[Any, ...]
