"""A fault that is planted into the worker is found within a few rounds: the harness can fail."""

import re

import pytest

from . import __main__ as chaos
from .mutant_worker import MUTANTS
from .servers import Servers

# of connections that were refused while the broker was down; kafka-python leaves their sockets lying
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

# What breaks each, and the words that say so. Seeds from which they are found at once stand first.
FOUND_BY = {
    "no_fence": ("freeze", 300, "doubled"),
    "offset_before_write": ("kill", 400, "lost"),
    "offset_after_write": ("kill", 402, "doubled"),
    "reset_to_latest": ("kill", 400, "stuck"),
    "offsets_of_the_group": ("kill", 400, "stuck"),
    "unsorted_rollups": ("crossroads", 400, "deadlock"),
    "unsorted_accounts": ("crossroads", 400, "deadlock"),
    "windows_not_stored": ("kill", 400, "doubled"),
    "letters_apart": ("kill", 403, "doubled: letter"),
    "ledger_apart": ("kill", 404, "doubled: ledger"),
    "topic_by_name": ("make topic anew", 400, "stuck"),
    "no_flood_stop": ("hold", 410, "flood"),
    "first_sights_survive_a_fence": ("make topic anew", 401, "lost: account"),
    "keeps_what_it_was_fenced_for": ("freeze", 402, "doubled"),
}
MOST_ROUNDS = 10


@pytest.fixture(scope="module")
def servers():
    with Servers() as running:
        yield running


def test_every_mutant_is_looked_for():
    assert FOUND_BY.keys() == MUTANTS.keys()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("mutant", sorted(FOUND_BY))
def test_it_is_found(servers, mutant):
    kind, seed, word = FOUND_BY[mutant]
    rounds = range(seed, seed + MOST_ROUNDS)
    failed, _ = chaos.run(servers, rounds, (kind,), mutant=mutant, most_failures=1, patience=25)
    assert re.search(word, "".join(failed.values()))
