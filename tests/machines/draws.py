"""What the steps draw: people, words, and now and then a version that is old."""

from __future__ import annotations

from hypothesis import strategies as st

from .people import PEOPLE, PUBLISHERS, REVIEWERS
from .statement import DECISIONS, EVERY_TOOLS

TAGLINES = ("Tells the weather", "Shows the rain")

either = st.integers(0, 1)
comments = st.sampled_from(["because", "because", ""])
seldom = st.sampled_from([False] * 7 + [True])
decisions = st.sampled_from([*DECISIONS * 2, "uphold", "overturn", "overturn", "answer", "answer"])
offers = st.sampled_from(EVERY_TOOLS)
numbers = st.integers(0, 10_000)
# Those who may come up more often, so that walks get far.
publishers = st.sampled_from([*PUBLISHERS * 6, *PEOPLE])
reviewers = st.sampled_from([*REVIEWERS * 5, *PEOPLE])
leads = st.sampled_from(["lea"] * 8 + [*PEOPLE])
