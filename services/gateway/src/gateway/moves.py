"""Moves that are taken by name, by whom; decisions, saves and deletions have requests of their own."""

from typing import Final, Literal, get_args

from directory.submissions.v1.submission_pb2 import Move

PublisherMove = Literal[
    "submit", "withdraw", "reopen", "publish", "deprecate", "undeprecate", "delist", "relist", "appeal"
]
LeadMove = Literal["revoke", "suspend", "reinstate"]

PUBLISHER_MOVES: Final = tuple(Move.Value(f"MOVE_{name.upper()}") for name in get_args(PublisherMove))
LEAD_MOVES: Final = tuple(Move.Value(f"MOVE_{name.upper()}") for name in get_args(LeadMove))
